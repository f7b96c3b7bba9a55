// SPDX-License-Identifier: GPL-2.0
/*
 * Core scheduling by an order of its own: of two tasks that may not share a core, one called `early`
 * comes before one called `late` whenever both could run. All others come before both, also on their
 * own CPU, or they would wait there behind one that never gets its turn: a task that has to leave with
 * something left of its slice is the first of its CPU again.
 */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

static u32 rank(const struct task_struct *p)
{
	static const char early[] = "early";
	static const char late[] = "late";

	if (!bpf_strncmp(p->comm, sizeof(early), early))
		return 1;
	return bpf_strncmp(p->comm, sizeof(late), late) ? 0 : 2;
}

s32 BPF_STRUCT_OPS(order_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(order_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dispatch(p, SCX_DSQ_LOCAL, rank(p) == 2 ? 1 : SCX_SLICE_DFL,
			 enq_flags | (rank(p) ? 0 : SCX_ENQ_HEAD));
}

bool BPF_STRUCT_OPS(order_core_sched_before, struct task_struct *a, struct task_struct *b)
{
	return rank(a) < rank(b);
}

void BPF_STRUCT_OPS(order_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(order_ops,
	       .select_cpu = (void *)order_select_cpu,
	       .enqueue = (void *)order_enqueue,
	       .core_sched_before = (void *)order_core_sched_before,
	       .exit = (void *)order_exit,
	       .timeout_ms = 30000,
	       .name = "own_order");
