// SPDX-License-Identifier: GPL-2.0
// Shims for the tests, and a tree with the kernel's interface that does not balance: the order of
// its nodes is what cxxrt relies on, their depth is the kernel's business.
#include "fake_kernel.hpp"

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "cxxrt/intrusive_rbtree.hpp"
#include "cxxrt/kshim_assert.h"
#include "cxxrt/kshim_memory.h"
#include "cxxrt/kshim_rcu.h"

namespace fake_kernel {

Counts counts;

namespace {

bool fail_next = false;
std::vector<callback_head*> callbacks;

} // namespace

void fail_next_allocation()
{
	fail_next = true;
}

void run_rcu_callbacks()
{
	std::vector<callback_head*> due;

	due.swap(callbacks);
	++counts.grace_periods;
	for (callback_head* head : due)
		head->func(head);
}

} // namespace fake_kernel

using fake_kernel::counts;

void* kshim_alloc(size_t size, u32)
{
	if (fake_kernel::fail_next) {
		fake_kernel::fail_next = false;
		return nullptr;
	}
	++counts.live_allocations;
	return std::malloc(size);
}

void kshim_free(void* memory)
{
	if (memory)
		--counts.live_allocations;
	std::free(memory);
}

namespace {

constexpr int kCpus = 4;
size_t percpu_stride;

} // namespace

void* kshim_alloc_percpu(size_t size, size_t)
{
	percpu_stride = size;
	++counts.live_allocations;
	return std::calloc(kCpus, size);
}

void kshim_free_percpu(void* percpu)
{
	--counts.live_allocations;
	std::free(percpu);
}

void* kshim_this_cpu_ptr(void* percpu)
{
	return kshim_per_cpu_ptr(percpu, 0);
}

void* kshim_per_cpu_ptr(void* percpu, int cpu)
{
	return static_cast<char*>(percpu) + percpu_stride * static_cast<size_t>(cpu);
}

void kshim_rcu_read_lock()
{
	++counts.rcu_readers;
}

void kshim_rcu_read_unlock()
{
	--counts.rcu_readers;
}

void kshim_synchronize_rcu()
{
	++counts.grace_periods;
}

void kshim_call_rcu(callback_head* head, void (*callback)(callback_head*))
{
	head->func = callback;
	fake_kernel::callbacks.push_back(head);
}

void kshim_warn(char const*, int, char const*)
{
	++counts.warnings;
}

void kshim_bug(char const* file, int line, char const* condition)
{
	std::fprintf(stderr, "BUG: %s:%d: %s\n", file, line, condition);
	std::abort();
}

namespace {

rb_node* parent_of(rb_node const& node)
{
	return reinterpret_cast<rb_node*>(node.__rb_parent_color);
}

// Puts `with` where `node` hangs.
void replace(rb_root& root, rb_node& node, rb_node* with)
{
	rb_node* parent = parent_of(node);

	if (!parent)
		root.rb_node = with;
	else if (parent->rb_left == &node)
		parent->rb_left = with;
	else
		parent->rb_right = with;
	if (with)
		with->__rb_parent_color = reinterpret_cast<unsigned long>(parent);
}

using Child = rb_node* rb_node::*;

rb_node* outermost(rb_node* node, Child side)
{
	while (node && node->*side)
		node = node->*side;
	return node;
}

rb_node* neighbour(rb_node const* node, Child side, Child other)
{
	if (node->*side)
		return outermost(node->*side, other);

	rb_node* parent = parent_of(*node);

	for (; parent && parent->*side == node; parent = parent_of(*parent))
		node = parent;
	return parent;
}

} // namespace

void rb_insert_color(rb_node*, rb_root*)
{}

void rb_erase(rb_node* node, rb_root* root)
{
	if (!node->rb_left) {
		replace(*root, *node, node->rb_right);
	} else if (!node->rb_right) {
		replace(*root, *node, node->rb_left);
	} else {
		rb_node* next = outermost(node->rb_right, &rb_node::rb_left);

		if (next != node->rb_right) {
			replace(*root, *next, next->rb_right);
			next->rb_right = node->rb_right;
			next->rb_right->__rb_parent_color = reinterpret_cast<unsigned long>(next);
		}
		replace(*root, *node, next);
		next->rb_left = node->rb_left;
		next->rb_left->__rb_parent_color = reinterpret_cast<unsigned long>(next);
	}
}

rb_node* rb_first(rb_root const* root)
{
	return outermost(root->rb_node, &rb_node::rb_left);
}

rb_node* rb_last(rb_root const* root)
{
	return outermost(root->rb_node, &rb_node::rb_right);
}

rb_node* rb_next(rb_node const* node)
{
	return neighbour(node, &rb_node::rb_right, &rb_node::rb_left);
}

rb_node* rb_prev(rb_node const* node)
{
	return neighbour(node, &rb_node::rb_left, &rb_node::rb_right);
}
