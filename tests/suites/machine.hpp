// SPDX-License-Identifier: GPL-2.0
// What a case may ask of the machine that was made up for it: CPUs with their runqueues, tasks, a
// clock, and the kernel's scheduling cycle in miniature. Implemented twice: by tests/host/suites
// over the stand-ins of the host tests, by tests/kunit over real kernel types, locks, memory and
// threads, without touching the scheduler that runs that kernel.
//
// One machine exists at a time, and nothing happens by itself: time passes in advance(), a CPU
// that is to reschedule does so in schedule() or settle(). CPUs are numbered through cores, cores
// through nodes: with threads_per_core 2, CPUs 0 and 1 are siblings.
#pragma once

#include "core/kernel.hpp"

namespace suite {

struct Shape {
	s32 cpus = 4; // 64 at most
	s32 threads_per_core = 1;
	s32 nodes = 1;
};

namespace machine {

// May sleep. False if there was no memory.
[[nodiscard]] bool create(Shape shape);
// The module is out, as scx_entry_exit() leaves it.
void destroy();

[[nodiscard]] struct rq& rq(s32 cpu);
// The calling thread is this CPU from now on; 0 at first.
void act_on(s32 cpu);

// Forks a task, asleep, that may run on the CPUs whose bits are set. It lives as long as the
// machine. Null if the scheduler refused it.
[[nodiscard]] task_struct* fork(char const* name, s32 cpu, u64 allowed);

// The current task of CPU `waker` wakes `p`; returns the CPU it was put on.
s32 wake(task_struct& p, s32 waker, u64 wake_flags);
// A running task goes to sleep, and its CPU runs the next one.
void sleep(task_struct& p);
// A runnable task that does not run is dequeued and put back where it was: what a change of its
// priority does. Whatever the calling CPU holds, its own CPU does this.
void take_off(task_struct& p);
void put_back(task_struct& p);

void schedule(s32 cpu);
void tick(s32 cpu);
// Interrupts, helper threads and reschedules until nothing is left to do.
void settle();
// Interrupts that a CPU has sent to itself; how many there were.
int run_irq_work(s32 cpu);
[[nodiscard]] bool wants_reschedule(s32 cpu);
void advance(u64 ns);
// RCU readers are gone, and what waited for them happens. May sleep.
void end_grace_period();

// The allocation after this many more fails, once. -1: none.
void fail_allocation_in(int more);
// Pieces of memory that were allocated and not freed.
[[nodiscard]] long live_allocations();
// Failed assertions of the core until now; forgives them.
[[nodiscard]] int take_warnings();
// The disable worker is not asked any longer to end the scheduler.
void forget_disable_work();

// What runs at the same time as other code: as CPU `index` of the machine, on a thread of its own.
using Parallel = void (*)(s32 index, void* argument);
// Runs one for each index below `count` (8 at most) and waits for all of them.
void run_together(s32 count, Parallel what, void* argument);

} // namespace machine

} // namespace suite
