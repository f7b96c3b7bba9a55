// SPDX-License-Identifier: GPL-2.0
/* Every task in one queue, whatever CPUs it may use: whoever wants one has to search. */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

enum { THE_QUEUE = 1 };

s32 BPF_STRUCT_OPS_SLEEPABLE(one_init)
{
	return scx_bpf_create_dsq(THE_QUEUE, -1);
}

s32 BPF_STRUCT_OPS(one_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(one_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dispatch(p, THE_QUEUE, SCX_SLICE_DFL, enq_flags);
	scx_bpf_kick_cpu(scx_bpf_task_cpu(p), SCX_KICK_IDLE);
}

void BPF_STRUCT_OPS(one_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_consume(THE_QUEUE);
}

void BPF_STRUCT_OPS(one_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(one_ops,
	       .init = (void *)one_init,
	       .select_cpu = (void *)one_select_cpu,
	       .enqueue = (void *)one_enqueue,
	       .dispatch = (void *)one_dispatch,
	       .exit = (void *)one_exit,
	       .timeout_ms = 30000,
	       .name = "one_queue");
