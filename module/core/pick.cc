// SPDX-License-Identifier: GPL-2.0
// What a CPU runs next.
//
// Before each pick the kernel calls balance, which may drop the runqueue lock: it keeps the
// current task if that has slice left, else sees that the local queue holds a task, asking in this
// order: the local queue, the global one, ops.dispatch() until a task arrives. Only local queues
// are run from. SCX_RQ_BAL_KEEP carries "keep the current task" from balance to pick.
//
// Bounds: ops.dispatch() is called at most SCX_DSP_MAX_LOOPS times per balance; a scheduler that
// keeps dispatching what this CPU cannot run gets a new cycle then, with interrupts on between.
#include "core/bypass.hpp"
#include "core/cpumask.hpp"
#include "core/dispatch.hpp"
#include "core/enqueue.hpp"
#include "core/events.hpp"
#include "core/kick.hpp"
#include "core/ops_table.hpp"
#include "core/slice.hpp"
#include "core/transfer.hpp"

namespace scx {

namespace {

bool local_has_task(struct rq const& rq)
{
	return dispatch_queue::count(rq.scx.local_dsq);
}

// A scheduler that follows the comings and goings of higher classes gets the CPU back.
void acquire_cpu(struct rq& rq)
{
	if (!(rq.scx.flags & kRqReleased))
		return;
	if (auto* op = ops.get<&sched_ext_ops::cpu_acquire>())
		call(SCX_KF_REST, op, cpu_of(rq), nullptr);
	rq.scx.flags &= ~kRqReleased;
	update_attention(rq);
}

enum class Dispatched { keep_previous, local, nothing };

// Calls ops.dispatch() until this CPU has something to run. `previous` is null if it is of
// another class. Drops and retakes the lock.
template <typename Op>
Dispatched ask_for_tasks(RqHeld const& held, Op* op, task_struct* previous)
{
	struct rq& rq = held.lock();
	DispatchBuffer& buffer = dispatch_buffers.here();

	buffer.rq = &rq;
	for (u32 loops = SCX_DSP_MAX_LOOPS; loops; --loops) {
		buffer.produced = 0;
		call(SCX_KF_DISPATCH, op, cpu_of(rq), previous);
		flush_verdicts(held);

		// The callback may have given the task that ran another slice.
		if (previous && task_queued(*previous) && previous->scx.slice)
			return Dispatched::keep_previous;
		if (local_has_task(rq) || consume_global(held))
			return Dispatched::local;
		// Tasks may have come and gone again while the lock was dropped: ask again.
		if (!buffer.produced)
			return Dispatched::nothing;
	}

	// Once more, but after interrupts have had their turn, or the watchdog never would.
	kick_this_cpu(rq);
	return Dispatched::nothing;
}

// Slices count for nothing: they may be the reason for the bypass. The global queues are empty but
// for what the scheduler has just dispatched wrongly.
bool find_in_bypass(RqHeld const& held)
{
	bypass::pull(held);
	return local_has_task(held.lock()) || consume_global(held);
}

// True if there is something to run in this class.
bool find_task(RqHeld const& held, task_struct& previous)
{
	struct rq& rq = held.lock();
	bool const was_ext = is_ext(previous);
	bool const runnable = task_queued(previous);
	auto const keep = [&rq] {
		rq.scx.flags |= SCX_RQ_BAL_KEEP;
		return true;
	};

	if (was_ext)
		charge_current(held);
	if (unlikely(rq.scx.cpu_released)) {
		acquire_cpu(rq);
		if (rq_bypassing(rq))
			return find_in_bypass(held) || (was_ext && task_queued(previous) && keep());
	}
	if (was_ext && runnable && previous.scx.slice)
		return keep();
	if (local_has_task(rq) || consume_global(held))
		return true;

	// Not rq_online(): its cpu_active() turns false before hotplug waits for an RCU grace
	// period, which tasks that wait in the scheduler may hold up. They are moved here only
	// after it.
	if (auto* op = ops.get<&sched_ext_ops::dispatch>(); op && (rq.scx.flags & SCX_RQ_ONLINE)) {
		switch (ask_for_tasks(held, op, was_ext ? &previous : nullptr)) {
		case Dispatched::keep_previous:
			return keep();
		case Dispatched::local:
			return true;
		case Dispatched::nothing:
			break;
		}
	}

	// Nobody else wants the CPU. With ENQ_LAST the scheduler decides about the last one too.
	if (was_ext && task_queued(previous) && (!ops.flag(SCX_OPS_ENQ_LAST) || rq_bypassing(rq))) {
		count_event<&scx_event_stats::SCX_EV_DISPATCH_KEEP_LAST>();
		return keep();
	}
	return false;
}

// Siblings share the lock. They may or may not be picked for after this.
void balance_sibling(struct rq& sibling)
{
	bool const had_task = local_has_task(sibling);

	update_rq_clock(&sibling);
	balance(RqHeld::assumed(sibling), *sibling.curr);
	// In balance nobody tells the CPU.
	if (!had_task && local_has_task(sibling) &&
	    class_above(&ext_sched_class, sibling.curr->sched_class))
		resched_curr(&sibling);
}

scx_cpu_preempt_reason reason_of(sched_class const* next)
{
	if (next == &stop_sched_class)
		return SCX_CPU_PREEMPT_STOP;
	if (next == &dl_sched_class)
		return SCX_CPU_PREEMPT_DL;
	if (next == &rt_sched_class)
		return SCX_CPU_PREEMPT_RT;
	return SCX_CPU_PREEMPT_UNKNOWN;
}

// The CPU goes from this class to another one.
void leave_class(struct rq& rq, task_struct& next)
{
	// A lower class means that the scheduler gave it nothing to run; that is no loss. And a
	// loss is told once, until the CPU is acquired again.
	if (!(ops.has<&sched_ext_ops::cpu_acquire>() || ops.has<&sched_ext_ops::cpu_release>()) ||
	    class_above(&ext_sched_class, next.sched_class) || (rq.scx.flags & kRqReleased))
		return;

	if (auto* op = ops.get<&sched_ext_ops::cpu_release>()) {
		scx_cpu_release_args args{reason_of(next.sched_class), &next};

		call(SCX_KF_CPU_RELEASE, op, cpu_of(rq), &args);
	}
	rq.scx.flags |= kRqReleased;
	update_attention(rq);
}

// A task without end to its slice may run without a tick (NO_HZ_FULL).
void follow_slice(struct rq& rq, task_struct const& p)
{
	bool const can_stop = p.scx.slice == SCX_SLICE_INF;
	bool const could_stop = rq.scx.flags & SCX_RQ_CAN_STOP_TICK;

	if (likely(can_stop == could_stop))
		return;
	rq.scx.flags ^= SCX_RQ_CAN_STOP_TICK;
	kshim_update_tick_dependency(&rq);
	// Without a tick nobody else ages the load averages.
	update_other_load_avgs(&rq);
}

// A task that stops running but could run on.
void put_runnable(RqHeld const& held, task_struct& p, task_struct* next)
{
	struct rq& rq = held.lock();

	set_runnable(held, p);
	if (unlikely(p.migration_disabled))
		p.scx.flags |= kTaskPinned;

	// Preempted by a higher class, or by core scheduling: first in line when that is over.
	if (p.scx.slice && !rq_bypassing(rq)) {
		enqueue_to(rq.scx.local_dsq, p, SCX_ENQ_HEAD);
		return;
	}
	if (!next || !class_above(&ext_sched_class, next->sched_class)) {
		enqueue_task(held, p, 0);
		return;
	}

	// The CPU goes idle although the task could run. Either the scheduler wants to be asked
	// about it, or its core scheduling cookie forbids it, or what balance had found was taken
	// away while fair's balancing had dropped the lock: then the CPU looks again.
	bool const looks_again = !ops.flag(SCX_OPS_ENQ_LAST) && kshim_core_cookie_matches(&rq, &p);

	enqueue_task(held, p, looks_again ? u64{0} : u64{SCX_ENQ_LAST});

	// On the local queue it runs, as anywhere else. The pick is over, though, and the flag that
	// an insertion set on the task that still is current is cleared: flag the next one.
	if (looks_again || p.scx.dsq == &rq.scx.local_dsq)
		kshim_set_need_resched(next);
}

} // namespace

bool balance(RqHeld const& held, task_struct& previous)
{
	struct rq& rq = held.lock();

	rq.scx.flags &= ~(SCX_RQ_BAL_PENDING | SCX_RQ_BAL_KEEP);
	rq.scx.flags |= SCX_RQ_IN_BALANCE;

	bool const found = find_task(held, previous);

	rq.scx.flags &= ~SCX_RQ_IN_BALANCE;
	return found;
}

} // namespace scx

int scx_entry_balance(struct rq* rq, task_struct* previous)
{
	using namespace scx;

	// Afterwards because balancing drops the lock, and no callback may be waiting then.
	if (unlikely(rq->scx.cpu_released) && take_wait(*rq)) {
		int const found_before_wait = scx_entry_balance(rq, previous);

		kshim_queue_wait_callback(rq);
		return found_before_wait;
	}

	bool const found = balance(RqHeld::assumed(*rq), *previous);

	if (unlikely(kshim_core_scheduling(rq))) {
		for_each_cpu(*kshim_smt_mask(cpu_of(*rq)), [rq](s32 cpu) {
			if (cpu != cpu_of(*rq))
				balance_sibling(cpu_rq(cpu));
		});
	}
	return found;
}

task_struct* scx_entry_pick_task(struct rq* rq)
{
	using namespace scx;

	task_struct& previous = *rq->curr;
	bool keep = rq->scx.flags & SCX_RQ_BAL_KEEP;
	bool balanced = true;

	if (unlikely(rq->scx.flags & SCX_RQ_BAL_PENDING)) {
		// The fair class said in balance that it has a task and then had none: nobody
		// balanced here. Go on with what runs; see below for when that is nothing.
		balanced = false;
		keep = task_queued(previous);
	}
	// Balance ran before a scheduler was enabled, the pick after it.
	if (unlikely(keep && !is_ext(previous)))
		keep = false;

	if (keep) {
		if (!previous.scx.slice)
			give_default_slice(previous);
		// It is not set anew, but its slice may be: a kick takes even one without end.
		follow_slice(*rq, previous);
		return &previous;
	}

	task_struct* p = dispatch_queue::next(rq->scx.local_dsq, nullptr);

	if (!p) {
		// Without a balance a task may be waiting: look again before going idle.
		if (unlikely(!balanced))
			kick_idle_cpu(*rq);
		return nullptr;
	}
	if (unlikely(!p->scx.slice)) {
		if (!rq_bypassing(*rq))
			warn_zero_slice(*p);
		give_default_slice(*p);
	}
	return p;
}

void scx_entry_set_next_task(struct rq* rq, task_struct* p, bool)
{
	using namespace scx;

	auto const held = RqHeld::assumed(*rq);

	if (task_queued(*p)) {
		// Core scheduling may run a task that was not dispatched yet.
		take_from_scheduler(*p, SCX_DEQ_CORE_SCHED_EXEC);
		remove_from_queue(held, *p);
	}
	p->se.exec_start = rq->clock_task;

	// Not for a task that is just being taken off: it was told stopping already.
	if (auto* op = ops.get<&sched_ext_ops::running>(); op && task_queued(*p))
		call_for_task(SCX_KF_REST, op, *p);
	clear_runnable(*p);

	follow_slice(*rq, *p);
}

void scx_entry_put_prev_task(struct rq* rq, task_struct* p, task_struct* next)
{
	using namespace scx;

	auto const held = RqHeld::assumed(*rq);

	charge_current(held);
	if (task_queued(*p)) {
		if (auto* op = ops.get<&sched_ext_ops::stopping>())
			call_for_task(SCX_KF_REST, op, *p, true);
		put_runnable(held, *p, next);
	}
	if (next && !is_ext(*next))
		leave_class(*rq, *next);
}
