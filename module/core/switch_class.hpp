// SPDX-License-Identifier: GPL-2.0
// Moving a task into this class or out of it, as loading and unloading do with every task.
#pragma once

#include "core/requeue.hpp"

namespace scx {

// The class a task belongs to by its policy and priority, and by whether a scheduler is loaded.
[[nodiscard]] inline sched_class const* class_for(task_struct const& p)
{
	// The stopper's policy says FIFO.
	return p.sched_class == &stop_sched_class
		       ? p.sched_class
		       : __setscheduler_class(static_cast<int>(p.policy), p.prio);
}

// In the kernel's order: dequeued and put, `change`, the new class, switching_to, enqueued and
// set, switched_from and switched_to. The runqueue of `p` is locked.
template <typename Change>
void switch_class(task_struct& p, Change&& change)
{
	struct rq& rq = task_rq(p);
	sched_class const* const from = p.sched_class;
	sched_class const* const to = class_for(p);

	// Asleep, and the fair class put its dequeue off: it must not take that along.
	if (from != to && p.se.sched_delayed)
		dequeue_task(&rq, &p, static_cast<int>(DEQUEUE_SLEEP | DEQUEUE_DELAYED));

	requeue_around(rq, p, DEQUEUE_SAVE | DEQUEUE_MOVE, [&] {
		change();
		p.sched_class = to;
		check_class_changing(&rq, &p, from);
	});
	check_class_changed(&rq, &p, from, p.prio);
}

} // namespace scx
