// SPDX-License-Identifier: GPL-2.0
/*
 * One queue for all CPUs, first come, first served; a task that finds an idle CPU goes straight
 * there. A place to start from: /usr/share/doc/sched-ext-dev/guide.md says what else there is.
 */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

enum { QUEUE = 0 };

/* Tasks that had to wait; the user half shows it. */
u64 queued;

s32 BPF_STRUCT_OPS(mine_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &idle);

	if (idle)
		scx_bpf_dispatch(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(mine_enqueue, struct task_struct *p, u64 enq_flags)
{
	__sync_fetch_and_add(&queued, 1);
	scx_bpf_dispatch(p, QUEUE, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(mine_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_consume(QUEUE);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(mine_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

void BPF_STRUCT_OPS(mine_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(mine_ops,
	       .select_cpu = (void *)mine_select_cpu,
	       .enqueue = (void *)mine_enqueue,
	       .dispatch = (void *)mine_dispatch,
	       .init = (void *)mine_init,
	       .exit = (void *)mine_exit,
	       .name = "mine");
