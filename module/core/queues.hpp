// SPDX-License-Identifier: GPL-2.0
// Which dispatch queue an identifier means: the local queues live in the runqueues, the global
// ones here (one per NUMA node, so that the CPUs of a large machine do not all meet at one lock),
// the schedulers' own in a table by identifier.
#pragma once

#include "core/dispatch_queue.hpp"

namespace scx {

class GlobalQueues {
public:
	// May sleep; ENOMEM. Once, before any scheduler.
	[[nodiscard]] Result<void> create();
	// No scheduler is loaded.
	void destroy();

	// Of the node a task is on, and of a CPU's.
	[[nodiscard]] scx_dispatch_q& of(task_struct const& p) const { return of_cpu(task_cpu(p)); }

	[[nodiscard]] scx_dispatch_q& of_cpu(s32 cpu) const
	{
		return *by_node_[kshim_cpu_to_node(cpu)];
	}

	// Calls `ask` for the queue of each node until it says true; whether it did.
	template <typename Ask>
	bool any(Ask&& ask) const
	{
		for (u32 node = 0; node < kshim_nr_node_ids(); ++node)
			if (by_node_[node] && ask(*by_node_[node]))
				return true;
		return false;
	}

	// Tasks in all of them; any context, may be out of date at once.
	[[nodiscard]] u32 count() const
	{
		u32 sum = 0;

		any([&sum](scx_dispatch_q& dsq) {
			sum += dispatch_queue::count(dsq);
			return false;
		});
		return sum;
	}

private:
	scx_dispatch_q** by_node_ = nullptr; // null for nodes that cannot exist
};

extern GlobalQueues global_queues;

// The scheduler's own queues.
namespace user_queues {

// May sleep. `node` is a NUMA node or -1. EINVAL: a built-in identifier or a bad node. EEXIST.
[[nodiscard]] Result<void> create(u64 id, s32 node);

// Nothing if there is none of this identifier; an error, and the queue stays, if it is not empty.
// Any context. A queue found before by another CPU takes no more tasks and is freed after RCU.
void destroy(u64 id);

// All of them, emptied by then. May sleep.
void destroy_all();

// Every dispatch and consumption asks for a queue, most schedulers have few, and a look into the
// table of all costs as much as the insertion that follows. So the queue created last under each
// value of an identifier's low bits has a shortcut. A slot never outlives its queue: it is filled
// and cleared under that queue's lock, cleared before the queue is handed to RCU.
constexpr u64 kShortcuts = 64;
extern scx_dispatch_q* shortcuts[kShortcuts];

// Null if there is none. The caller is an RCU reader (interrupts off will do).
[[nodiscard]] inline scx_dispatch_q* find(u64 id)
{
	scx_dispatch_q* const dsq = load_acquire(shortcuts[id % kShortcuts]);

	if (likely(dsq && read_once(dsq->id) == id))
		return dsq;
	return kshim_dsq_find(id);
}

} // namespace user_queues

// The queue a dispatch of `p` to `dsq_id` goes to, with SCX_DSQ_LOCAL meaning that of `rq`. If
// there is no such queue: an error, and the global queue. RCU reader.
[[nodiscard]] scx_dispatch_q& queue_for_dispatch(struct rq& rq, u64 dsq_id, task_struct& p);

// The CPU of a SCX_DSQ_LOCAL_ON identifier, or -1 for any other.
[[nodiscard]] constexpr s32 local_on_cpu(u64 dsq_id)
{
	return (dsq_id & SCX_DSQ_LOCAL_ON) == SCX_DSQ_LOCAL_ON
		       ? static_cast<s32>(dsq_id & SCX_DSQ_LOCAL_CPU_MASK)
		       : -1;
}

} // namespace scx
