// SPDX-License-Identifier: GPL-2.0
#include "core/watchdog.hpp"

#include "core/enqueue.hpp"
#include "core/exit_control.hpp"
#include "core/scheduler_state.hpp"
#include "core/server.hpp"

namespace scx {

constinit Watchdog watchdog;

namespace {

[[nodiscard]] bool later_than(unsigned long now, unsigned long deadline)
{
	return static_cast<long>(deadline - now) < 0;
}

} // namespace

void Watchdog::start(u32 timeout_ms)
{
	write_once(timeout_, kshim_msecs_to_jiffies(timeout_ms ? timeout_ms : u32{kMaximumMs}));
	write_once(last_run_, jiffies);
	kshim_queue_watchdog(timeout_ / 2);
}

void Watchdog::stop()
{
	kshim_cancel_watchdog();
}

bool Watchdog::check_runqueue(struct rq& rq) const
{
	RqIrqGuard guard{rq};
	unsigned long const now = jiffies;

	for (task_struct& p : RunnableList{rq.scx.runnable_list}) {
		unsigned long const since = p.scx.runnable_at;

		if (likely(!later_than(now, since + timeout_)))
			continue;

		u32 const waited = jiffies_to_msecs(now - since);

		task_struct const& curr = *rq.curr;

		// Then it may not be the scheduler's fault.
		if (class_above(curr.sched_class, &ext_sched_class))
			stall_on(cpu_of(rq),
				 "%s[%d] failed to run for %u.%03us; CPU %d runs %s[%d] of a "
				 "higher class",
				 p.comm, p.pid, waited / 1000, waited % 1000, cpu_of(rq), curr.comm,
				 curr.pid);
		else
			stall_on(cpu_of(rq), "%s[%d] failed to run for %u.%03us", p.comm, p.pid,
				 waited / 1000, waited % 1000);
		return true;
	}
	return false;
}

void Watchdog::check_tasks()
{
	write_once(last_run_, jiffies);
	for (s32 cpu = 0; cpu < static_cast<s32>(nr_cpus()); ++cpu) {
		if (!cpu_possible(cpu) || !cpu_online(cpu))
			continue;
		if (check_runqueue(cpu_rq(cpu)))
			break;
		kshim_cond_resched();
	}
	kshim_queue_watchdog(timeout_ / 2);
}

void Watchdog::check_self()
{
	unsigned long const last = read_once(last_run_);
	unsigned long const now = jiffies;

	if (likely(!later_than(now, last + read_once(timeout_))))
		return;

	u32 const missing = jiffies_to_msecs(now - last);

	exit_of_kind(SCX_EXIT_ERROR_STALL, 0, "watchdog failed to check in for %u.%03us",
		     missing / 1000, missing % 1000);
}

} // namespace scx

void scx_entry_watchdog(void)
{
	scx::watchdog.check_tasks();
}

// Every tick of every CPU while a scheduler is enabled.
void scx_entry_tick(struct rq* rq)
{
	scx::watchdog.check_self();
	scx::server::look(scx::RqHeld::assumed(*rq));
	// Of the classes above, whose load nobody ages on a CPU without fair tasks.
	update_other_load_avgs(rq);
}

// Hard interrupt, of the stuck CPU if it is a soft lockup. Others may be loading a scheduler.
void scx_entry_lockup(char const* what, unsigned long seconds)
{
	scx::error("%s is near: CPU %d has seen no progress for %lu s", what, scx::this_cpu(),
		   seconds);
}
