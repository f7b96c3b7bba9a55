/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tasks whose turn is too long in coming. An order by weight may let a light task wait for minutes, and
 * the kernel ejects a scheduler that lets anybody wait for 30 s. So every few seconds one dispatch
 * looks through the queues; who has waited there since before the last look goes to a queue of its own,
 * which is served first.
 *
 * A scheduler creates OVERDUE_QUEUE, calls overdue_tick() from ops.tick(), where any CPU with a task
 * will do, and in ops.dispatch() overdue_look(), if overdue_look_begins(), and overdue_take().
 *
 * Bound: a wait ends after twice OVERDUE_PERIOD, and the turns of all others that are overdue. A look
 * takes a step for each task that waits.
 */
#ifndef SCX_OVERDUE_BPF_H
#define SCX_OVERDUE_BPF_H

#include <scx/common.bpf.h>
#include <scx/vtime.bpf.h>

#define OVERDUE_PERIOD 4000000000ULL /* ns */

/* Far from a scheduler's own in its low bits, too, by which the module finds queues quickly. */
enum { OVERDUE_QUEUE = (1 << 30) + 63 };

/* In jiffies, by which the kernel says since when a task waits. */
static u64 overdue_last_look;
/* Who waits since before that is overdue. */
static u64 overdue_before;
/* ns, of the last look. */
static u64 overdue_looked_at;
static u32 overdue_look_is_due;
/* Somebody may be in the queue. */
static u32 overdue_waits;

static __always_inline void overdue_tick(void)
{
	u64 now = bpf_ktime_get_ns(), last = overdue_looked_at;

	/* Of two CPUs one: the second would begin where the first does, and find that all are overdue. */
	if (now - last < OVERDUE_PERIOD ||
	    __sync_val_compare_and_swap(&overdue_looked_at, last, now) != last)
		return;
	overdue_before = overdue_last_look;
	overdue_last_look = bpf_jiffies64();
	overdue_look_is_due = 1;
}

/* Whether the caller is to look through all queues, now. */
static __always_inline bool overdue_look_begins(void)
{
	return overdue_look_is_due && __sync_lock_test_and_set(&overdue_look_is_due, 0);
}

static void overdue_look(u64 queue)
{
	struct task_struct *p;

	bpf_for_each(scx_dsq, p, queue, 0) {
		if (vtime_before(p->scx.runnable_at, overdue_before) &&
		    scx_bpf_dsq_move(BPF_FOR_EACH_ITER, p, OVERDUE_QUEUE, 0))
			overdue_waits = 1;
	}
}

/* Whether this CPU got one. */
static __always_inline bool overdue_take(void)
{
	if (!overdue_waits)
		return false;
	if (scx_bpf_dsq_move_to_local(OVERDUE_QUEUE))
		return true;
	/* There may be some for other CPUs. Who puts one in tells after that, so nobody is forgotten. */
	__sync_lock_test_and_set(&overdue_waits, 0);
	if (scx_bpf_dsq_nr_queued(OVERDUE_QUEUE) > 0)
		overdue_waits = 1;
	return false;
}

#endif
