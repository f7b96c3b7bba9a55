// SPDX-License-Identifier: GPL-2.0
// Taking a task off its class and putting it back, as every change of a scheduling property does.
#pragma once

#include "core/locks.hpp"

namespace scx {

// The task is dequeued, put if it runs, `change` runs, and all is undone in reverse. The proof is
// of its runqueue.
template <typename Change>
void requeue_around(struct rq&, task_struct& p, u32 flags, Change&& change)
{
	sched_enq_and_set_ctx context;

	sched_deq_and_put_task(&p, static_cast<int>(flags), &context);
	change();
	sched_enq_and_set_task(&context);
}

// Cycles the task, so that it is queued by the rules that hold now.
inline void requeue(RqHeld const& rq, task_struct& p, u32 flags)
{
	requeue_around(rq.lock(), p, flags, [] {});
}

} // namespace scx
