// SPDX-License-Identifier: GPL-2.0
#include "core/transfer.hpp"

#include "core/events.hpp"
#include "core/exit_control.hpp"
#include "core/exit_info.hpp"

namespace scx {

bool can_move_to(task_struct& p, struct rq& rq, char const* blame)
{
	s32 const cpu = cpu_of(rq);

	CXXRT_ASSERT(task_cpu(p) != cpu);

	// Asked before affinity: the mask of a task that disabled migration narrows a moment later,
	// and a scheduler that forgets about it should hear of it each time.
	if (unlikely(is_pinned(p))) {
		if (blame)
			error("%s: %s[%d] has migration disabled and cannot go from CPU %d to %d",
			      blame, p.comm, p.pid, task_cpu(p), cpu);
		return false;
	}
	if (!kshim_task_allowed_on_cpu(&p, cpu)) {
		if (blame)
			error("%s: CPU %d is not among those that %s[%d] may use", blame, cpu,
			      p.comm, p.pid);
		return false;
	}
	// CPUs come and go between a scheduler's decision and here: not its fault.
	if (likely(rq_online(rq)))
		return true;
	if (blame)
		count_event<&scx_event_stats::SCX_EV_DISPATCH_LOCAL_DSQ_OFFLINE>();
	return false;
}

void move_to_remote_local(task_struct& p, u64 enq_flags, struct rq& from, struct rq& to)
{
	// From here until it is activated the task is marked as migrating: nobody dequeues it.
	deactivate_task(&from, &p, 0);
	set_task_cpu(&p, static_cast<u32>(cpu_of(to)));
	p.scx.sticky_cpu = cpu_of(to);

	raw_spin_rq_unlock(&from);
	raw_spin_rq_lock_nested(&to, 0);

	// activate_task() has room for 32 bits of flags only.
	CXXRT_ASSERT(mask_test(*p.cpus_ptr, cpu_of(to)));
	CXXRT_ASSERT(!to.scx.extra_enq_flags);
	to.scx.extra_enq_flags = enq_flags;
	activate_task(&to, &p, 0);
	to.scx.extra_enq_flags = 0;
}

namespace {

// The task is on this runqueue already: from the locked shared queue to the local one.
void move_to_own_local(scx_dispatch_q& source, task_struct& p, u64 enq_flags, struct rq& rq)
{
	CXXRT_ASSERT(p.scx.holding_cpu < 0);
	dispatch_queue::unlink(source, p);
	p.scx.dsq = nullptr;

	// A local queue is FIFO whatever the order of the source was.
	auto const misuse =
		dispatch_queue::insert(rq.scx.local_dsq, p, enq_flags & ~SCX_ENQ_DSQ_PRIQ);

	CXXRT_ASSERT(misuse == dispatch_queue::Misuse::none);
	after_local_insert(rq, p, enq_flags);
}

// Unlinks `p` from the locked queue, drops its lock, takes that of the task's runqueue. False if
// a dequeue was faster; `from` is locked either way.
bool take_in_flight(DsqGuard& guard, task_struct& p, struct rq& from)
	CXXRT_NO_THREAD_SAFETY_ANALYSIS // hands over from one lock to another
{
	s32 const here = this_cpu();

	CXXRT_ASSERT(p.scx.holding_cpu < 0);
	dispatch_queue::unlink(guard.held().lock(), p);
	write_once(p.scx.holding_cpu, here);
	guard.release();

	raw_spin_rq_lock_nested(&from, 0);
	return likely(read_once(p.scx.holding_cpu) == here) && CXXRT_ASSERT(&from == &task_rq(p));
}

// `lost`: the task it settled on was dequeued under our hands.
enum class Attempt { moved, lost, nothing };

// Takes `p`, which is on the locked queue and may come here, to this CPU's local queue.
Attempt take(DsqGuard& guard, task_struct& p, struct rq& from, struct rq& rq, u64 enq_flags)
{
	raw_spin_rq_unlock(&rq);
	if (likely(take_in_flight(guard, p, from))) {
		move_to_remote_local(p, enq_flags, from, rq);
		return Attempt::moved;
	}
	raw_spin_rq_unlock(&from);
	raw_spin_rq_lock_nested(&rq, 0);
	return Attempt::lost;
}

// The walk past `p`, which may not come here. Thousands of tasks that are bound to other CPUs may
// follow, and as many CPUs walk: so both locks are dropped every kWalkBatch tasks, for those who
// dequeue, dispatch or end the scheduler; and with the latter the walk is over.
[[gnu::noinline, gnu::cold]] Attempt walk_on(DsqGuard& guard, scx_dispatch_q& dsq, task_struct* p,
					     struct rq& rq, u64 enq_flags)
{
	scx_dsq_list_node place{};

	place.flags = SCX_DSQ_LNODE_ITER_CURSOR;
	list_head* passed = &p->scx.dsq_list.node;

	for (u32 left = kWalkBatch; (p = dispatch_queue::next(dsq, passed));) {
		struct rq& from = task_rq(*p);

		passed = &p->scx.dsq_list.node;

		if (&from == &rq) {
			move_to_own_local(dsq, *p, enq_flags, rq);
			return Attempt::moved;
		}
		if (can_move_to(*p, rq, nullptr))
			return take(guard, *p, from, rq, enq_flags);
		if (--left)
			continue;

		left = kWalkBatch;
		list::insert_after(*passed, place.node);
		guard.call_unlocked([&rq] {
			raw_spin_rq_unlock(&rq);
			cxxrt::cpu_relax();
			raw_spin_rq_lock_nested(&rq, 0);
		});
		// Whatever stands before it now, a task, another cursor or the head of the list.
		passed = place.node.prev;
		list::remove_init(place.node);
		if (exit_control.pending() || rq_bypassing(rq))
			break;
	}
	return Attempt::nothing;
}

// One walk over the queue.
template <typename Flags>
Attempt consume_once(RqHeld const& held, scx_dispatch_q& dsq, Flags enq_flags)
{
	struct rq& rq = held.lock();
	DsqGuard guard{dsq};
	task_struct* const p = dispatch_queue::next(dsq, nullptr);

	if (!p)
		return Attempt::nothing;

	struct rq& from = task_rq(*p);

	if (&from == &rq) {
		move_to_own_local(dsq, *p, enq_flags, rq);
		return Attempt::moved;
	}
	return can_move_to(*p, rq, nullptr) ? take(guard, *p, from, rq, enq_flags)
					    : walk_on(guard, dsq, p, rq, enq_flags);
}

template <typename Flags>
bool consume_with(RqHeld const& rq, scx_dispatch_q& dsq, Flags enq_flags)
{
	Attempt attempt = Attempt::lost;

	// A task whose arrival the caller can rely on is counted: no need to lock an empty queue.
	while (attempt == Attempt::lost && dispatch_queue::count(dsq))
		attempt = consume_once(rq, dsq, enq_flags);
	return attempt == Attempt::moved;
}

} // namespace

bool consume(RqHeld const& rq, scx_dispatch_q& dsq, NoFlags none)
{
	return consume_with(rq, dsq, none);
}

bool consume(RqHeld const& rq, scx_dispatch_q& dsq, u64 enq_flags)
{
	return consume_with(rq, dsq, enq_flags);
}

bool consume_global(RqHeld const& rq)
{
	scx_dispatch_q& dsq = global_queues.of_cpu(cpu_of(rq.lock()));

	// Empty under most schedulers, and asked at every switch.
	return unlikely(dispatch_queue::count(dsq)) && consume(rq, dsq);
}

struct rq& move_between(task_struct& p, u64 enq_flags, scx_dispatch_q& source,
			scx_dispatch_q& destination)
{
	struct rq& from = task_rq(p);
	DsqGuard guard{source, cxxrt::adopt_lock};

	CXXRT_BUG_ON(dispatch_queue::is_local(source));

	if (!dispatch_queue::is_local(destination) ||
	    (&rq_of_local(destination) != &from &&
	     unlikely(!can_move_to(p, rq_of_local(destination), "move to SCX_DSQ_LOCAL[_ON]")))) {
		bool const refused = dispatch_queue::is_local(destination);

		dispatch_queue::unlink(source, p);
		p.scx.dsq = nullptr;
		guard.release();
		if (refused)
			enqueue_to(global_queues.of(p), p, enq_flags & ~SCX_ENQ_DSQ_PRIQ);
		else
			enqueue_to(destination, p, enq_flags);
		return from;
	}

	struct rq& to = rq_of_local(destination);

	if (&to == &from) {
		move_to_own_local(source, p, enq_flags, to);
		return to;
	}
	// Its runqueue is locked, so nobody dequeues it: deactivating takes it off the queue.
	guard.release();
	move_to_remote_local(p, enq_flags, from, to);
	return to;
}

} // namespace scx
