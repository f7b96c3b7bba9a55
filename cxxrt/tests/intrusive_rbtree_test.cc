// SPDX-License-Identifier: GPL-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "cxxrt/intrusive_rbtree.hpp"

namespace {

namespace rbtree = cxxrt::rbtree;

struct Item {
	u64 key;
	int order;
	rb_node node;
};

using Tree = cxxrt::IntrusiveTree<&Item::node>;

// Virtual time wraps; the comparison is of the difference, as schedulers do it.
bool before(Item const& left, Item const& right)
{
	return static_cast<s64>(left.key - right.key) < 0;
}

std::vector<Item*> contents(rb_root& root)
{
	std::vector<Item*> forward, backward;

	for (Item* item = Tree{root}.first(); item; item = Tree::next(*item))
		forward.push_back(item);
	for (Item* item = Tree{root}.last(); item; item = Tree::prev(*item))
		backward.insert(backward.begin(), item);
	EXPECT_EQ(forward, backward);
	return forward;
}

TEST(RbTree, ClearNodeIsInNoTree)
{
	Item item{};
	rb_root root{};

	rbtree::clear_node(item.node);
	EXPECT_TRUE(rbtree::is_clear_node(item.node));
	EXPECT_TRUE(rbtree::empty(root));
	Tree{root}.insert(item, before);
	EXPECT_FALSE(rbtree::is_clear_node(item.node));
	EXPECT_FALSE(rbtree::empty(root));
	rbtree::erase_clear(root, item.node);
	EXPECT_TRUE(rbtree::is_clear_node(item.node));
	EXPECT_TRUE(rbtree::empty(root));
	EXPECT_EQ(Tree{root}.first(), nullptr);
}

TEST(RbTree, InsertTellsWhetherTheNodeIsFirst)
{
	Item items[3] = {{20, 0, {}}, {10, 1, {}}, {10, 2, {}}};
	rb_root root{};
	Tree tree{root};

	EXPECT_TRUE(tree.insert(items[0], before));
	EXPECT_TRUE(tree.insert(items[1], before));
	EXPECT_FALSE(tree.insert(items[2], before));
	EXPECT_EQ(tree.first(), &items[1]);
	EXPECT_EQ(tree.last(), &items[0]);
}

TEST(RbTree, EqualKeysKeepTheirOrder)
{
	std::vector<Item> items(64);
	rb_root root{};

	for (int i = 0; i < 64; ++i) {
		items[i] = Item{static_cast<u64>(i % 4), i, {}};
		Tree{root}.insert(items[i], before);
	}

	std::vector<Item*> const sorted = contents(root);

	ASSERT_EQ(sorted.size(), 64u);
	for (size_t i = 1; i < sorted.size(); ++i) {
		EXPECT_LE(sorted[i - 1]->key, sorted[i]->key);
		if (sorted[i - 1]->key == sorted[i]->key) {
			EXPECT_LT(sorted[i - 1]->order, sorted[i]->order);
		}
	}
}

TEST(RbTree, OrdersKeysAcrossTheWrap)
{
	Item early{~0ull - 5, 0, {}}, late{5, 0, {}};
	rb_root root{};

	Tree{root}.insert(late, before);
	Tree{root}.insert(early, before);
	EXPECT_EQ(contents(root), (std::vector<Item*>{&early, &late}));
}

TEST(RbTree, BehavesLikeASortedVectorUnderRandomOperations)
{
	std::mt19937 random{1};
	std::vector<Item> items(48);
	std::vector<Item*> model;
	rb_root root{};

	for (Item& item : items)
		rbtree::clear_node(item.node);
	for (int step = 0; step < 10000; ++step) {
		Item& item = items[random() % items.size()];

		if (rbtree::is_clear_node(item.node)) {
			item.key = random() % 16;
			Tree{root}.insert(item, before);
			model.insert(std::upper_bound(model.begin(), model.end(), &item,
						      [](Item* left, Item* right) {
							      return before(*left, *right);
						      }),
				     &item);
		} else {
			Tree{root}.erase(item);
			std::erase(model, &item);
		}
		ASSERT_EQ(contents(root), model);
	}
}

} // namespace
