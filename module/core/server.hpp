// SPDX-License-Identifier: GPL-2.0
// What tasks of this class get when real-time tasks never let go of a CPU.
//
// The kernel has a deadline server per runqueue, of 50 ms in each second unless the administrator
// set it otherwise (debugfs, sched/fair_server), which runs fair tasks that real-time ones starve.
// With a scheduler loaded there is hardly a fair task, so this class takes part in it: the server
// asks for a fair task first and then for one of this class.
//
// The server costs nothing until it is needed: no path but the tick looks. There, a CPU of a
// higher class with a waiting task of this one starts its server, which defers itself to the end
// of its period; and what the class runs is charged to a server that is active. When the server's
// turn comes and the local queue is empty, an irq_work asks the scheduler for a task, because the
// server cannot drop the lock, and starts the server again.
//
// On a NO_HZ_FULL CPU whose tick a lone FIFO task has stopped nobody looks; the watchdog names the
// task that holds the CPU.
#pragma once

#include "core/locks.hpp"

namespace scx::server {

// From the tick.
void look(RqHeld const& rq);

// From the irq_work; drops and retakes the lock.
void feed(RqHeld const& rq);

} // namespace scx::server
