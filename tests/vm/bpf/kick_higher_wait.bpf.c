// SPDX-License-Identifier: GPL-2.0
/* CPU 0 kicks CPU 1 at every tick, and waits for it, whatever runs there. */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

s32 BPF_STRUCT_OPS(higher_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(higher_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dispatch(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(higher_tick, struct task_struct *p)
{
	if (bpf_get_smp_processor_id() == 0)
		scx_bpf_kick_cpu(1, SCX_KICK_PREEMPT | SCX_KICK_WAIT);
}

void BPF_STRUCT_OPS(higher_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(higher_ops,
	       .select_cpu = (void *)higher_select_cpu,
	       .enqueue = (void *)higher_enqueue,
	       .tick = (void *)higher_tick,
	       .exit = (void *)higher_exit,
	       .flags = SCX_OPS_SWITCH_PARTIAL,
	       .name = "kick_higher_wait");
