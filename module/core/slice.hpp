// SPDX-License-Identifier: GPL-2.0
// Slices: how long a task may run before its CPU asks for the next one, in ns of its own
// execution. SCX_SLICE_INF never runs out. BPF programs may write scx.slice at any time.
#pragma once

#include "core/locks.hpp"

namespace scx {

// What is left of a slice after running for `ran` ns.
[[nodiscard]] constexpr u64 slice_after(u64 slice, u64 ran)
{
	if (slice == SCX_SLICE_INF)
		return slice;
	return slice > ran ? slice - ran : 0;
}

// What scx_bpf_dispatch() makes of its `slice`: 0 keeps what is left, at least 1 ns of it.
[[nodiscard]] constexpr u64 slice_for_dispatch(u64 asked, u64 left)
{
	if (asked)
		return asked;
	return left ? left : 1;
}

// The core's choice where the scheduler made none.
void give_default_slice(task_struct& p);

// A full slice for a task whose turn begins anew: it also goes to the end of the core order.
void refill_slice(struct rq& rq, task_struct& p);

// Charges the current task of `rq`, which is of this class, for its execution until now.
void charge_current(RqHeld const& rq);

} // namespace scx
