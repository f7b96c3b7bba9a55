// SPDX-License-Identifier: GPL-2.0
// Queue order: first in first out, by virtual time, and the two mixed.
#include "suites/suite.hpp"

#include "core/dispatch_queue.hpp"

namespace suite::cases::dispatch_queue {

namespace queue = scx::dispatch_queue;
using queue::Misuse;
using suite::Text;
using suite::World;

namespace {

constexpr char const* kNames[] = {"a", "b", "c", "d"};

// A queue that belongs to nobody, and four tasks.
struct Bench {
	Bench()
	{
		if (!world.ready())
			return;
		queue::init(dsq, 7);
		for (u32 i = 0; i < 4; ++i)
			tasks[i] = &world.task(kNames[i]);
	}

	~Bench()
	{
		for (task_struct* p : tasks)
			if (p && p->scx.dsq)
				remove(*p);
	}

	Misuse add(task_struct& p, u64 flags = 0) { return queue::insert(dsq, p, flags); }

	Misuse add_at(task_struct& p, u64 vtime, u64 flags = 0)
	{
		p.scx.dsq_vtime = vtime;
		return queue::insert(dsq, p, SCX_ENQ_DSQ_PRIQ | flags);
	}

	void remove(task_struct& p)
	{
		queue::unlink(dsq, p);
		p.scx.dsq = nullptr;
	}

	[[nodiscard]] Text order() { return suite::names_in(dsq); }

	[[nodiscard]] Text backwards()
	{
		Text names;

		for (task_struct* p = queue::previous(dsq, nullptr); p;
		     p = queue::previous(dsq, &p->scx.dsq_list.node))
			names.append(names.at[0] ? " " : "").append(p->comm);
		return names;
	}

	World world;
	scx_dispatch_q dsq;
	task_struct* tasks[4] = {};
};

// In the list as an iterator leaves it.
struct Cursor {
	Cursor()
	{
		entry.flags = SCX_DSQ_LNODE_ITER_CURSOR;
		scx::list::init(entry.node);
	}
	Cursor(Cursor const&) = delete;
	Cursor& operator=(Cursor const&) = delete;
	~Cursor() { scx::list::remove_init(entry.node); }

	scx_dsq_list_node entry{};
};

} // namespace

SUITE_CASE(dispatch_queue, starts_empty)
{
	Bench bench;

	REQUIRE(bench.world.ready());
	CHECK_EQUAL(queue::next(bench.dsq, nullptr), nullptr);
	CHECK_EQUAL(queue::previous(bench.dsq, nullptr), nullptr);
	CHECK_EQUAL(queue::count(bench.dsq), 0);
	CHECK_EQUAL(bench.dsq.id, 7);
	CHECK(!queue::is_local(bench.dsq));
}

namespace {

constexpr u64 kFifo = ~0ULL; // no virtual time
constexpr u64 kHead = ~0ULL - 1;
constexpr u64 kPreempt = ~0ULL - 2;
constexpr u64 kLast = ~0ULL - 8; // virtual times below this one; the next after wrapping is 0

struct OrderRow {
	char const* name;
	u64 how[4]; // tasks a to d, in this order
	char const* order;
};

constexpr OrderRow kOrders[] = {
	{"first in, first out", {kFifo, kFifo, kFifo, kFifo}, "a b c d"},
	{"head insertion goes first", {kFifo, kHead, kFifo, kHead}, "d b a c"},
	{"preempting goes first", {kFifo, kFifo, kPreempt, kFifo}, "c a b d"},
	{"vtime ascending", {10, 20, 30, 40}, "a b c d"},
	{"vtime descending", {40, 30, 20, 10}, "d c b a"},
	{"vtime in between", {30, 10, 20, 40}, "b c a d"},
	{"equal vtimes keep the order of insertion", {5, 5, 5, 5}, "a b c d"},
	{"equal vtimes among others", {5, 5, 1, 5}, "c a b d"},
	{"vtime wraps around", {5, kLast, 0, kLast - 10}, "d b c a"},
	{"half a range behind", {1ULL << 63, 1, 2, 3}, "b c d a"},
	{"half a range ahead", {(1ULL << 63) + 4, 1, 2, 3}, "a b c d"},
};

} // namespace

SUITE_TABLE(dispatch_queue, order, kOrders)
{
	OrderRow const& wanted = kOrders[row];
	Bench bench;

	REQUIRE(bench.world.ready());
	for (u32 i = 0; i < 4; ++i) {
		task_struct& p = *bench.tasks[i];
		u64 const how = wanted.how[i];

		if (how >= kPreempt)
			CHECK(bench.add(p, how == kHead      ? u64{SCX_ENQ_HEAD}
					   : how == kPreempt ? u64{SCX_ENQ_PREEMPT}
							     : 0) == Misuse::none);
		else
			CHECK(bench.add_at(p, how) == Misuse::none);
	}
	CHECK_TEXT(bench.order(), wanted.order);
	CHECK_EQUAL(queue::count(bench.dsq), 4);

	Text reversed;

	for (s32 i = 6; i >= 0; i -= 2) {
		char const letter[] = {wanted.order[i], '\0'};

		reversed.append(i < 6 ? " " : "").append(letter);
	}
	CHECK_TEXT(bench.backwards(), reversed.at);
}

SUITE_CASE(dispatch_queue, head_flag_does_not_overrule_vtime)
{
	Bench bench;

	REQUIRE(bench.world.ready());
	CHECK(bench.add_at(*bench.tasks[0], 1) == Misuse::none);
	CHECK(bench.add_at(*bench.tasks[1], 2, SCX_ENQ_HEAD) == Misuse::none);
	CHECK_TEXT(bench.order(), "a b");
}

SUITE_CASE(dispatch_queue, fifo_into_a_vtime_queue_is_misuse)
{
	Bench bench;

	REQUIRE(bench.world.ready());
	CHECK(bench.add_at(*bench.tasks[0], 1) == Misuse::none);
	CHECK(bench.add(*bench.tasks[1]) == Misuse::fifo_on_vtime);
	CHECK_EQUAL(queue::count(bench.dsq), 2);
	CHECK_EQUAL(bench.tasks[1]->scx.dsq, &bench.dsq);
}

SUITE_CASE(dispatch_queue, vtime_into_a_fifo_queue_is_misuse)
{
	Bench bench;

	REQUIRE(bench.world.ready());
	CHECK(bench.add(*bench.tasks[0]) == Misuse::none);
	CHECK(bench.add_at(*bench.tasks[1], 1) == Misuse::vtime_on_fifo);
	CHECK_EQUAL(queue::count(bench.dsq), 2);
}

SUITE_CASE(dispatch_queue, an_emptied_queue_takes_either_order)
{
	Bench bench;
	task_struct& a = *bench.tasks[0];

	REQUIRE(bench.world.ready());
	CHECK(bench.add_at(a, 1) == Misuse::none);
	bench.remove(a);
	CHECK(bench.add(a) == Misuse::none);
	bench.remove(a);
	CHECK(bench.add_at(a, 1) == Misuse::none);
}

SUITE_CASE(dispatch_queue, builtin_queues_are_fifo_whatever_is_asked)
{
	Bench bench;

	REQUIRE(bench.world.ready());
	queue::init(bench.dsq, SCX_DSQ_GLOBAL);
	CHECK(bench.add_at(*bench.tasks[0], 9) == Misuse::vtime_on_builtin);
	CHECK(bench.add_at(*bench.tasks[1], 1) == Misuse::vtime_on_builtin);
	CHECK_TEXT(bench.order(), "a b");
	CHECK(!(bench.tasks[0]->scx.dsq_flags & SCX_TASK_DSQ_ON_PRIQ));
}

namespace {

struct UnlinkRow {
	char const* name;
	bool by_vtime;
	u32 gone;
	char const* rest;
	char const* again; // after it has come back
};

constexpr UnlinkRow kUnlinks[] = {
	{"first of a FIFO", false, 0, "b c", "b c a"},
	{"middle of a FIFO", false, 1, "a c", "a c b"},
	{"last of a FIFO", false, 2, "a b", "a b c"},
	{"first by vtime", true, 0, "b c", "b c a"},
	{"middle by vtime", true, 1, "a c", "a c b"},
	{"last by vtime", true, 2, "a b", "a b c"},
};

} // namespace

SUITE_TABLE(dispatch_queue, unlink, kUnlinks)
{
	UnlinkRow const& wanted = kUnlinks[row];
	Bench bench;

	REQUIRE(bench.world.ready());
	for (u32 i = 0; i < 3; ++i)
		CHECK((wanted.by_vtime ? bench.add_at(*bench.tasks[i], i)
				       : bench.add(*bench.tasks[i])) == Misuse::none);

	task_struct& gone = *bench.tasks[wanted.gone];

	queue::unlink(bench.dsq, gone);
	CHECK_EQUAL(gone.scx.dsq, &bench.dsq);
	gone.scx.dsq = nullptr;
	CHECK_TEXT(bench.order(), wanted.rest);
	CHECK_EQUAL(queue::count(bench.dsq), 2);
	CHECK(!scx::list::is_linked(gone.scx.dsq_list.node));
	CHECK(scx::rbtree::is_clear_node(gone.scx.dsq_priq));
	CHECK_EQUAL(gone.scx.dsq_flags, 0);

	CHECK((wanted.by_vtime ? bench.add_at(gone, 9) : bench.add(gone)) == Misuse::none);
	CHECK_TEXT(bench.order(), wanted.again);
}

SUITE_CASE(dispatch_queue, each_insertion_has_a_brand)
{
	Bench bench;
	task_struct &a = *bench.tasks[0], &b = *bench.tasks[1];

	REQUIRE(bench.world.ready());
	CHECK(bench.add(a) == Misuse::none);
	CHECK(bench.add(b, SCX_ENQ_HEAD) == Misuse::none);
	CHECK_EQUAL(b.scx.dsq_seq, a.scx.dsq_seq + 1);
	CHECK_EQUAL(bench.dsq.seq, b.scx.dsq_seq);
	bench.remove(a);
	CHECK(bench.add(a) == Misuse::none);
	CHECK_EQUAL(a.scx.dsq_seq, b.scx.dsq_seq + 1);
}

SUITE_CASE(dispatch_queue, inserting_a_task_twice_is_noticed)
{
	Bench bench;
	task_struct& a = *bench.tasks[0];

	REQUIRE(bench.world.ready());
	a.scx.dsq = &bench.dsq;
	(void)bench.add(a);
	CHECK_EQUAL(suite::machine::take_warnings(), 1);
}

SUITE_CASE(dispatch_queue, walks_skip_cursors)
{
	Bench bench;
	Cursor first, middle, twin, last;

	REQUIRE(bench.world.ready());
	CHECK(bench.add(*bench.tasks[0]) == Misuse::none);
	CHECK(bench.add(*bench.tasks[1]) == Misuse::none);
	scx::list::push_front(bench.dsq.list, first.entry.node);
	scx::list::insert_after(bench.tasks[0]->scx.dsq_list.node, middle.entry.node);
	scx::list::insert_after(middle.entry.node, twin.entry.node);
	scx::list::push_back(bench.dsq.list, last.entry.node);

	CHECK_TEXT(bench.order(), "a b");
	CHECK_TEXT(bench.backwards(), "b a");
	CHECK_EQUAL(queue::next(bench.dsq, &middle.entry.node), bench.tasks[1]);
	CHECK_EQUAL(queue::previous(bench.dsq, &twin.entry.node), bench.tasks[0]);
	CHECK_EQUAL(queue::next(bench.dsq, &last.entry.node), nullptr);
	CHECK_EQUAL(queue::previous(bench.dsq, &first.entry.node), nullptr);
}

SUITE_CASE(dispatch_queue, cursors_are_no_tasks)
{
	Bench bench;
	Cursor cursor;

	REQUIRE(bench.world.ready());
	scx::list::push_back(bench.dsq.list, cursor.entry.node);
	CHECK_EQUAL(queue::next(bench.dsq, nullptr), nullptr);
	CHECK_EQUAL(queue::count(bench.dsq), 0);

	// And do not make a queue a FIFO one.
	CHECK(bench.add_at(*bench.tasks[0], 2) == Misuse::none);
	CHECK(bench.add_at(*bench.tasks[1], 1) == Misuse::none);
	CHECK_TEXT(bench.order(), "b a");
}

} // namespace suite::cases::dispatch_queue
