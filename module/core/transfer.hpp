// SPDX-License-Identifier: GPL-2.0
// Moving a task between queues, and between CPUs while it is in flight.
//
// A task that is not on a local queue still belongs to a runqueue, and only with that runqueue's
// lock may it change CPUs. Who wants to take it holds some other lock, and may not take a
// runqueue lock under a queue's. So: unlink the task, put the number of the taking CPU into
// scx.holding_cpu, drop the queue's lock, take the runqueue's, and look again. A dequeue in
// between, which holds the runqueue lock, finds the task on no list and sets holding_cpu to -1:
// then the taker has lost. holding_cpu cannot come back to the taker's own number meanwhile,
// because the taker neither sleeps nor recurses. A taker that has lost may look while another one
// takes the task from a queue it has come to since: so it is read and written as a word that
// changes without a common lock.
#pragma once

#include "core/dispatch.hpp"

namespace scx {

// Whether `p` may be taken to the CPU of `rq`, which is not its own: affinity, migration
// disabled, CPU going away. The first two are errors of the scheduler if `blame` names the call
// that asked for it, and just a "no" if it is null.
[[nodiscard]] bool can_move_to(task_struct& p, struct rq& rq, char const* blame);

// Takes `p` from its locked runqueue to the local queue of `to`. On return `to` is locked and
// `from` is not.
void move_to_remote_local(task_struct& p, u64 enq_flags, struct rq& from, struct rq& to);

// Nothing: a constant, so that the usual way needs no code for flags.
struct NoFlags {
	constexpr operator u64() const { return 0; }
};

// How many tasks that this CPU may not run a consumer passes without letting go of its locks.
enum : u32 { kWalkBatch = 64 };

// Moves one task of a queue that this CPU may run to its local queue; true if there was one.
// Drops and retakes the lock of `rq`.
[[nodiscard]] bool consume(RqHeld const& rq, scx_dispatch_q& dsq, NoFlags = {});
[[nodiscard]] bool consume(RqHeld const& rq, scx_dispatch_q& dsq, u64 enq_flags);
[[nodiscard]] bool consume_global(RqHeld const& rq);

// Moves `p` from `source`, which is not local, to any queue. `source` and the runqueue of `p` are
// locked; on return `source` is unlocked and only the runqueue that is returned, that of `p` now,
// is locked.
struct rq& move_between(task_struct& p, u64 enq_flags, scx_dispatch_q& source,
			scx_dispatch_q& destination) CXXRT_RELEASE(source);

} // namespace scx
