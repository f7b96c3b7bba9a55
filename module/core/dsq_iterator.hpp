// SPDX-License-Identifier: GPL-2.0
// Iterators of BPF programs over a user queue, and moving a task out from under one.
//
// An iterator sees the tasks that were queued when it was made, in dispatch order or backwards.
// Between two steps it leaves its place in the list as a cursor, so tasks may come and go.
#pragma once

#include "core/queues.hpp"

namespace scx {

// Lives in the opaque words of struct bpf_iter_scx_dsq, on a BPF program's stack.
struct DsqIterator {
	scx_dsq_list_node cursor; // .priv: the queue's seq when the iterator was made
	scx_dispatch_q* dsq;      // null: made in vain, or destroyed
	u64 slice;                // for the next move, if the flag says so
	u64 vtime;
};

static_assert(sizeof(DsqIterator) <= sizeof(bpf_iter_scx_dsq));
static_assert(alignof(DsqIterator) == alignof(bpf_iter_scx_dsq));

} // namespace scx
