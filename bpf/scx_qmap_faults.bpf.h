/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What scx_qmap does wrong when asked to, so that the kernel has something to
 * catch: an error of its own, tasks that are lost, and dispatches of nothing.
 * Part of scx_qmap.bpf.c.
 */
#ifndef SCX_QMAP_FAULTS_BPF_H
#define SCX_QMAP_FAULTS_BPF_H

/* Set by the user half before loading; 0: never. */
const volatile u32 error_after;
const volatile u32 stall_user_nth;
const volatile u32 stall_kernel_nth;
const volatile u64 bad_dispatch_after;

/* Whether it is this task's turn to be lost, so that the watchdog has something to find. */
static bool is_to_stall(const struct task_struct *p)
{
	static u32 seen_user, seen_kernel;
	u32 nth = p->flags & PF_KTHREAD ? stall_kernel_nth : stall_user_nth;
	u32 *seen = p->flags & PF_KTHREAD ? &seen_kernel : &seen_user;

	return nth && (__sync_fetch_and_add(seen, 1) + 1) % nth == 0;
}

static bool is_time_for_error(void)
{
	static u32 seen;

	return error_after && __sync_fetch_and_add(&seen, 1) + 1 == error_after;
}

/* In its time dispatches a task that does not wait, over and over, and never one that does. */
static bool dispatch_badly(void)
{
	static u64 asked;
	const s32 kthreadd = 2;
	struct task_struct *p;

	if (!bad_dispatch_after || __sync_fetch_and_add(&asked, 1) < bad_dispatch_after)
		return false;
	p = bpf_task_from_pid(kthreadd);
	if (!p)
		return false;
	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, slice_ns, 0);
	bpf_task_release(p);
	return true;
}

#endif
