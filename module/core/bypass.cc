// SPDX-License-Identifier: GPL-2.0
#include "core/bypass.hpp"

#include "core/cpumask.hpp"
#include "core/enqueue.hpp"
#include "core/events.hpp"
#include "core/kick.hpp"
#include "core/requeue.hpp"
#include "core/scheduler_state.hpp"
#include "core/transfer.hpp"

namespace scx::bypass {

namespace {

// Under the bypass lock.
s32 depth;
u64 entered_at; // ns

// Of at most kBatch tasks that wait here the first becomes the last, so that it is queued by the
// rules that hold now.
void requeue_some(struct rq& rq, u32& left)
{
	RqIrqGuard guard{rq};

	for (u32 i = 0; i < kBatch && left; ++i, --left) {
		RunnableList waiting{rq.scx.runnable_list};

		if (waiting.empty()) {
			left = 0;
			return;
		}
		requeue(guard, *waiting.begin(), DEQUEUE_SAVE | DEQUEUE_MOVE);
	}
}

u32 set_flag(struct rq& rq, bool on)
{
	RqIrqGuard guard{rq};

	CXXRT_ASSERT(on != rq_bypassing(rq));
	rq.scx.flags ^= SCX_RQ_BYPASSING;
	update_attention(rq);
	return rq.scx.nr_running;
}

void set_on(struct rq& rq, bool on)
{
	// Who comes meanwhile goes by the new rules already.
	u32 left = set_flag(rq, on);

	// Without tasks in the class there is nothing to requeue: whoever enables one sees the
	// flag.
	if (!scheduler.enabled())
		return;
	while (left)
		requeue_some(rq, left);

	// The tick and the idle state depend on the mode.
	s32 const cpu = cpu_of(rq);
	RqIrqGuard guard{rq};

	if (cpu_online(cpu) || cpu == this_cpu())
		resched_curr(&rq);
}

// Entered and left once in a while: the counters of the CPU that does it.
void count(bool entered)
{
	IrqsOffScope irqs_off;

	if (entered) {
		entered_at = ktime_get_mono_fast_ns();
		count_event<&scx_event_stats::SCX_EV_BYPASS_ACTIVATE>();
	} else {
		count_event<&scx_event_stats::SCX_EV_BYPASS_DURATION>(
			static_cast<s64>(ktime_get_mono_fast_ns() - entered_at));
	}
}

void change(s32 by)
{
	kshim_bypass_lock();
	bool const was_on = depth > 0;

	depth += by;
	CXXRT_ASSERT(depth >= 0);

	bool const is_on = depth > 0;

	if (is_on != was_on) {
		count(is_on);
		for (s32 cpu = 0; cpu < static_cast<s32>(nr_cpus()); ++cpu)
			if (cpu_possible(cpu))
				set_on(cpu_rq(cpu), is_on);
	}
	kshim_bypass_unlock();
}

u32 waiting(struct rq const& rq)
{
	return dispatch_queue::count(rq.scx.local_dsq);
}

struct rq& most_crowded()
{
	struct rq* found = &this_rq();

	for_each_cpu(__cpu_online_mask, [&found](s32 cpu) {
		if (waiting(cpu_rq(cpu)) > waiting(*found))
			found = &cpu_rq(cpu);
	});
	return *found;
}

// Worth the trouble: a quarter more than here, and something at all. An idle CPU takes any.
bool crowded(struct rq const& from, struct rq const& to)
{
	u32 const here = waiting(to);

	return waiting(from) > here + here / 4 + (is_idle(*to.curr) || !here ? 0 : 1);
}

// Of the tasks that wait at `from`, which is locked, the first that may come to `to`. Each that
// may not is one less to `look` at.
task_struct* movable(struct rq& from, struct rq& to, u32& look)
{
	scx_dispatch_q& dsq = from.scx.local_dsq;

	for (task_struct* p = dispatch_queue::next(dsq, nullptr); p && look;
	     p = dispatch_queue::next(dsq, &p->scx.dsq_list.node), --look)
		if (!p->migration_pending && can_move_to(*p, to, nullptr))
			return p;
	return nullptr;
}

} // namespace

void pull(RqHeld const& held)
{
	struct rq& to = held.lock();

	if (!rq_online(to) || (waiting(to) && (jiffies + static_cast<u32>(cpu_of(to))) % kPeriod))
		return;

	struct rq& from = most_crowded();

	if (&from == &to || !crowded(from, to))
		return;

	RqLockSwitch locked{held};
	u32 look = kLook;

	for (u32 moved = 0; moved < kBatch && crowded(from, to); ++moved) {
		locked.to(from);

		task_struct* const p = movable(from, to, look);

		if (!p)
			return;
		move_to_remote_local(*p, 0, from, to);
		locked.exchanged(to);
	}
}

void wake_helper(struct rq& rq)
{
	auto const cpu = static_cast<s32>((jiffies + static_cast<u32>(cpu_of(rq))) % nr_cpus());

	if (waiting(rq) && cpu_possible(cpu) && cpu_online(cpu) &&
	    is_idle(*read_once(cpu_rq(cpu).curr)))
		wake_idle_cpu(cpu);
}

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
