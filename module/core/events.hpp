// SPDX-License-Identifier: GPL-2.0
// Counters of what happens rarely and what a scheduler's author wants to know of:
//
//	SELECT_CPU_FALLBACK         ops.select_cpu() chose a CPU that the task may not use now, and
//	                            the kernel chooses another one
//	DISPATCH_LOCAL_DSQ_OFFLINE  a task was dispatched to the local queue of a CPU that is going
//	                            away; it went to the global queue
//	DISPATCH_KEEP_LAST          a CPU had nothing else to run and kept its task
//	ENQ_SKIP_EXITING            a task that exits was not given to ops.enqueue()
//	REFILL_SLICE_DFL            the core, not the scheduler, gave a task a slice
//	BYPASS_ACTIVATE             bypass was entered
//	BYPASS_DURATION             ns spent in it, counted when it is left
//	BYPASS_DISPATCH             tasks that bypass queued
//	INSERT_NOT_OWNED            a dispatch was dropped because the scheduler does not have the
//	                            task: it runs, sleeps, or was dispatched already
//
// One set per CPU in memory that lives as long as the module; each scheduler begins at 0.
#pragma once

#include "core/kernel.hpp"

namespace scx {

class EventCounters {
public:
	// May sleep; ENOMEM. Once, before any scheduler.
	[[nodiscard]] Result<void> create();
	void destroy();

	// Enable mutex held.
	void reset();

	// Interrupts are off.
	template <auto kEvent>
	void add(s64 by = 1) const
	{
		static_cast<scx_event_stats*>(this_cpu_address(percpu_))->*kEvent += by;
	}

	// Over all CPUs, which go on counting. Any context.
	[[nodiscard]] scx_event_stats sum() const;

private:
	void* percpu_ = nullptr;
};

extern EventCounters event_counters;

template <auto kEvent>
void count_event(s64 by = 1)
{
	event_counters.add<kEvent>(by);
}

} // namespace scx
