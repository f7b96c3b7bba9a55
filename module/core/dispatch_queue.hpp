// SPDX-License-Identifier: GPL-2.0
// Dispatch queues: where tasks wait, first in first out or by virtual time.
//
// A queue is a list in dispatch order. Tasks ordered by virtual time are also kept in a
// red-black tree, which finds the place in the list in O(log n). Iterators of BPF programs leave
// their place in the list as a cursor, a node that is no task.
//
// Invariants, under the queue's lock (a local queue: its runqueue's):
//  - nr is the number of tasks, cursors not counted; it may be read without the lock.
//  - tasks that are not in the tree stand before those that are. Both orders in one queue are a
//    misuse to today's schedulers, and a feature to those of 2023.
//  - list order is tree order; tasks of equal virtual time keep the order of insertion.
//  - scx.dsq of each task in the list names this queue, but while a remote CPU takes the task
//    over, marked by scx.holding_cpu (see transfer.hpp).
//  - seq grows with each insertion and brands the task, so that an iterator can tell which tasks
//    came after it.
// Local and global queues are always first in first out.
#pragma once

#include "core/locks.hpp"

namespace scx {

namespace dispatch_queue {

// Virtual time wraps: half of the number range lies before a value, half after it.
[[nodiscard]] inline bool vtime_before(task_struct const& a, task_struct const& b)
{
	return before(a.scx.dsq_vtime, b.scx.dsq_vtime);
}

// Why an insertion was not done as it was asked for.
enum class [[nodiscard]] Misuse{
	none,
	vtime_on_builtin, // inserted first in first out instead
	vtime_on_fifo,    // inserted by virtual time, behind the FIFO tasks
	fifo_on_vtime,    // inserted before the tasks ordered by virtual time
};

// Zeroes the queue; lock and list are ready afterwards.
void init(scx_dispatch_q& dsq, u64 id);

[[nodiscard]] inline bool is_local(scx_dispatch_q const& dsq)
{
	return dsq.id == SCX_DSQ_LOCAL;
}

// Adds a task that is on no queue. SCX_ENQ_DSQ_PRIQ orders by scx.dsq_vtime, SCX_ENQ_HEAD and
// SCX_ENQ_PREEMPT put it first, else it goes last. The lock that protects the queue is held.
Misuse insert(scx_dispatch_q& dsq, task_struct& p, u64 enq_flags);

// Takes a task off; scx.dsq keeps its value. The same lock.
void unlink(scx_dispatch_q& dsq, task_struct& p);

// The neighbour of `from` in dispatch order (null: the first), skipping cursors; null at the end.
// The same lock.
[[nodiscard]] task_struct* next(scx_dispatch_q& dsq, list_head* from);
[[nodiscard]] task_struct* previous(scx_dispatch_q& dsq, list_head* from);

// Tasks in the queue; any context, may be out of date at once without the lock.
[[nodiscard]] inline u32 count(scx_dispatch_q const& dsq)
{
	return read_once(dsq.nr);
}

} // namespace dispatch_queue

} // namespace scx
