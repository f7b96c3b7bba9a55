// SPDX-License-Identifier: GPL-2.0
// Search trees without balance: order is what the core relies on, balance is the kernel's affair.
// All nodes are red, so the parent word holds nothing but the parent.
#include "core/kernel.hpp"

namespace {

rb_node* parent_of(rb_node const* node)
{
	return reinterpret_cast<rb_node*>(node->__rb_parent_color);
}

void set_parent(rb_node* node, rb_node* parent)
{
	node->__rb_parent_color = reinterpret_cast<unsigned long>(parent);
}

rb_node* leftmost(rb_node* node)
{
	while (node && node->rb_left)
		node = node->rb_left;
	return node;
}

rb_node* rightmost(rb_node* node)
{
	while (node && node->rb_right)
		node = node->rb_right;
	return node;
}

// Hangs `next` where `node` was.
void replace(rb_root* root, rb_node* node, rb_node* next)
{
	rb_node* const parent = parent_of(node);

	if (!parent)
		root->rb_node = next;
	else if (parent->rb_left == node)
		parent->rb_left = next;
	else
		parent->rb_right = next;
	if (next)
		set_parent(next, parent);
}

} // namespace

void rb_insert_color(rb_node*, rb_root*)
{}

void rb_erase(rb_node* node, rb_root* root)
{
	if (!node->rb_left)
		return replace(root, node, node->rb_right);
	if (!node->rb_right)
		return replace(root, node, node->rb_left);

	rb_node* const next = leftmost(node->rb_right);

	if (parent_of(next) != node) {
		replace(root, next, next->rb_right);
		next->rb_right = node->rb_right;
		set_parent(next->rb_right, next);
	}
	replace(root, node, next);
	next->rb_left = node->rb_left;
	set_parent(next->rb_left, next);
}

rb_node* rb_first(rb_root const* root)
{
	return leftmost(root->rb_node);
}

rb_node* rb_last(rb_root const* root)
{
	return rightmost(root->rb_node);
}

rb_node* rb_next(rb_node const* node)
{
	if (cxxrt::rbtree::is_clear_node(*node))
		return nullptr;
	if (node->rb_right)
		return leftmost(node->rb_right);

	rb_node* parent = parent_of(node);

	for (; parent && parent->rb_right == node; parent = parent_of(node))
		node = parent;
	return parent;
}

rb_node* rb_prev(rb_node const* node)
{
	if (cxxrt::rbtree::is_clear_node(*node))
		return nullptr;
	if (node->rb_left)
		return rightmost(node->rb_left);

	rb_node* parent = parent_of(node);

	for (; parent && parent->rb_left == node; parent = parent_of(node))
		node = parent;
	return parent;
}
