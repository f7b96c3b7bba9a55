// SPDX-License-Identifier: GPL-2.0
// The made-up machine inside a kernel: real runqueues, tasks, locks and memory, but its own, and a
// scheduling cycle in miniature. One exists at a time.
#pragma once

#include "core/cpumask.hpp"
#include "core/dispatch_queue.hpp"
#include "core/scheduler_state.hpp"

#include "suites/machine.hpp"

extern "C" {
#include "kunit/services.h"
}

namespace made_up {

constexpr s32 kMaxCpus = 64;
constexpr u32 kMaxTasks = 32;
constexpr u32 kMaxInterrupts = 4; // one of each kind on each of two runqueues, at most

struct Cpu {
	struct rq* rq;
	task_struct* idle;
	cpumask siblings;
	irq_work* interrupts[kMaxInterrupts];
	u32 nr_interrupts;
	bool need_resched;
	bool wait_callback; // runs when schedule() is about to drop the lock
	bool server_active;
};

struct Machine {
	suite::Shape shape;
	Cpu cpus[kMaxCpus];
	task_struct* tasks[kMaxTasks];
	cpumask allowed[kMaxTasks]; // of each task
	u32 nr_tasks;
	list_head all_tasks;
	u64 now;
	bool enabled; // the static key the scheduler core looks at
	bool disable_work_pending;
};

// Zeroed while there is none.
extern Machine machine;

[[nodiscard]] inline Cpu& cpu(s32 number)
{
	return machine.cpus[number];
}

[[nodiscard]] inline Cpu& here()
{
	return cpu(service_acting_on());
}

// Where tasks are while no scheduler is loaded: below every class of the kernel.
[[nodiscard]] sched_class const& other_class();

// task_struct::on_rq of a runnable task.
enum : int { kOnRunqueue = 1 };

// The class's half of it; the runqueue is locked.
void enqueue(struct rq& rq, task_struct& p, int flags);
bool dequeue(struct rq& rq, task_struct& p, int flags);
void put_prev(struct rq& rq, task_struct& p, task_struct* next);
void set_next(struct rq& rq, task_struct& p, bool first);

// Locks a runqueue as its own CPU, with interrupts off, for a scope.
class LockedRq {
public:
	explicit LockedRq(s32 number);
	LockedRq(LockedRq const&) = delete;
	LockedRq& operator=(LockedRq const&) = delete;
	~LockedRq();

	[[nodiscard]] struct rq& rq() const { return rq_; }

private:
	s32 came_from_;
	struct rq& rq_;
	unsigned long flags_;
};

} // namespace made_up
