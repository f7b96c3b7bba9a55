// SPDX-License-Identifier: GPL-2.0
// Core scheduling: SMT siblings run only tasks that trust one another, and the kernel asks which
// of two tasks comes first.
//
// Without ops.core_sched_before() the order is by scx.core_sched_at, the time at which a task
// began to wait: it became runnable, or used up its slice. With it, the same field orders the
// tasks of each local queue, so it is the time of dispatch.
#pragma once

#include "core/locks.hpp"
#include "core/ops_table.hpp"

namespace scx::core_sched {

#ifdef SCX_HAS_sched_ext_entity__core_sched_at

// `p` goes to the end of the order. Cheap while no task of the machine has a cookie.
inline void touch(struct rq& rq, task_struct& p)
{
	if (unlikely(kshim_core_scheduling_used()))
		p.scx.core_sched_at = sched_clock_cpu(cpu_of(rq));
}

inline void touch_on_dispatch(struct rq& rq, task_struct& p)
{
	if (unlikely(ops.has<&sched_ext_ops::core_sched_before>()))
		touch(rq, p);
}

#else

inline void touch(struct rq&, task_struct&)
{}
inline void touch_on_dispatch(struct rq&, task_struct&)
{}

#endif

} // namespace scx::core_sched
