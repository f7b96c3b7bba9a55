// SPDX-License-Identifier: GPL-2.0
// A runnable task's way to a queue or to the BPF side, and back.
#pragma once

#include "core/locks.hpp"

namespace scx {

// Where an enqueue comes from, when it must not be decided anew.
enum : s32 { kNotSticky = -1 };

// Decides where `p`, runnable and on no queue, goes. `sticky_cpu` is the CPU that a move already
// settled on, or kNotSticky.
void enqueue_task(RqHeld const& rq, task_struct& p, u64 enq_flags, s32 sticky_cpu = kNotSticky);

// Takes `p` back from the BPF side if it has it, and off the list of waiting tasks. For how long
// it has been waiting is not forgotten: dequeues are temporary.
void take_from_scheduler(task_struct& p, u64 deq_flags);

// The list of a runqueue's tasks that wait to run, in the order in which they began to.
using RunnableList = cxxrt::IntrusiveList<&task_struct::scx, &sched_ext_entity::runnable_node>;

void set_runnable(RqHeld const& rq, task_struct& p);

// The task runs: its next wait begins anew.
void clear_runnable(task_struct& p);

} // namespace scx
