// SPDX-License-Identifier: GPL-2.0
/*
 * What may run on several CPUs wakes up on CPU 0, which moves it to CPU 1, with SCX_ENQ_PREEMPT, which is bit 32 of the
 * flags. Tasks of one CPU get a slice without an end: only a preemption takes them off.
 */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

enum { MOVING = 1 };

s32 BPF_STRUCT_OPS_SLEEPABLE(remote_init)
{
	return scx_bpf_create_dsq(MOVING, -1);
}

s32 BPF_STRUCT_OPS(remote_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return p->nr_cpus_allowed == 1 ? prev_cpu : 0;
}

void BPF_STRUCT_OPS(remote_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (p->nr_cpus_allowed == 1) {
		scx_bpf_dispatch(p, SCX_DSQ_LOCAL, SCX_SLICE_INF, enq_flags);
		return;
	}
	scx_bpf_dispatch(p, MOVING, SCX_SLICE_DFL, enq_flags);
	scx_bpf_kick_cpu(0, SCX_KICK_IDLE);
}

void BPF_STRUCT_OPS(remote_dispatch, s32 cpu, struct task_struct *prev)
{
	struct task_struct *p;

	if (cpu != 0)
		return;
	bpf_for_each(scx_dsq, p, MOVING, 0)
		scx_bpf_dispatch_from_dsq((&___it), p, SCX_DSQ_LOCAL_ON | 1,
					  SCX_ENQ_PREEMPT);
}

void BPF_STRUCT_OPS(remote_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(remote_ops,
	       .init = (void *)remote_init,
	       .select_cpu = (void *)remote_select_cpu,
	       .enqueue = (void *)remote_enqueue,
	       .dispatch = (void *)remote_dispatch,
	       .exit = (void *)remote_exit,
	       .flags = SCX_OPS_SWITCH_PARTIAL | SCX_OPS_ENQ_EXITING,
	       .timeout_ms = 5000,
	       .name = "preempt_remote");
