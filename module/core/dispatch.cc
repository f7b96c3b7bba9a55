// SPDX-License-Identifier: GPL-2.0
#include "core/dispatch.hpp"

#include "core/core_sched.hpp"
#include "core/direct_dispatch.hpp"
#include "core/events.hpp"
#include "core/exit_control.hpp"
#include "core/ops_table.hpp"
#include "core/ownership.hpp"
#include "core/server.hpp"
#include "core/transfer.hpp"

namespace scx {

constinit DispatchBuffers dispatch_buffers;

Result<void> DispatchBuffers::create(u32 capacity)
{
	CXXRT_ASSERT(!percpu_);
	percpu_ = kshim_alloc_percpu(sizeof(DispatchBuffer) + capacity * sizeof(Verdict),
				     alignof(DispatchBuffer));
	if (!percpu_)
		return cxxrt::fail(cxxrt::kEnomem);
	capacity_ = capacity;
	return cxxrt::ok();
}

void DispatchBuffers::destroy()
{
	kshim_free_percpu(percpu_);
	percpu_ = nullptr;
	capacity_ = 0;
}

namespace {

// Scheduler errors, unless its API has a meaning for them.
[[gnu::noinline, gnu::cold]] void report(dispatch_queue::Misuse misuse, u64 dsq_id, task_struct& p)
{
	bool const mixed = misuse != dispatch_queue::Misuse::vtime_on_builtin;

	if (mixed && ops.dialect().free_queues)
		return;
	switch (misuse) {
	case dispatch_queue::Misuse::none:
		break;
	case dispatch_queue::Misuse::vtime_on_builtin:
		error("dispatch of %s[%d] by vtime to queue 0x%llx: local and global queues are "
		      "always FIFO",
		      p.comm, p.pid, dsq_id);
		break;
	case dispatch_queue::Misuse::vtime_on_fifo:
		error("dispatch of %s[%d] by vtime to queue 0x%llx, which holds FIFO tasks", p.comm,
		      p.pid, dsq_id);
		break;
	case dispatch_queue::Misuse::fifo_on_vtime:
		error("FIFO dispatch of %s[%d] to queue 0x%llx, which holds tasks ordered by vtime",
		      p.comm, p.pid, dsq_id);
		break;
	}
}

void report_misuse(dispatch_queue::Misuse misuse, u64 dsq_id, task_struct& p)
{
	if (unlikely(misuse != dispatch_queue::Misuse::none))
		report(misuse, dsq_id, p);
}

void enqueue_to_shared(scx_dispatch_q& dsq, task_struct& p, u64 enq_flags)
{
	DsqGuard guard{dsq};

	if (unlikely(dsq.id == SCX_DSQ_INVALID)) {
		guard.release();
		error("dispatch of %s[%d] to a queue that has been destroyed", p.comm, p.pid);
		return enqueue_to_shared(global_queues.of(p), p, enq_flags & ~SCX_ENQ_DSQ_PRIQ);
	}

	auto const misuse = dispatch_queue::insert(dsq, p, enq_flags);

	if (enq_flags & SCX_ENQ_CLEAR_OPSS)
		Ownership{p}.release();
	report_misuse(misuse, dsq.id, p);
}

} // namespace

void enqueue_to(scx_dispatch_q& dsq, task_struct& p, u64 enq_flags)
{
	if (!dispatch_queue::is_local(dsq))
		return enqueue_to_shared(dsq, p, enq_flags);

	report_misuse(dispatch_queue::insert(dsq, p, enq_flags), dsq.id, p);
	if (enq_flags & SCX_ENQ_CLEAR_OPSS)
		Ownership{p}.release();
	after_local_insert(rq_of_local(dsq), p, enq_flags);
}

void after_local_insert(struct rq& rq, task_struct& p, u64 enq_flags)
{
	// In balance the CPU is between two tasks and looks at its local queue next.
	if (rq.scx.flags & SCX_RQ_IN_BALANCE)
		return;

	task_struct& curr = *rq.curr;
	bool const preempt = (enq_flags & SCX_ENQ_PREEMPT) && &curr != &p && is_ext(curr);

	if (preempt)
		curr.scx.slice = 0;
	if (preempt || class_above(&ext_sched_class, curr.sched_class))
		resched_curr(&rq);
}

void remove_from_queue(RqHeld const& rq, task_struct& p)
{
	scx_dispatch_q* dsq = p.scx.dsq;

	if (!dsq) {
		// On the way to a remote local queue, directly dispatched: still on the list of
		// deferred dispatches, or already in the taker's hands.
		if (unlikely(list::is_linked(p.scx.dsq_list.node)))
			list::remove_init(p.scx.dsq_list.node);
		write_once(p.scx.holding_cpu, -1);
		return;
	}

	if (dsq == &rq.lock().scx.local_dsq) {
		dispatch_queue::unlink(*dsq, p);
		p.scx.dsq = nullptr;
		return;
	}

	DsqGuard guard{*dsq};

	// With the queue locked holding_cpu is stable: a taker sets it under the same lock.
	if (read_once(p.scx.holding_cpu) < 0)
		dispatch_queue::unlink(*dsq, p);
	else
		write_once(p.scx.holding_cpu, -1);
	p.scx.dsq = nullptr;
}

void dispatch_to_local(RqHeld const& rq, scx_dispatch_q& dsq, task_struct& p, u64 enq_flags)
{
	// The caller's exclusive ownership keeps the task where it is.
	struct rq& from = task_rq(p);
	struct rq& to = rq_of_local(dsq);

	if (&from == &rq.lock() && &to == &from)
		return enqueue_to(dsq, p, enq_flags | SCX_ENQ_CLEAR_OPSS);

	if (&from != &to && unlikely(!can_move_to(p, to, "dispatch to SCX_DSQ_LOCAL[_ON]")))
		return enqueue_to(global_queues.of(p), p,
				  (enq_flags & ~SCX_ENQ_DSQ_PRIQ) | SCX_ENQ_CLEAR_OPSS);

	// A dequeue may hold the lock of `from` and wait for us: give up exclusive ownership in
	// favour of holding_cpu, which a dequeue can overrule, before asking for that lock.
	s32 const here = this_cpu();

	write_once(p.scx.holding_cpu, here);
	Ownership{p}.release();

	RqLockSwitch locked{rq};

	locked.to(from);
	if (unlikely(read_once(p.scx.holding_cpu) != here || !CXXRT_ASSERT(&from == &task_rq(p))))
		return;

	if (&from == &to) {
		write_once(p.scx.holding_cpu, -1);
		enqueue_to(dsq, p, enq_flags);
	} else {
		move_to_remote_local(p, enq_flags, from, to);
		locked.exchanged(to);
	}
	if (class_above(p.sched_class, to.curr->sched_class))
		resched_curr(&to);
}

namespace {

void carry_out(RqHeld const& rq, Verdict const& verdict)
{
	task_struct& p = *verdict.task;

	core_sched::touch_on_dispatch(rq.lock(), p);

	// Dispatched already, dequeued, or queued anew since: not ours any longer.
	if (!Ownership{p}.claim(verdict.brand)) {
		count_event<&scx_event_stats::SCX_EV_INSERT_NOT_OWNED>();
		return;
	}
	CXXRT_BUG_ON(!task_queued(p));

	scx_dispatch_q& dsq = queue_for_dispatch(rq.lock(), verdict.dsq_id, p);

	if (dispatch_queue::is_local(dsq))
		dispatch_to_local(rq, dsq, p, verdict.enq_flags);
	else
		enqueue_to(dsq, p, verdict.enq_flags | SCX_ENQ_CLEAR_OPSS);
}

} // namespace

void flush_verdicts(RqHeld const& rq)
{
	DispatchBuffer& buffer = dispatch_buffers.here();

	for (u32 i = 0; i < buffer.used; ++i)
		carry_out(rq, buffer.verdicts[i]);
	buffer.produced += buffer.used;
	buffer.used = 0;
}

void run_deferred_dispatches(RqHeld const& rq)
{
	using Deferred = cxxrt::IntrusiveList<&task_struct::scx, &sched_ext_entity::dsq_list,
					      &scx_dsq_list_node::node>;

	// One by one from the head: the lock is dropped in between, and dequeues take tasks off.
	Deferred waiting{rq.lock().scx.ddsp_deferred_locals};

	while (task_struct* p = waiting.pop_front()) {
		DirectVerdict const verdict = take_direct_verdict(*p);
		scx_dispatch_q& dsq = queue_for_dispatch(rq.lock(), verdict.dsq_id, *p);

		if (likely(dispatch_queue::is_local(dsq)))
			dispatch_to_local(rq, dsq, *p, verdict.enq_flags);
		else
			enqueue_to(dsq, *p, verdict.enq_flags);
	}
}

} // namespace scx

void scx_entry_run_deferred(struct rq* rq)
{
	// The hook that calls holds the lock and has it unpinned.
	auto const held = scx::RqHeld::assumed(*rq);

	scx::run_deferred_dispatches(held);
	if (rq->scx.flags & scx::kRqUnfed)
		scx::server::feed(held);
}
