// SPDX-License-Identifier: GPL-2.0
// Lists over the kernel's own list_head, so BPF programs, drgn and crash read them as they are.
//
// namespace list works on bare nodes; IntrusiveList adds types. A node that is on no list points
// to itself (init, remove_init): is_linked() relies on it. Nothing here locks. Single pointer
// stores are untorn, so empty() may be asked without the lock, as the kernel's may.
#pragma once

#include "cxxrt/atomic.hpp"
#include "cxxrt/utility.hpp"

namespace cxxrt {

namespace list {

CXXRT_ALWAYS_INLINE void init(list_head& head) noexcept
{
	write_once(head.next, &head);
	write_once(head.prev, &head);
}

[[nodiscard]] CXXRT_ALWAYS_INLINE bool empty(list_head const& head) noexcept
{
	return read_once(head.next) == &head;
}

// Only for nodes that were init()ed before and leave lists by remove_init().
[[nodiscard]] CXXRT_ALWAYS_INLINE bool is_linked(list_head const& node) noexcept
{
	return !empty(node);
}

[[nodiscard]] CXXRT_ALWAYS_INLINE bool is_singular(list_head const& head) noexcept
{
	return !empty(head) && head.next == head.prev;
}

CXXRT_ALWAYS_INLINE void insert_between(list_head& before, list_head& node,
					list_head& after) noexcept
{
	after.prev = &node;
	node.next = &after;
	node.prev = &before;
	write_once(before.next, &node);
}

CXXRT_ALWAYS_INLINE void insert_after(list_head& position, list_head& node) noexcept
{
	insert_between(position, node, *position.next);
}

CXXRT_ALWAYS_INLINE void insert_before(list_head& position, list_head& node) noexcept
{
	insert_between(*position.prev, node, position);
}

CXXRT_ALWAYS_INLINE void push_front(list_head& head, list_head& node) noexcept
{
	insert_after(head, node);
}

CXXRT_ALWAYS_INLINE void push_back(list_head& head, list_head& node) noexcept
{
	insert_before(head, node);
}

// The node's own pointers stay as they were: for a node that goes on a list at once.
CXXRT_ALWAYS_INLINE void unlink(list_head& node) noexcept
{
	node.next->prev = node.prev;
	write_once(node.prev->next, node.next);
}

CXXRT_ALWAYS_INLINE void remove_init(list_head& node) noexcept
{
	unlink(node);
	init(node);
}

// From the list it is on to behind `position`, which is not the node itself.
CXXRT_ALWAYS_INLINE void move_after(list_head& position, list_head& node) noexcept
{
	unlink(node);
	insert_after(position, node);
}

CXXRT_ALWAYS_INLINE void move_before(list_head& position, list_head& node) noexcept
{
	unlink(node);
	insert_before(position, node);
}

CXXRT_ALWAYS_INLINE void move_front(list_head& head, list_head& node) noexcept
{
	move_after(head, node);
}

CXXRT_ALWAYS_INLINE void move_back(list_head& head, list_head& node) noexcept
{
	move_before(head, node);
}

// All of `source` to the end of `destination`; `source` is empty afterwards.
CXXRT_ALWAYS_INLINE void splice_back(list_head& destination, list_head& source) noexcept
{
	if (empty(source))
		return;

	list_head* first = source.next;
	list_head* last = source.prev;
	list_head* tail = destination.prev;

	first->prev = tail;
	write_once(tail->next, first);
	last->next = &destination;
	destination.prev = last;
	init(source);
}

// The neighbours, or null at the list's end.
[[nodiscard]] CXXRT_ALWAYS_INLINE list_head* first(list_head const& head) noexcept
{
	list_head* node = read_once(head.next);

	return node == &head ? nullptr : node;
}

[[nodiscard]] CXXRT_ALWAYS_INLINE list_head* last(list_head const& head) noexcept
{
	list_head* node = read_once(head.prev);

	return node == &head ? nullptr : node;
}

} // namespace list

// A typed view of a list: elements of the first member's class, linked through the list_head that
// the path of members leads to. It refers to the head and owns nothing.
//
//	IntrusiveList<&Holder::inner, &Inner::node> holders{head};
//	for (Holder& holder : holders) …
//	for (Holder& holder : holders.removable()) …   // the body may unlink `holder`
template <auto... kPath>
class IntrusiveList {
	using Path = MemberPath<kPath...>;

	static_assert(is_same_v<typename Path::Type, list_head>,
		      "the path must end at a list_head");

public:
	using Element = typename Path::Class;

	explicit IntrusiveList(list_head& head) noexcept : head_{&head} {}

	[[nodiscard]] static list_head& node(Element& element) noexcept
	{
		return Path::member(element);
	}

	[[nodiscard]] static Element& element(list_head& node) noexcept
	{
		return *container_of<kPath...>(&node);
	}

	[[nodiscard]] bool empty() const noexcept { return list::empty(*head_); }
	[[nodiscard]] Element* front() const noexcept { return at(head_->next); }
	[[nodiscard]] Element* back() const noexcept { return at(head_->prev); }

	// The neighbour, or null at the end.
	[[nodiscard]] Element* next(Element& from) const noexcept { return at(node(from).next); }
	[[nodiscard]] Element* previous(Element& from) const noexcept
	{
		return at(node(from).prev);
	}

	void push_front(Element& added) noexcept { list::push_front(*head_, node(added)); }
	void push_back(Element& added) noexcept { list::push_back(*head_, node(added)); }
	static void remove(Element& removed) noexcept { list::remove_init(node(removed)); }

	[[nodiscard]] Element* pop_front() noexcept
	{
		Element* popped = front();

		if (popped)
			remove(*popped);
		return popped;
	}

private:
	struct Forward {
		static list_head* step(list_head* node) noexcept { return node->next; }
	};
	struct Backward {
		static list_head* step(list_head* node) noexcept { return node->prev; }
	};

	template <typename Direction>
	struct Iterator {
		list_head* node;

		Element& operator*() const noexcept { return element(*node); }
		void operator++() noexcept { node = Direction::step(node); }
		bool operator!=(Iterator const& other) const noexcept { return node != other.node; }
	};

	// Knows the successor before the body runs, so the body may take the element off the list.
	template <typename Direction>
	struct RemovableIterator {
		list_head* node;
		list_head* following;

		explicit RemovableIterator(list_head* start) noexcept
			: node{start}, following{Direction::step(start)}
		{}

		Element& operator*() const noexcept { return element(*node); }

		void operator++() noexcept
		{
			node = following;
			following = Direction::step(node);
		}

		bool operator!=(RemovableIterator const& other) const noexcept
		{
			return node != other.node;
		}
	};

	template <typename Direction, template <typename> typename It>
	struct Range {
		list_head* head;

		It<Direction> begin() const noexcept
		{
			return It<Direction>{Direction::step(head)};
		}
		It<Direction> end() const noexcept { return It<Direction>{head}; }
	};

public:
	[[nodiscard]] auto begin() const noexcept { return Iterator<Forward>{head_->next}; }
	[[nodiscard]] auto end() const noexcept { return Iterator<Forward>{head_}; }
	[[nodiscard]] auto reversed() const noexcept { return Range<Backward, Iterator>{head_}; }

	[[nodiscard]] auto removable() const noexcept
	{
		return Range<Forward, RemovableIterator>{head_};
	}

	[[nodiscard]] auto reversed_removable() const noexcept
	{
		return Range<Backward, RemovableIterator>{head_};
	}

private:
	[[nodiscard]] Element* at(list_head* node) const noexcept
	{
		return node == head_ ? nullptr : &element(*node);
	}

	list_head* head_;
};

} // namespace cxxrt
