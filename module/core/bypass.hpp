// SPDX-License-Identifier: GPL-2.0
// Bypass: every task makes progress without the scheduler's help, first in first out over the
// global queues, round robin by tick. In force while a scheduler is loaded or unloaded, and around
// suspend, when its user-space half may be frozen. Depths add up.
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

} // namespace scx::bypass
