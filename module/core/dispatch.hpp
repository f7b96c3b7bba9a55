// SPDX-License-Identifier: GPL-2.0
// Dispatching: from a BPF program's verdict "this task to that queue" to the task being there.
//
// From ops.dispatch() verdicts are buffered per CPU and carried out when the callback returns, or
// when it consumes, in their order: a verdict may need a lock that must not be taken inside the
// callback, or may have to wait for a task that is just being enqueued elsewhere. From
// ops.select_cpu() and ops.enqueue() the one task at hand can be dispatched directly; that verdict
// is kept in the task (ddsp_dsq_id) until the callback has returned.
#pragma once

#include "core/queues.hpp"

namespace scx {

// One verdict. `brand` is the task's ownership brand when it was given: see Ownership::claim().
struct Verdict {
	task_struct* task;
	unsigned long brand;
	u64 dsq_id;
	u64 enq_flags;
};

// This CPU's verdicts between ops.dispatch() being called and their being carried out.
struct DispatchBuffer {
	struct rq* rq; // for which ops.dispatch() runs; core scheduling: a sibling's
	u32 used;      // verdicts in the buffer
	u32 produced;  // tasks dispatched and consumed since ops.dispatch() was called
	Verdict verdicts[];
};

// What each CPU has while a scheduler is loaded.
class DispatchBuffers {
public:
	// May sleep; ENOMEM. `capacity` is ops.dispatch_max_batch.
	[[nodiscard]] Result<void> create(u32 capacity);
	// Nobody dispatches any more. Nothing if there are none.
	void destroy();

	// This CPU's; interrupts are off.
	[[nodiscard]] DispatchBuffer& here() const
	{
		return *static_cast<DispatchBuffer*>(this_cpu_address(percpu_));
	}

	[[nodiscard]] u32 capacity() const { return capacity_; }

private:
	void* percpu_ = nullptr;
	u32 capacity_ = 0;
};

extern DispatchBuffers dispatch_buffers;

// Sees that the CPU of `rq` has something of this class to run, on its local queue or by going on
// with `previous`, which it runs: true if so. Drops and retakes the lock. (pick.cc)
bool balance(RqHeld const& rq, task_struct& previous);

// Adds a task to a queue and tells whoever runs there. The proof is of the queue's runqueue if it
// is local, of any other it may be whatever is held. SCX_ENQ_CLEAR_OPSS ends the task's ownership
// transition once the task is in place.
void enqueue_to(scx_dispatch_q& dsq, task_struct& p, u64 enq_flags);

// Takes a task off whatever queue it is on, or out of the hands of a CPU that is taking it to
// one. `rq` is the task's, locked.
void remove_from_queue(RqHeld const& rq, task_struct& p);

// What a task put on a local queue means for the CPU: preemption, or the end of idling.
void after_local_insert(struct rq& rq, task_struct& p, u64 enq_flags);

// Carries out this CPU's buffered verdicts, oldest first. Drops and retakes the lock of `rq`.
void flush_verdicts(RqHeld const& rq);

// Takes a task that the caller owns exclusively to a local queue, of another CPU perhaps. Drops
// and retakes the lock of `rq`.
void dispatch_to_local(RqHeld const& rq, scx_dispatch_q& dsq, task_struct& p, u64 enq_flags);

// Carries out direct dispatches to other CPUs' local queues, which wait on `rq` because their
// lock could not be taken at once. Drops and retakes the lock of `rq`.
void run_deferred_dispatches(RqHeld const& rq);

} // namespace scx
