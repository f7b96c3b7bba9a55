// SPDX-License-Identifier: GPL-2.0
/*
 * A fork of the task called `culprit` keeps its CPU in the kernel, not preemptible, until the scheduler
 * is ejected, of which the dump is the first sign. At most for 30 s.
 */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

void bpf_preempt_disable(void) __ksym;
void bpf_preempt_enable(void) __ksym;

static const char culprit[] = "culprit";

static volatile bool ejected;

static bool over(const u64 *until)
{
	return ejected || bpf_ktime_get_ns() > *until;
}

static int look_at_clock(u32 index, u64 *until)
{
	return over(until);
}

static int spin(u32 index, u64 *until)
{
	bpf_loop(1 << 23, look_at_clock, until, 0);
	return over(until);
}

s32 BPF_STRUCT_OPS(locks_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	u64 until = bpf_ktime_get_ns() + 30000000000ULL;

	if (!args->fork || bpf_strncmp(p->comm, sizeof(culprit), culprit))
		return 0;
	bpf_preempt_disable();
	bpf_loop(1 << 23, spin, &until, 0);
	bpf_preempt_enable();
	return 0;
}

void BPF_STRUCT_OPS(locks_dump, struct scx_dump_ctx *context)
{
	ejected = true;
}

void BPF_STRUCT_OPS(locks_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(locks_ops,
	       .init_task = (void *)locks_init_task,
	       .dump = (void *)locks_dump,
	       .exit = (void *)locks_exit,
	       .name = "locks_up");
