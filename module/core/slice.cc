// SPDX-License-Identifier: GPL-2.0
#include "core/slice.hpp"

#include "core/bypass.hpp"
#include "core/core_sched.hpp"
#include "core/events.hpp"

namespace scx {

void give_default_slice(task_struct& p)
{
	p.scx.slice = SCX_SLICE_DFL;
	count_event<&scx_event_stats::SCX_EV_REFILL_SLICE_DFL>();
}

void refill_slice(struct rq& rq, task_struct& p)
{
	core_sched::touch(rq, p);
	give_default_slice(p);
}

void charge_current(RqHeld const& held)
{
	struct rq& rq = held.lock();
	task_struct& curr = *rq.curr;
	s64 const ran = update_curr_common(&rq);

	if (unlikely(ran <= 0))
		return;

	u64 const slice = curr.scx.slice;

	curr.scx.slice = slice_after(slice, static_cast<u64>(ran));
	if (slice && !curr.scx.slice)
		core_sched::touch(rq, curr);
}

} // namespace scx

void scx_entry_update_curr(struct rq* rq)
{
	scx::charge_current(scx::RqHeld::assumed(*rq));
}

// Every tick of a CPU that runs a task of this class; interrupts off, `rq` locked.
void scx_entry_task_tick(struct rq* rq, task_struct* curr, int)
{
	using namespace scx;

	charge_current(RqHeld::assumed(*rq));

	if (rq_bypassing(*rq)) {
		// The scheduler's slices cannot be trusted: round robin by tick.
		curr->scx.slice = 0;
		core_sched::touch(*rq, *curr);
		bypass::wake_helper(*rq);
	} else if (auto* op = ops.get<&sched_ext_ops::tick>()) {
		call_for_task(SCX_KF_REST, op, *curr);
	}

	if (!curr->scx.slice)
		resched_curr(rq);
}

// NO_HZ_FULL: the tick has to go on. A CPU may be given tasks out of any queue, so their number
// says nothing; only a task with an infinite slice may run undisturbed.
bool scx_entry_keep_tick(struct rq* rq)
{
	using namespace scx;

	if (rq_bypassing(*rq))
		return true;
	return is_ext(*rq->curr) && !(rq->scx.flags & SCX_RQ_CAN_STOP_TICK);
}
