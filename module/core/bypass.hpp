// SPDX-License-Identifier: GPL-2.0
// Bypass: every task makes progress without the scheduler's help, first in first out over the
// local queues, round robin by tick. In force while a scheduler is loaded or unloaded, and around
// suspend, when its user-space half may be frozen. Depths add up.
//
// Local queues have no lock that CPUs fight for, and hold no task that their CPU may not run, so
// nobody has to search, however many tasks there are and wherever the scheduler has put them. In
// return CPUs must even the load out: one that balances pulls from the CPU with the most waiting
// tasks, at once if it has none itself, else every kPeriod; and a crowded CPU wakes idle ones by
// and by. Bounds: a pull looks at kLook tasks at most and moves kBatch at most; entering and
// leaving requeue every waiting task, with interrupts off for kBatch of them at a time.
//
// While a runqueue is bypassing: the default CPU selection is used; ops.enqueue() and
// ops.dispatch() are not called; slices do not keep a task running; ENQ_LAST and the order of core
// scheduling are the defaults; kicks are dropped.
#pragma once

#include "core/locks.hpp"

namespace scx::bypass {

// Enters or leaves one level. Takes no sleeping lock and waits for no task: whoever holds one may
// be a task that the scheduler forgot. Walks all possible CPUs, offline ones included, since
// waiting for the hotplug lock is out of the question too.
void enter();
void leave();

enum : u32 {
	kLook = 128,
	kBatch = 32,
	kPeriod = 8, // jiffies
};

// Where an enqueue with these flags puts `p` in bypass. A kernel thread that wakes up comes first:
// what ends a bypass (grace periods, workers) waits for such threads time and again, each time
// behind the whole crowd otherwise.
[[nodiscard]] inline u64 place(task_struct const& p, u64 enq_flags)
{
	return (enq_flags & SCX_ENQ_WAKEUP) && (p.flags & PF_KTHREAD) ? u64{SCX_ENQ_HEAD} : 0;
}

// From balance of a bypassing CPU. Drops and retakes the lock of `rq`.
void pull(RqHeld const& rq);

// From the tick of a bypassing CPU.
void wake_helper(struct rq& rq);

} // namespace scx::bypass
