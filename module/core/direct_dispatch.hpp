// SPDX-License-Identifier: GPL-2.0
// Direct dispatch: the verdict that ops.select_cpu() or ops.enqueue() gives about the very task
// it was called for, and what becomes of it.
//
// A verdict is kept in scx.ddsp_dsq_id and ddsp_enq_flags from the callback's call of
// scx_bpf_dispatch() until it is carried out, a moment later in ops.enqueue(), or on the wakeup's
// enqueue after ops.select_cpu(). It must not outlive that: every path that enqueues the task
// otherwise, dequeues it or disables it drops the verdict.
#pragma once

#include "core/queues.hpp"

namespace scx {

struct DirectVerdict {
	u64 dsq_id;
	u64 enq_flags;
};

// The task that this CPU's callback may dispatch directly, for the length of the callback.
// Interrupts are off. Does not nest.
class DirectDispatchScope {
public:
	explicit DirectDispatchScope(task_struct& p) noexcept;
	DirectDispatchScope(DirectDispatchScope const&) = delete;
	DirectDispatchScope& operator=(DirectDispatchScope const&) = delete;
	~DirectDispatchScope();
};

// May sleep; ENOMEM. Once, before any scheduler; and its undoing.
[[nodiscard]] Result<void> create_direct_dispatch_state();
void destroy_direct_dispatch_state();

// Whether a DirectDispatchScope is open on this CPU: a dispatch is direct then, not buffered.
[[nodiscard]] bool in_direct_dispatch();

// Records the verdict of the running callback; an error if it is about another task than the one
// at hand, or the second one: false then.
bool record_direct_verdict(task_struct& p, DirectVerdict verdict);

[[nodiscard]] inline bool has_direct_verdict(task_struct const& p)
{
	return p.scx.ddsp_dsq_id != SCX_DSQ_INVALID;
}

inline void drop_direct_verdict(task_struct& p)
{
	p.scx.ddsp_dsq_id = SCX_DSQ_INVALID;
	p.scx.ddsp_enq_flags = 0;
}

[[nodiscard]] inline DirectVerdict take_direct_verdict(task_struct& p)
{
	DirectVerdict const verdict{p.scx.ddsp_dsq_id, p.scx.ddsp_enq_flags};

	drop_direct_verdict(p);
	return verdict;
}

// Carries out the verdict of `p`, which is being enqueued on `rq` with these flags. A verdict for
// another CPU's local queue is put off until the lock of `rq` can be dropped.
void dispatch_directly(RqHeld const& rq, task_struct& p, u64 enq_flags);

} // namespace scx
