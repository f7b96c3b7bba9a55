// SPDX-License-Identifier: GPL-2.0
// cxxrt: lists, trees, owners, references, results and per-CPU memory.
#include "suites/suite.hpp"

#include "cxxrt/ref_ptr.hpp"

namespace suite::cases::containers {

using suite::Text;
using suite::World;

namespace {

struct Item {
	s32 key = 0;
	list_head node{};
	rb_node in_tree{};
	char name[2] = "";
};

using Items = cxxrt::IntrusiveList<&Item::node>;
using Tree = cxxrt::IntrusiveTree<&Item::in_tree>;

// Items named a, b, c …, on no list and in no tree.
template <u32 kCount>
struct Bench {
	Bench()
	{
		cxxrt::list::init(head);
		for (u32 i = 0; i < kCount; ++i) {
			items[i].name[0] = static_cast<char>('a' + i);
			cxxrt::list::init(items[i].node);
			cxxrt::rbtree::clear_node(items[i].in_tree);
		}
	}

	void push_all()
	{
		for (Item& item : items)
			Items{head}.push_back(item);
	}

	template <typename Range>
	[[nodiscard]] static Text names(Range&& range)
	{
		Text text;

		for (Item& item : range)
			text.append(item.name);
		return text;
	}

	[[nodiscard]] Text order() { return names(Items{head}); }

	list_head head;
	Item items[kCount];
};

} // namespace

SUITE_CASE(containers, list_keeps_its_order)
{
	Bench<4> bench;
	Items list{bench.head};

	CHECK(list.empty());
	CHECK_EQUAL(list.front(), nullptr);
	CHECK_EQUAL(list.back(), nullptr);
	bench.push_all();
	CHECK_TEXT(bench.order(), "abcd");
	CHECK_TEXT(Bench<4>::names(list.reversed()), "dcba");
	CHECK_EQUAL(list.front(), &bench.items[0]);
	CHECK_EQUAL(list.back(), &bench.items[3]);
	CHECK_EQUAL(list.next(bench.items[1]), &bench.items[2]);
	CHECK_EQUAL(list.next(bench.items[3]), nullptr);
	CHECK_EQUAL(list.previous(bench.items[1]), &bench.items[0]);
	CHECK_EQUAL(list.previous(bench.items[0]), nullptr);
}

SUITE_CASE(containers, list_elements_leave)
{
	Bench<4> bench;
	Items list{bench.head};

	bench.push_all();
	Items::remove(bench.items[2]);
	CHECK(!cxxrt::list::is_linked(bench.items[2].node));
	CHECK_TEXT(bench.order(), "abd");
	CHECK_EQUAL(list.pop_front(), &bench.items[0]);
	list.push_front(bench.items[2]);
	CHECK_TEXT(bench.order(), "cbd");
	while (list.pop_front()) {
	}
	CHECK(list.empty());
	CHECK(cxxrt::list::first(bench.head) == nullptr &&
	      cxxrt::list::last(bench.head) == nullptr);
}

SUITE_CASE(containers, list_may_change_during_a_walk)
{
	Bench<5> bench;
	Items list{bench.head};

	bench.push_all();
	for (Item& item : list.removable())
		if (item.name[0] != 'c')
			Items::remove(item);
	CHECK_TEXT(bench.order(), "c");
	CHECK(cxxrt::list::is_singular(bench.head));
	for (Item& item : list.reversed_removable())
		Items::remove(item);
	CHECK(list.empty());
}

SUITE_CASE(containers, list_moves_and_splices)
{
	Bench<4> bench;
	list_head other;

	cxxrt::list::init(other);
	bench.push_all();
	cxxrt::list::move_front(bench.head, bench.items[2].node);
	CHECK_TEXT(bench.order(), "cabd");
	cxxrt::list::move_back(bench.head, bench.items[0].node);
	CHECK_TEXT(bench.order(), "cbda");
	cxxrt::list::splice_back(other, bench.head);
	CHECK(cxxrt::list::empty(bench.head));
	CHECK_TEXT(Bench<4>::names(Items{other}), "cbda");
	cxxrt::list::splice_back(other, bench.head);
	CHECK_TEXT(Bench<4>::names(Items{other}), "cbda");
}

namespace {

struct TreeRow {
	char const* name;
	s32 keys[6]; // of a to f, inserted in this order
	char const* order;
};

constexpr TreeRow kTrees[] = {
	{"ascending", {1, 2, 3, 4, 5, 6}, "abcdef"},
	{"descending", {6, 5, 4, 3, 2, 1}, "fedcba"},
	{"equal keys keep the order of insertion", {1, 1, 1, 1, 1, 1}, "abcdef"},
	{"equal keys among others", {2, 1, 2, 1, 2, 1}, "bdface"},
	{"negative", {0, -1, 5, -3, 2, -1}, "dbfaec"},
};

bool key_less(Item const& left, Item const& right)
{
	return left.key < right.key;
}

Text names_in_tree(rb_root& root)
{
	Text names;

	for (Item* item = Tree{root}.first(); item; item = Tree::next(*item))
		names.append(item->name);
	return names;
}

} // namespace

SUITE_TABLE(containers, tree_order, kTrees)
{
	TreeRow const& wanted = kTrees[row];
	Bench<6> bench;
	rb_root root{};
	Tree tree{root};
	s32 least = 0;

	CHECK(tree.empty());
	for (u32 i = 0; i < 6; ++i) {
		bool const new_least = !i || wanted.keys[i] < least;

		bench.items[i].key = wanted.keys[i];
		CHECK_EQUAL(tree.insert(bench.items[i], key_less), new_least);
		least = new_least ? wanted.keys[i] : least;
	}
	CHECK_TEXT(names_in_tree(root), wanted.order);
	CHECK_EQUAL(tree.last()->name[0], wanted.order[5]);

	Text backwards;

	for (Item* item = tree.last(); item; item = Tree::prev(*item))
		backwards.append(item->name);
	for (u32 i = 0; i < 6; ++i)
		CHECK_EQUAL(backwards.at[i], wanted.order[5 - i]);

	// One after the other out of the middle of what is left.
	constexpr u32 kLeaving[] = {2, 4, 0, 5, 1, 3};

	for (u32 i : kLeaving) {
		CHECK(!cxxrt::rbtree::is_clear_node(bench.items[i].in_tree));
		tree.erase(bench.items[i]);
		CHECK(cxxrt::rbtree::is_clear_node(bench.items[i].in_tree));
	}
	CHECK(tree.empty());
}

SUITE_CASE(containers, tree_of_many)
{
	constexpr u32 kMany = 500;
	World world;

	REQUIRE(world.ready());

	auto made = cxxrt::make_array<Item>(cxxrt::Gfp::kernel, kMany);

	REQUIRE(made.ok());
	rb_root root{};
	Tree tree{root};
	u32 random = 1;

	for (Item& item : made.value()) {
		random = random * 1103515245 + 12345;
		item.key = static_cast<s32>(random >> 16 & 63);
		tree.insert(item, key_less);
	}

	u32 count = 1;

	for (Item* item = tree.first(); Tree::next(*item); item = Tree::next(*item), ++count) {
		Item& next = *Tree::next(*item);

		// Among equals the one inserted earlier lies earlier in memory.
		CHECK(item->key < next.key || (item->key == next.key && item < &next));
	}
	CHECK_EQUAL(count, kMany);
}

namespace {

struct Counted {
	explicit Counted(int& count) : count_{count} { ++count_; }
	Counted(Counted const&) = delete;
	Counted& operator=(Counted const&) = delete;
	~Counted() { --count_; }

	int& count_;
};

struct Shared {
	int references = 0;
};

struct SharedPolicy {
	static void retain(Shared& shared) noexcept { ++shared.references; }
	static void release(Shared& shared) noexcept { --shared.references; }
};

using SharedRef = cxxrt::RefPtr<Shared, SharedPolicy>;

cxxrt::Result<int> half(int number)
{
	if (number % 2)
		return cxxrt::fail(cxxrt::kEinval);
	return number / 2;
}

cxxrt::Result<int> quarter(int number)
{
	int const once = CXXRT_TRY(half(number));

	return CXXRT_TRY(half(once));
}

} // namespace

SUITE_CASE(containers, an_owner_frees_once)
{
	World world;
	int alive = 0;

	REQUIRE(world.ready());
	{
		auto made = cxxrt::make<Counted>(cxxrt::Gfp::kernel, alive);

		REQUIRE(made.ok());
		cxxrt::UniquePtr<Counted> first = cxxrt::move(made).value();

		CHECK_EQUAL(alive, 1);
		cxxrt::UniquePtr<Counted> second = cxxrt::move(first);

		CHECK(!first && second);
		CHECK_EQUAL(alive, 1);
		second.reset();
		CHECK_EQUAL(alive, 0);
	}
	CHECK_EQUAL(alive, 0);
}

SUITE_CASE(containers, references_are_counted)
{
	Shared shared;

	{
		SharedRef one{&shared, cxxrt::retain};
		SharedRef two = one;

		CHECK_EQUAL(shared.references, 2);
		SharedRef three = cxxrt::move(one);

		CHECK(!one && two == three);
		CHECK_EQUAL(shared.references, 2);
		two = nullptr;
		CHECK_EQUAL(shared.references, 1);
		three = three;
		CHECK_EQUAL(shared.references, 1);
	}
	CHECK_EQUAL(shared.references, 0);
	shared.references = 1;
	CHECK(SharedRef(&shared, cxxrt::adopt).get() == &shared);
	CHECK_EQUAL(shared.references, 0);
}

SUITE_CASE(containers, results_carry_errors)
{
	CHECK_EQUAL(quarter(12).value(), 3);
	CHECK_EQUAL(quarter(6).to_int(), -22);
	CHECK_EQUAL(quarter(6).error().negative(), -22);
	CHECK_EQUAL(quarter(7).to_int(), -22);
	CHECK(cxxrt::Result<void>::from_int(0).ok());
	CHECK_EQUAL(cxxrt::Result<void>::from_int(-12).error().negative(), -12);
}

SUITE_CASE(containers, each_cpu_has_its_own)
{
	World world{{.cpus = 16, .threads_per_core = 1, .nodes = 1}};

	REQUIRE(world.ready());

	auto made = cxxrt::PerCpu<u64>::create();

	REQUIRE(made.ok());
	cxxrt::PerCpu<u64> numbers = cxxrt::move(made).value();

	for (s32 cpu = 0; cpu < 16; ++cpu) {
		CHECK_EQUAL(numbers.cpu(cpu), 0);
		numbers.cpu(cpu) = static_cast<u64>(cpu) * 3;
	}
	for (s32 cpu = 0; cpu < 16; ++cpu)
		CHECK_EQUAL(numbers.cpu(cpu), cpu * 3);
}

} // namespace suite::cases::containers
