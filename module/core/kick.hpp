// SPDX-License-Identifier: GPL-2.0
// Kicks: making a CPU schedule. Asked for under any lock, so they are collected in masks of the
// asking CPU and carried out by an irq_work of it, which can take the other runqueues' locks.
#pragma once

#include "core/locks.hpp"

namespace scx {

// May sleep; ENOMEM. Once, before any scheduler; and its undoing.
[[nodiscard]] Result<void> create_kick_state();
void destroy_kick_state();

// The CPU of `rq`, which is this one or its sibling, schedules once more, soon. `rq` is locked.
void kick_this_cpu(struct rq& rq);

// The same only if it is idle or about to be.
void kick_idle_cpu(struct rq& rq);

// Once per scheduler: it let a task run whose slice is 0. Under a runqueue lock.
void warn_zero_slice(task_struct const& p);
void reset_zero_slice_warning();

} // namespace scx
