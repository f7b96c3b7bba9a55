// SPDX-License-Identifier: GPL-2.0
#include "core/server.hpp"

#include "core/dispatch.hpp"

namespace scx::server {

namespace {

constexpr u64 kMostAtOnce = 10'000'000; // ns: a tick of the lowest HZ

bool starves(struct rq const& rq)
{
	return rq.scx.nr_running && class_above(rq.curr->sched_class, &ext_sched_class);
}

// The last tick, or when the server began to run the class, if that was later: clock_task.
// This field of the kernel's is used for nothing else.
unsigned long& charged_until(struct rq& rq)
{
	return rq.scx.pnt_seq;
}

} // namespace

void look(RqHeld const& held)
{
	struct rq& rq = held.lock();
	bool const active = kshim_server_active(&rq);

	// The time since the last tick; without a scheduler there was none, and a charge of minutes
	// would put the server off for hours.
	if (active && is_ext(*rq.curr))
		kshim_server_charge(&rq, static_cast<s64>(cxxrt::min(
						 rq.clock_task - charged_until(rq), kMostAtOnce)));
	charged_until(rq) = rq.clock_task;
	if (!active && unlikely(starves(rq)))
		kshim_server_start(&rq);
}

void feed(RqHeld const& held)
{
	struct rq& rq = held.lock();

	rq.scx.flags &= ~kRqUnfed;
	// A wait for other CPUs begins in a real balance only.
	if (!starves(rq) || (rq.scx.flags & kRqMustWait))
		return;
	update_rq_clock(&rq);
	if (balance(held, *rq.curr) && starves(rq) && !kshim_server_active(&rq))
		kshim_server_start(&rq);
}

} // namespace scx::server

// The server's turn: a task to run on its account, or null, which stops it. The runqueue is locked.
task_struct* scx_entry_server_pick(struct rq* rq)
{
	using namespace scx;

	if (!rq->scx.nr_running)
		return nullptr;

	task_struct* const p = scx_entry_pick_task(rq);

	if (!p) {
		rq->scx.flags |= kRqUnfed;
		irq_work_queue(&rq->scx.deferred_irq_work);
	} else if (!is_ext(*rq->curr)) {
		server::charged_until(*rq) = rq->clock_task;
	}
	return p;
}
