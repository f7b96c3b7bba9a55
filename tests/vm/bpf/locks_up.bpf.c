// SPDX-License-Identifier: GPL-2.0
/* A fork of the task called `culprit` keeps its CPU in the kernel, not preemptible, for 9.5 s. */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

void bpf_preempt_disable(void) __ksym;
void bpf_preempt_enable(void) __ksym;

static const char culprit[] = "culprit";

static int look_at_clock(u32 index, u64 *until)
{
	return bpf_ktime_get_ns() > *until;
}

static int spin(u32 index, u64 *until)
{
	bpf_loop(1 << 23, look_at_clock, until, 0);
	return bpf_ktime_get_ns() > *until;
}

s32 BPF_STRUCT_OPS(locks_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	u64 until = bpf_ktime_get_ns() + 9500000000ULL;

	if (!args->fork || bpf_strncmp(p->comm, sizeof(culprit), culprit))
		return 0;
	bpf_preempt_disable();
	bpf_loop(1 << 23, spin, &until, 0);
	bpf_preempt_enable();
	return 0;
}

void BPF_STRUCT_OPS(locks_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(locks_ops,
	       .init_task = (void *)locks_init_task,
	       .exit = (void *)locks_exit,
	       .name = "locks_up");
