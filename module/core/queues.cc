// SPDX-License-Identifier: GPL-2.0
#include "core/queues.hpp"

#include "core/exit_control.hpp"

namespace scx {

constinit GlobalQueues global_queues;

Result<void> GlobalQueues::create()
{
	u32 const nodes = kshim_nr_node_ids();

	by_node_ = static_cast<scx_dispatch_q**>(kshim_alloc_node(nodes * sizeof(*by_node_), -1));
	if (!by_node_)
		return cxxrt::fail(cxxrt::kEnomem);

	for (u32 node = 0; node < nodes; ++node) {
		if (!kshim_node_possible(static_cast<s32>(node)))
			continue;

		auto* dsq = static_cast<scx_dispatch_q*>(
			kshim_alloc_node(sizeof(scx_dispatch_q), static_cast<s32>(node)));

		if (!dsq) {
			destroy();
			return cxxrt::fail(cxxrt::kEnomem);
		}
		dispatch_queue::init(*dsq, SCX_DSQ_GLOBAL);
		by_node_[node] = dsq;
	}
	return cxxrt::ok();
}

void GlobalQueues::destroy()
{
	if (!by_node_)
		return;
	for (u32 node = 0; node < kshim_nr_node_ids(); ++node)
		kshim_free(by_node_[node]);
	kshim_free(by_node_);
	by_node_ = nullptr;
}

namespace user_queues {

constinit scx_dispatch_q* shortcuts[kShortcuts];

namespace {

// It may have been destroyed since it was inserted; the RCU read side keeps its memory.
void set_shortcut(scx_dispatch_q& dsq, u64 id)
{
	DsqIrqGuard guard{dsq};

	if (dsq.id == id)
		store_release(shortcuts[id % kShortcuts], &dsq);
}

// Under the queue's lock. Another queue that takes the slot meanwhile may lose it: no harm.
void clear_shortcut(scx_dispatch_q const& dsq)
{
	scx_dispatch_q*& slot = shortcuts[dsq.id % kShortcuts];

	if (read_once(slot) == &dsq)
		write_once(slot, nullptr);
}

} // namespace

Result<void> create(u64 id, s32 node)
{
	bool const bad_node = node < -1 || node >= static_cast<s32>(kshim_nr_node_ids());

	if (bad_node || (id & SCX_DSQ_FLAG_BUILTIN))
		return cxxrt::fail(cxxrt::kEinval);

	auto* dsq = static_cast<scx_dispatch_q*>(kshim_alloc_node(sizeof(scx_dispatch_q), node));

	if (!dsq)
		return cxxrt::fail(cxxrt::kEnomem);
	dispatch_queue::init(*dsq, id);

	RcuRead rcu;
	auto inserted = Result<void>::from_int(kshim_dsq_insert(dsq));

	if (inserted.ok())
		set_shortcut(*dsq, id);
	else
		kshim_free(dsq);
	return inserted;
}

namespace {

void destroy_queue(scx_dispatch_q& dsq)
{
	DsqIrqGuard guard{dsq};

	if (dsq.nr) {
		error("scx_bpf_destroy_dsq(0x%llx): %u tasks are queued; only an empty queue can "
		      "be destroyed",
		      dsq.id, dsq.nr);
		return;
	}
	if (!kshim_dsq_remove(&dsq))
		return;
	clear_shortcut(dsq);

	// Whoever found the queue before sees under its lock that it takes no more tasks.
	write_once(dsq.id, u64{SCX_DSQ_INVALID});
	kshim_dsq_free_later(&dsq);
}

} // namespace

void destroy(u64 id)
{
	RcuRead rcu;

	if (scx_dispatch_q* dsq = find(id))
		destroy_queue(*dsq);
}

void destroy_all()
{
	kshim_dsq_for_each([](scx_dispatch_q* dsq) { destroy_queue(*dsq); });
}

} // namespace user_queues

scx_dispatch_q& queue_for_dispatch(struct rq& rq, u64 dsq_id, task_struct& p)
{
	if (dsq_id == SCX_DSQ_LOCAL)
		return rq.scx.local_dsq;

	if ((dsq_id & SCX_DSQ_LOCAL_ON) == SCX_DSQ_LOCAL_ON) {
		s32 const cpu = local_on_cpu(dsq_id);

		return check_cpu(cpu, "of SCX_DSQ_LOCAL_ON in a dispatch")
			       ? cpu_rq(cpu).scx.local_dsq
			       : global_queues.of(p);
	}

	if (dsq_id != SCX_DSQ_GLOBAL) {
		if (scx_dispatch_q* dsq = user_queues::find(dsq_id); likely(dsq))
			return *dsq;
		error("dispatch of %s[%d] to queue 0x%llx, which does not exist; create it with "
		      "scx_bpf_create_dsq() first",
		      p.comm, p.pid, dsq_id);
	}
	return global_queues.of(p);
}

} // namespace scx
