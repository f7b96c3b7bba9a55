// SPDX-License-Identifier: GPL-2.0
// Red-black trees over the kernel's own rb_node, balanced by the kernel's own code.
//
// Elements that compare equal keep the order of their insertion, so a tree keyed by virtual time
// is first come, first served among equals. Nothing here locks; insert and erase are O(log n).
#pragma once

#include "cxxrt/utility.hpp"

// The kernel exports these; the host tests bring their own.
extern "C" {
void rb_insert_color(rb_node* node, rb_root* root);
void rb_erase(rb_node* node, rb_root* root);
rb_node* rb_first(rb_root const* root);
rb_node* rb_last(rb_root const* root);
rb_node* rb_next(rb_node const* node);
rb_node* rb_prev(rb_node const* node);
}

namespace cxxrt {

namespace rbtree {

CXXRT_ALWAYS_INLINE void init(rb_root& root) noexcept
{
	root.rb_node = nullptr;
}

[[nodiscard]] CXXRT_ALWAYS_INLINE bool empty(rb_root const& root) noexcept
{
	return !root.rb_node;
}

// A node that is in no tree names itself as its parent: the kernel's own convention.
CXXRT_ALWAYS_INLINE void clear_node(rb_node& node) noexcept
{
	node.__rb_parent_color = reinterpret_cast<Address>(&node);
}

[[nodiscard]] CXXRT_ALWAYS_INLINE bool is_clear_node(rb_node const& node) noexcept
{
	return node.__rb_parent_color == reinterpret_cast<Address>(&node);
}

// Inserts behind all that do not order after it; less(rb_node const&, rb_node const&) is a strict
// order. True when the node is now the first; then `parent` is the one that was first before, null
// if the tree was empty.
template <typename Less>
inline bool insert(rb_root& root, rb_node& node, Less less, ::rb_node*& parent) noexcept
{
	::rb_node** link = &root.rb_node;
	bool first = true;

	parent = nullptr;

	while (*link) {
		parent = *link;
		if (less(static_cast<::rb_node const&>(node), *parent)) {
			link = &parent->rb_left;
		} else {
			link = &parent->rb_right;
			first = false;
		}
	}

	// A parent pointer without the black bit is a red node, as a new one must be.
	node.__rb_parent_color = reinterpret_cast<Address>(parent);
	node.rb_left = nullptr;
	node.rb_right = nullptr;
	*link = &node;
	rb_insert_color(&node, &root);
	return first;
}

CXXRT_ALWAYS_INLINE void erase_clear(rb_root& root, rb_node& node) noexcept
{
	rb_erase(&node, &root);
	clear_node(node);
}

// The neighbours in order, or null at the end.
[[nodiscard]] CXXRT_ALWAYS_INLINE ::rb_node* first(rb_root const& root) noexcept
{
	return rb_first(&root);
}

[[nodiscard]] CXXRT_ALWAYS_INLINE ::rb_node* last(rb_root const& root) noexcept
{
	return rb_last(&root);
}

[[nodiscard]] CXXRT_ALWAYS_INLINE ::rb_node* next(rb_node const& node) noexcept
{
	return rb_next(&node);
}

[[nodiscard]] CXXRT_ALWAYS_INLINE ::rb_node* prev(rb_node const& node) noexcept
{
	return rb_prev(&node);
}

} // namespace rbtree

// A typed view of a tree; see IntrusiveList. It refers to the root and owns nothing.
template <auto... kPath>
class IntrusiveTree {
	using Path = MemberPath<kPath...>;

	static_assert(is_same_v<typename Path::Type, rb_node>, "the path must end at an rb_node");

public:
	using Element = typename Path::Class;

	explicit IntrusiveTree(rb_root& root) noexcept : root_{&root} {}

	[[nodiscard]] static rb_node& node(Element& element) noexcept
	{
		return Path::member(element);
	}

	[[nodiscard]] static Element& element(rb_node& node) noexcept
	{
		return *container_of<kPath...>(&node);
	}

	[[nodiscard]] bool empty() const noexcept { return rbtree::empty(*root_); }
	[[nodiscard]] Element* first() const noexcept { return at(rbtree::first(*root_)); }
	[[nodiscard]] Element* last() const noexcept { return at(rbtree::last(*root_)); }

	[[nodiscard]] static Element* next(Element& from) noexcept
	{
		return at(rbtree::next(node(from)));
	}

	[[nodiscard]] static Element* prev(Element& from) noexcept
	{
		return at(rbtree::prev(node(from)));
	}

	// less(Element const&, Element const&); true when the element is now the first.
	template <typename Less>
	bool insert(Element& added, Less less) noexcept
	{
		Element* was_first = nullptr;

		return insert(added, less, was_first);
	}

	// The same; when true, `was_first` is the element that was the first, null if there was
	// none.
	template <typename Less>
	bool insert(Element& added, Less less, Element*& was_first) noexcept
	{
		rb_node* parent = nullptr;
		bool const first = rbtree::insert(
			*root_, node(added),
			[&less](rb_node const& left, rb_node const& right) {
				return less(*container_of<kPath...>(&left),
					    *container_of<kPath...>(&right));
			},
			parent);

		was_first = at(parent);
		return first;
	}

	void erase(Element& removed) noexcept { rbtree::erase_clear(*root_, node(removed)); }

private:
	[[nodiscard]] static Element* at(rb_node* node) noexcept
	{
		return node ? &element(*node) : nullptr;
	}

	rb_root* root_;
};

} // namespace cxxrt
