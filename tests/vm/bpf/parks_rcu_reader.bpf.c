// SPDX-License-Identifier: GPL-2.0
/*
 * Forgets a task that was preempted inside an RCU read section: no grace period ends any more. If
 * something else brings that task back, it forgets the next one.
 */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

/* Its pid, or 0. */
static s32 parked;

s32 BPF_STRUCT_OPS(parks_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(parks_enqueue, struct task_struct *p, u64 enq_flags)
{
	__sync_val_compare_and_swap(&parked, p->pid, 0);
	if (p->rcu_read_unlock_special.b.blocked && !__sync_val_compare_and_swap(&parked, 0, p->pid))
		return;
	scx_bpf_dispatch(p, SCX_DSQ_LOCAL, 1000000, enq_flags);
}

void BPF_STRUCT_OPS(parks_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(parks_ops,
	       .select_cpu = (void *)parks_select_cpu,
	       .enqueue = (void *)parks_enqueue,
	       .exit = (void *)parks_exit,
	       .timeout_ms = 30000,
	       .name = "parks_rcu_reader");
