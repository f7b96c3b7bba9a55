// SPDX-License-Identifier: GPL-2.0
// Kicks: making a CPU schedule. Asked for under any lock, so they are collected in masks of the
// asking CPU and carried out by an irq_work of it, which can take the other runqueues' locks.
//
// A CPU that runs a task of a higher class is left alone: it asks this class anyway when that task
// is gone, and there is nothing of this class to preempt or to wait for.
//
// SCX_KICK_WAIT: on the asking CPU no task runs on before the kicked one has scheduled. The
// irq_work makes the asking CPU schedule too, and it waits at the end of that, in a balance
// callback, with interrupts on: there it holds up nobody who wants an answer to an interrupt. What
// it waits for is the reschedule flag that the kick has set. A CPU that waits itself counts as
// having scheduled, since it does so again before it runs a task; so rings of waiting CPUs end.
#pragma once

#include "core/locks.hpp"

namespace scx {

// From balance, when there is something to see to first (see update_attention()): whether this CPU
// has to wait. The caller queues the callback that does, after balancing.
[[nodiscard]] bool take_wait(struct rq& rq);

// The CPU of `rq`, which is this one or its sibling, schedules once more, soon. `rq` is locked.
void kick_this_cpu(struct rq& rq);

// The same only if it is idle or about to be.
void kick_idle_cpu(struct rq& rq);

// The same for any CPU, in bypass too. Interrupts are off.
void wake_idle_cpu(s32 cpu);

// Once per scheduler: it let a task run whose slice is 0. Under a runqueue lock.
void warn_zero_slice(task_struct const& p);
void reset_zero_slice_warning();

} // namespace scx
