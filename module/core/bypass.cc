// SPDX-License-Identifier: GPL-2.0
#include "core/bypass.hpp"

#include "core/enqueue.hpp"
#include "core/events.hpp"
#include "core/requeue.hpp"
#include "core/scheduler_state.hpp"

namespace scx::bypass {

namespace {

// Under the bypass lock.
s32 depth;
u64 entered_at; // ns

void set_on(struct rq& rq, bool on)
{
	RqGuard guard{rq};

	CXXRT_ASSERT(on != rq_bypassing(rq));
	rq.scx.flags ^= SCX_RQ_BYPASSING;

	// Without tasks in the class there is nothing to requeue: whoever enables one sees the
	// flag.
	if (!scheduler.enabled())
		return;

	// Backwards, because requeued tasks go to the end.
	for (task_struct& p : RunnableList{rq.scx.runnable_list}.reversed_removable())
		requeue(guard, p, DEQUEUE_SAVE | DEQUEUE_MOVE);

	// The tick and the idle state depend on the mode.
	s32 const cpu = cpu_of(rq);

	if (cpu_online(cpu) || cpu == this_cpu())
		resched_curr(&rq);
}

void change(s32 by)
{
	unsigned long flags;

	kshim_bypass_lock(&flags);
	bool const was_on = depth > 0;

	depth += by;
	CXXRT_ASSERT(depth >= 0);

	bool const is_on = depth > 0;

	if (is_on && !was_on) {
		entered_at = ktime_get_mono_fast_ns();
		count_event<&scx_event_stats::SCX_EV_BYPASS_ACTIVATE>();
	} else if (was_on && !is_on) {
		count_event<&scx_event_stats::SCX_EV_BYPASS_DURATION>(
			static_cast<s64>(ktime_get_mono_fast_ns() - entered_at));
	}
	if (is_on != was_on)
		for (s32 cpu = 0; cpu < static_cast<s32>(nr_cpus()); ++cpu)
			if (cpu_possible(cpu))
				set_on(cpu_rq(cpu), is_on);
	kshim_bypass_unlock(flags);
}

} // namespace

void enter()
{
	change(1);
}

void leave()
{
	change(-1);
}

} // namespace scx::bypass

void scx_entry_suspend(bool suspending)
{
	if (suspending)
		scx::bypass::enter();
	else
		scx::bypass::leave();
}
