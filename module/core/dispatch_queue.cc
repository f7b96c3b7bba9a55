// SPDX-License-Identifier: GPL-2.0
#include "core/dispatch_queue.hpp"

namespace scx::dispatch_queue {

namespace {

using PriorityTree = cxxrt::IntrusiveTree<&task_struct::scx, &sched_ext_entity::dsq_priq>;

list_head& node_of(task_struct& p)
{
	return p.scx.dsq_list.node;
}

// The task a list node belongs to, or null if it is an iterator's cursor.
task_struct* task_at(list_head* node)
{
	auto* entry = cxxrt::container_of<&scx_dsq_list_node::node>(node);

	if (entry->flags & SCX_DSQ_LNODE_ITER_CURSOR)
		return nullptr;
	return cxxrt::container_of<&task_struct::scx, &sched_ext_entity::dsq_list>(entry);
}

void insert_by_vtime(scx_dispatch_q& dsq, task_struct& p)
{
	PriorityTree tree{dsq.priq};
	task_struct* was_first = nullptr;

	p.scx.dsq_flags |= SCX_TASK_DSQ_ON_PRIQ;
	// Whatever is not in the tree stands before what is.
	if (tree.empty()) {
		tree.insert(p, vtime_before);
		list::push_back(dsq.list, node_of(p));
	} else if (tree.insert(p, vtime_before, was_first)) {
		list::insert_before(node_of(*was_first), node_of(p));
	} else {
		list::insert_after(node_of(*PriorityTree::prev(p)), node_of(p));
	}
}

// Behind the tasks of its kind, before those that are ordered by vtime.
[[gnu::noinline, gnu::cold]] void insert_before_vtime(scx_dispatch_q& dsq, task_struct& p)
{
	list::insert_before(node_of(*PriorityTree{dsq.priq}.first()), node_of(p));
}

} // namespace

void init(scx_dispatch_q& dsq, u64 id)
{
	dsq = {};
	kshim_raw_spin_init(&dsq.lock);
	list::init(dsq.list);
	dsq.id = id;
}

Misuse insert(scx_dispatch_q& dsq, task_struct& p, u64 enq_flags)
{
	Misuse misuse = Misuse::none;
	bool by_vtime = enq_flags & SCX_ENQ_DSQ_PRIQ;

	CXXRT_ASSERT(!p.scx.dsq && !list::is_linked(node_of(p)));
	CXXRT_ASSERT(rbtree::is_clear_node(p.scx.dsq_priq));

	if (unlikely(by_vtime && (dsq.id & SCX_DSQ_FLAG_BUILTIN))) {
		misuse = Misuse::vtime_on_builtin;
		by_vtime = false;
	}

	if (by_vtime) {
		if (unlikely(rbtree::empty(dsq.priq) && dsq.nr))
			misuse = Misuse::vtime_on_fifo;
		insert_by_vtime(dsq, p);
	} else {
		bool const on_vtime = unlikely(!rbtree::empty(dsq.priq));

		if (on_vtime)
			misuse = Misuse::fifo_on_vtime;
		if (enq_flags & (SCX_ENQ_HEAD | SCX_ENQ_PREEMPT))
			list::push_front(dsq.list, node_of(p));
		else if (on_vtime)
			insert_before_vtime(dsq, p);
		else
			list::push_back(dsq.list, node_of(p));
	}

	write_once(dsq.seq, dsq.seq + 1);
	p.scx.dsq_seq = dsq.seq;
	write_once(dsq.nr, dsq.nr + 1);
	p.scx.dsq = &dsq;
	return misuse;
}

void unlink(scx_dispatch_q& dsq, task_struct& p)
{
	CXXRT_ASSERT(list::is_linked(node_of(p)));

	if (p.scx.dsq_flags & SCX_TASK_DSQ_ON_PRIQ) {
		rbtree::erase_clear(dsq.priq, p.scx.dsq_priq);
		p.scx.dsq_flags &= ~SCX_TASK_DSQ_ON_PRIQ;
	}
	list::remove_init(node_of(p));
	write_once(dsq.nr, dsq.nr - 1);
}

task_struct* next(scx_dispatch_q& dsq, list_head* from)
{
	for (list_head* node = (from ? from : &dsq.list)->next; node != &dsq.list;
	     node = node->next)
		if (task_struct* p = task_at(node))
			return p;
	return nullptr;
}

task_struct* previous(scx_dispatch_q& dsq, list_head* from)
{
	for (list_head* node = (from ? from : &dsq.list)->prev; node != &dsq.list;
	     node = node->prev)
		if (task_struct* p = task_at(node))
			return p;
	return nullptr;
}

} // namespace scx::dispatch_queue
