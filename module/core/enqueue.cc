// SPDX-License-Identifier: GPL-2.0
// Enqueue and dequeue. In this order, what decides where a task goes:
//
//  1. a move between CPUs is on: the local queue, with the slice it has;
//  2. the CPU goes away: its local queue, from where the kernel pushes the task off;
//  3. bypass: the local queue;
//  4. ops.select_cpu() dispatched it: there;
//  5. it is exiting, and the scheduler did not ask for such tasks: the local queue;
//  6. the scheduler has no ops.enqueue(): the global queue;
//  7. ops.enqueue() dispatches it, or the BPF side owns it from now on.
#include "core/enqueue.hpp"

#include "core/bypass.hpp"
#include "core/core_sched.hpp"
#include "core/direct_dispatch.hpp"
#include "core/dispatch.hpp"
#include "core/events.hpp"
#include "core/ops_table.hpp"
#include "core/ownership.hpp"
#include "core/slice.hpp"

namespace scx {

namespace {

void enqueue_local(RqHeld const& rq, task_struct& p, u64 enq_flags)
{
	drop_direct_verdict(p);
	enqueue_to(rq.lock().scx.local_dsq, p, enq_flags);
}

void enqueue_global(RqHeld const& rq, task_struct& p, u64 enq_flags)
{
	refill_slice(rq.lock(), p);
	drop_direct_verdict(p);
	enqueue_to(global_queues.of(p), p, enq_flags);
}

template <typename Op>
void ask_scheduler(RqHeld const& rq, task_struct& p, u64 enq_flags, Op* op)
{
	Ownership ownership{p};
	Ownership::Word const brand = ownership.begin_queueing();

	{
		DirectDispatchScope direct{p};

		call_for_task(SCX_KF_ENQUEUE, op, p, enq_flags);
	}

	if (has_direct_verdict(p))
		dispatch_directly(rq, p, enq_flags);
	else
		ownership.finish_queueing(brand);
}

bool exempt_as_exiting(task_struct const& p)
{
	return unlikely(p.flags & PF_EXITING) && !ops.flag(SCX_OPS_ENQ_EXITING);
}

} // namespace

void enqueue_task(RqHeld const& rq, task_struct& p, u64 enq_flags, s32 sticky_cpu)
{
	struct rq& runqueue = rq.lock();

	CXXRT_ASSERT(task_queued(p));

	if (sticky_cpu == cpu_of(runqueue))
		return enqueue_local(rq, p, enq_flags);

	if (!rq_online(runqueue) || rq_bypassing(runqueue)) {
		if (rq_bypassing(runqueue)) {
			count_event<&scx_event_stats::SCX_EV_BYPASS_DISPATCH>();
			enq_flags |= bypass::place(p, enq_flags);
		}
		refill_slice(runqueue, p);
		return enqueue_local(rq, p, enq_flags);
	}
	if (has_direct_verdict(p))
		return dispatch_directly(rq, p, enq_flags);
	if (exempt_as_exiting(p)) {
		count_event<&scx_event_stats::SCX_EV_ENQ_SKIP_EXITING>();
		refill_slice(runqueue, p);
		return enqueue_local(rq, p, enq_flags);
	}
	if (auto* op = ops.get<&sched_ext_ops::enqueue>())
		return ask_scheduler(rq, p, enq_flags, op);
	enqueue_global(rq, p, enq_flags);
}

void set_runnable(RqHeld const& rq, task_struct& p)
{
	if (p.scx.flags & SCX_TASK_RESET_RUNNABLE_AT) {
		p.scx.runnable_at = jiffies;
		p.scx.flags &= ~SCX_TASK_RESET_RUNNABLE_AT;
	}
	// At the end: who walks the list backwards while cycling tasks through here visits each
	// once.
	RunnableList{rq.lock().scx.runnable_list}.push_back(p);
}

void clear_runnable(task_struct& p)
{
	RunnableList::remove(p);
	p.scx.flags = (p.scx.flags & ~u32{kTaskPinned}) | SCX_TASK_RESET_RUNNABLE_AT;
}

void take_from_scheduler(task_struct& p, u64 deq_flags)
{
	RunnableList::remove(p);
	Ownership{p}.take_back([&] {
		if (auto* op = ops.get<&sched_ext_ops::dequeue>())
			call_for_task(SCX_KF_REST, op, p, deq_flags);
	});
}

} // namespace scx

void scx_entry_enqueue_task(struct rq* rq, task_struct* p, int core_flags)
{
	using namespace scx;

	auto const held = RqHeld::assumed(*rq);
	u64 const enq_flags = static_cast<u32>(core_flags) | rq->scx.extra_enq_flags;
	s32 sticky_cpu = p->scx.sticky_cpu;

	if (enq_flags & SCX_ENQ_WAKEUP)
		rq->scx.flags |= SCX_RQ_IN_WAKEUP;
	p->scx.sticky_cpu = kNotSticky;

	// A running task that is restored runs on in a moment, and tasks run only out of local
	// queues: the scheduler must not get it in between.
	if (unlikely(enq_flags & ENQUEUE_RESTORE) && task_current(*rq, *p))
		sticky_cpu = cpu_of(*rq);

	if (!task_queued(*p)) {
		set_runnable(held, *p);
		p->scx.flags |= SCX_TASK_QUEUED;
		rq->scx.nr_running++;
		kshim_add_nr_running(rq, 1);

		if (auto* op = ops.get<&sched_ext_ops::runnable>(); op && !task_on_rq_migrating(*p))
			call_for_task(SCX_KF_REST, op, *p, enq_flags);
		if (enq_flags & SCX_ENQ_WAKEUP)
			core_sched::touch(*rq, *p);

		enqueue_task(held, *p, enq_flags, sticky_cpu);
	}
	rq->scx.flags &= ~SCX_RQ_IN_WAKEUP;
}

bool scx_entry_dequeue_task(struct rq* rq, task_struct* p, int core_flags)
{
	using namespace scx;

	auto const held = RqHeld::assumed(*rq);
	u64 const deq_flags = static_cast<u32>(core_flags);

	if (!task_queued(*p))
		return true;
	take_from_scheduler(*p, deq_flags);

	// The kernel dequeues a running task first and stops it later. For the scheduler stopping
	// lies inside runnable and quiescent, so it is told now, and not again: see pick.cc.
	if (task_current(*rq, *p))
		if (auto* op = ops.get<&sched_ext_ops::stopping>()) {
			charge_current(held);
			call_for_task(SCX_KF_REST, op, *p, false);
		}
	if (auto* op = ops.get<&sched_ext_ops::quiescent>(); op && !task_on_rq_migrating(*p))
		call_for_task(SCX_KF_REST, op, *p, deq_flags);

	p->scx.flags &= ~(SCX_TASK_QUEUED | SCX_TASK_DEQD_FOR_SLEEP);
	if (deq_flags & SCX_DEQ_SLEEP)
		p->scx.flags |= SCX_TASK_DEQD_FOR_SLEEP;
	rq->scx.nr_running--;
	kshim_sub_nr_running(rq, 1);

	remove_from_queue(held, *p);
	drop_direct_verdict(*p);
	return true;
}

// sched_yield(): without a callback the slice ends.
void scx_entry_yield_task(struct rq* rq)
{
	using namespace scx;

	if (auto* op = ops.get<&sched_ext_ops::yield>())
		call_for_tasks(SCX_KF_REST, op, *rq->curr, nullptr);
	else
		rq->curr->scx.slice = 0;
}

bool scx_entry_yield_to_task(struct rq* rq, task_struct* to)
{
	using namespace scx;

	auto* op = ops.get<&sched_ext_ops::yield>();

	return op && call_for_tasks(SCX_KF_REST, op, *rq->curr, to);
}

// The end of a wakeup: `rq` may be unlocked now.
void scx_entry_task_woken(struct rq* rq, task_struct*)
{
	using namespace scx;

	if (unlikely(!list::empty(rq->scx.ddsp_deferred_locals)))
		run_deferred_dispatches(RqHeld::assumed(*rq));
}
