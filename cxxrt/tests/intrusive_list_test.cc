// SPDX-License-Identifier: GPL-2.0
#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <vector>

#include "cxxrt/intrusive_list.hpp"

namespace {

namespace list = cxxrt::list;

struct Entity {
	u32 flags;
	list_head node;
};

struct Item {
	int value;
	Entity entity;
};

using Items = cxxrt::IntrusiveList<&Item::entity, &Entity::node>;

class ListTest : public testing::Test {
protected:
	ListTest()
	{
		list::init(head);
		list::init(other_head);
		for (int i = 0; i < 8; ++i) {
			items[i].value = i;
			list::init(items[i].entity.node);
		}
	}

	list_head& node(int index) { return items[index].entity.node; }

	// Read forwards, and checked against the way back.
	std::vector<int> values(list_head& from)
	{
		std::vector<int> forward, backward;

		for (Item& item : Items{from})
			forward.push_back(item.value);
		for (Item& item : Items{from}.reversed())
			backward.insert(backward.begin(), item.value);
		EXPECT_EQ(forward, backward);
		return forward;
	}

	using Values = std::vector<int>;

	list_head head, other_head;
	Item items[8];
};

TEST_F(ListTest, StartsEmpty)
{
	EXPECT_TRUE(list::empty(head));
	EXPECT_FALSE(list::is_linked(node(0)));
	EXPECT_EQ(list::first(head), nullptr);
	EXPECT_EQ(list::last(head), nullptr);
	EXPECT_EQ(Items{head}.front(), nullptr);
	EXPECT_EQ(Items{head}.pop_front(), nullptr);
}

TEST_F(ListTest, PushesAtBothEnds)
{
	list::push_back(head, node(1));
	EXPECT_TRUE(list::is_singular(head));
	list::push_back(head, node(2));
	list::push_front(head, node(0));
	EXPECT_EQ(values(head), (Values{0, 1, 2}));
	EXPECT_EQ(list::first(head), &node(0));
	EXPECT_EQ(list::last(head), &node(2));
	EXPECT_FALSE(list::is_singular(head));
	EXPECT_TRUE(list::is_linked(node(0)));
}

TEST_F(ListTest, InsertsAroundAPosition)
{
	list::push_back(head, node(0));
	list::insert_after(node(0), node(2));
	list::insert_before(node(2), node(1));
	list::insert_after(node(2), node(3));
	EXPECT_EQ(values(head), (Values{0, 1, 2, 3}));
}

TEST_F(ListTest, RemovedNodeCanGoOnAnotherList)
{
	list::push_back(head, node(0));
	list::push_back(head, node(1));
	list::remove_init(node(0));
	EXPECT_FALSE(list::is_linked(node(0)));
	list::push_back(other_head, node(0));
	EXPECT_EQ(values(head), (Values{1}));
	EXPECT_EQ(values(other_head), (Values{0}));
	list::remove_init(node(1));
	EXPECT_TRUE(list::empty(head));
}

TEST_F(ListTest, MovesWithinAndBetweenLists)
{
	for (int i = 0; i < 4; ++i)
		list::push_back(head, node(i));
	list::move_after(node(3), node(0));
	EXPECT_EQ(values(head), (Values{1, 2, 3, 0}));
	list::move_before(node(1), node(3));
	EXPECT_EQ(values(head), (Values{3, 1, 2, 0}));
	list::move_front(other_head, node(2));
	list::move_back(other_head, node(3));
	EXPECT_EQ(values(head), (Values{1, 0}));
	EXPECT_EQ(values(other_head), (Values{2, 3}));
}

TEST_F(ListTest, SplicesAndEmptiesTheSource)
{
	list::push_back(head, node(0));
	list::splice_back(head, other_head);
	EXPECT_EQ(values(head), (Values{0}));
	list::push_back(other_head, node(1));
	list::push_back(other_head, node(2));
	list::splice_back(head, other_head);
	EXPECT_EQ(values(head), (Values{0, 1, 2}));
	EXPECT_TRUE(list::empty(other_head));
}

TEST_F(ListTest, RemovableIterationAllowsRemoval)
{
	for (int i = 0; i < 8; ++i)
		list::push_back(head, node(i));
	for (Item& item : Items{head}.removable())
		if (item.value % 2)
			Items::remove(item);
	EXPECT_EQ(values(head), (Values{0, 2, 4, 6}));
	for (Item& item : Items{head}.reversed_removable())
		Items::remove(item);
	EXPECT_TRUE(list::empty(head));
}

TEST_F(ListTest, NeighboursEndInNull)
{
	Items view{head};

	view.push_back(items[0]);
	view.push_front(items[1]);
	EXPECT_EQ(view.front(), &items[1]);
	EXPECT_EQ(view.back(), &items[0]);
	EXPECT_EQ(view.next(items[1]), &items[0]);
	EXPECT_EQ(view.next(items[0]), nullptr);
	EXPECT_EQ(view.previous(items[0]), &items[1]);
	EXPECT_EQ(view.previous(items[1]), nullptr);
	EXPECT_EQ(view.pop_front(), &items[1]);
	EXPECT_EQ(view.front(), &items[0]);
}

TEST_F(ListTest, BehavesLikeADequeUnderRandomOperations)
{
	std::mt19937 random{1};
	std::deque<int> model;

	for (int step = 0; step < 10000; ++step) {
		int const index = static_cast<int>(random() % 8);

		if (list::is_linked(node(index))) {
			list::remove_init(node(index));
			std::erase(model, index);
		} else if (random() % 2) {
			list::push_back(head, node(index));
			model.push_back(index);
		} else {
			list::push_front(head, node(index));
			model.push_front(index);
		}
		ASSERT_EQ(values(head), Values(model.begin(), model.end()));
	}
}

TEST(ContainerOf, FindsTheHolderThroughNestedMembers)
{
	Item item{};
	Item const& constant = item;

	EXPECT_EQ((cxxrt::container_of<&Item::entity, &Entity::node>(&item.entity.node)), &item);
	EXPECT_EQ((cxxrt::container_of<&Item::entity>(&constant.entity)), &constant);
	EXPECT_EQ(cxxrt::offset_of<&Item::entity>(),
		  static_cast<long>(__builtin_offsetof(Item, entity)));
}

} // namespace
