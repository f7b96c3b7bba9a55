// SPDX-License-Identifier: GPL-2.0
/* A CPU that runs a task called `fast` is to be as fast as it can, any other as slow. */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

static void set_speed(struct task_struct *p)
{
	static const char fast[] = "fast";

	scx_bpf_cpuperf_set(scx_bpf_task_cpu(p),
			    bpf_strncmp(p->comm, sizeof(fast), fast) ? 0 : SCX_CPUPERF_ONE);
}

s32 BPF_STRUCT_OPS(speed_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(speed_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dispatch(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(speed_running, struct task_struct *p)
{
	set_speed(p);
}

void BPF_STRUCT_OPS(speed_tick, struct task_struct *p)
{
	set_speed(p);
}

void BPF_STRUCT_OPS(speed_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(speed_ops,
	       .select_cpu = (void *)speed_select_cpu,
	       .enqueue = (void *)speed_enqueue,
	       .running = (void *)speed_running,
	       .tick = (void *)speed_tick,
	       .exit = (void *)speed_exit,
	       .timeout_ms = 10000,
	       .name = "sets_frequency");
