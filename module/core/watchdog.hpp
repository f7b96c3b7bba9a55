// SPDX-License-Identifier: GPL-2.0
// The watchdog: ejects a scheduler that leaves a runnable task waiting for longer than it said it
// would (ops.timeout_ms, at most 30 s). Every half of that time a worker looks at each runqueue;
// and each tick looks whether the worker still comes.
#pragma once

#include "core/locks.hpp"

namespace scx {

class Watchdog {
public:
	enum : u32 { kMaximumMs = 30000 };

	// Enable mutex held. `timeout_ms` of 0 is the maximum.
	void start(u32 timeout_ms);
	void stop(); // may sleep

	// From the worker and from the tick.
	void check_tasks();
	void check_self();

private:
	// Ejects if a task of the runqueue has waited for too long; true then.
	bool check_runqueue(struct rq& rq) const;

	unsigned long timeout_ = 0;  // jiffies
	unsigned long last_run_ = 0; // jiffies, of the worker
};

extern Watchdog watchdog;

} // namespace scx
