// SPDX-License-Identifier: GPL-2.0
// A scheduler's own queues: iterators parked in them while tasks come and go, moves out from under
// one, and the end of a queue.
#include "suites/suite.hpp"

#include "core/dispatch_queue.hpp"
#include "core/queues.hpp"

namespace suite::cases::user_queue {

using suite::Text;
using suite::World;

namespace {

constexpr u64 kQueue = 1;
constexpr u64 kOther = 2;
constexpr u64 kVtimeQueue = 3;

// Where ops.enqueue() sends a task.
u64 target;
u64 vtime; // 0: first in, first out

// A world whose scheduler sends each task to `target`.
struct Bench {
	Bench()
	{
		sched_ext_ops& table = suite::keeping_scheduler();

		table.enqueue = [](task_struct* p, u64) {
			if (vtime)
				suite::bpf::dispatch_vtime(*p, target, vtime);
			else
				suite::bpf::dispatch(*p, target);
		};
		target = kQueue;
		vtime = 0;
		if (world.ready() && world.load(table) == 0)
			suite::machine::settle();
	}

	task_struct& add_at(char const* name, u64 at)
	{
		vtime = at;
		target = kVtimeQueue;
		task_struct& p = world.woken(name);

		vtime = 0;
		target = kQueue;
		return p;
	}

	World world;
};

// As the verifier makes a program use it: new, next until null, destroy.
struct Iterator {
	explicit Iterator(u64 dsq_id, u64 flags = 0)
	{
		status = scx_entry_kf_iter_new(&opaque, dsq_id, flags);
	}
	Iterator(Iterator const&) = delete;
	Iterator& operator=(Iterator const&) = delete;
	~Iterator() { scx_entry_kf_iter_destroy(&opaque); }

	[[nodiscard]] Text next()
	{
		at = scx_entry_kf_iter_next(&opaque);
		return at ? Text{at->comm} : Text{"none"};
	}

	bool move_to(u64 dsq_id, bool by_vtime = false)
	{
		return scx_entry_kf_dispatch_from_dsq(&opaque, at, dsq_id, 0, by_vtime);
	}

	scx::RcuRead rcu;
	bpf_iter_scx_dsq opaque{};
	task_struct* at = nullptr;
	int status = 0;
};

} // namespace

SUITE_CASE(user_queue, iterates_in_both_directions)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	bench.world.woken("a");
	bench.world.woken("b");

	Iterator forwards{kQueue}, backwards{kQueue, SCX_DSQ_ITER_REV};

	CHECK_EQUAL(forwards.status, 0);
	CHECK_TEXT(forwards.next(), "a");
	CHECK_TEXT(backwards.next(), "b");
	CHECK_TEXT(forwards.next(), "b");
	CHECK_TEXT(backwards.next(), "a");
	CHECK_TEXT(forwards.next(), "none");
	CHECK_TEXT(backwards.next(), "none");
}

SUITE_CASE(user_queue, iterates_by_vtime)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	bench.add_at("late", 30);
	bench.add_at("early", 10);

	Iterator iterator{kVtimeQueue};

	CHECK_TEXT(iterator.next(), "early");
	CHECK_TEXT(iterator.next(), "late");
}

SUITE_CASE(user_queue, an_iterator_of_no_queue_has_nothing)
{
	Bench bench;

	REQUIRE(bench.world.enabled());

	Iterator missing{99}, odd{kQueue, 1};

	CHECK_EQUAL(missing.status, cxxrt::kEnoent.negative());
	CHECK_EQUAL(odd.status, cxxrt::kEinval.negative());
	CHECK_TEXT(missing.next(), "none");
	CHECK_TEXT(odd.next(), "none");
	CHECK(!missing.move_to(kOther));
}

SUITE_CASE(user_queue, a_parked_iterator_goes_on_when_its_task_leaves)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	task_struct& a = bench.world.woken("a");
	bench.world.woken("b");
	bench.world.woken("c");

	Iterator iterator{kQueue};

	CHECK_TEXT(iterator.next(), "a");
	suite::machine::take_off(a);
	CHECK_TEXT(suite::names_in(kQueue), "b c");
	CHECK_TEXT(iterator.next(), "b");
	suite::machine::put_back(a);
	CHECK_TEXT(suite::names_in(kQueue), "b c a");
	CHECK_TEXT(iterator.next(), "c");
	CHECK_TEXT(iterator.next(), "none");
}

SUITE_CASE(user_queue, an_iterator_does_not_meet_later_tasks)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	bench.world.woken("a");

	Iterator iterator{kQueue};

	bench.world.woken("later");
	CHECK_TEXT(iterator.next(), "a");
	CHECK_TEXT(iterator.next(), "none");

	Iterator again{kQueue};

	CHECK_TEXT(again.next(), "a");
	CHECK_TEXT(again.next(), "later");
}

SUITE_CASE(user_queue, two_iterators_do_not_disturb_each_other)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	bench.world.woken("a");
	bench.world.woken("b");

	Iterator one{kQueue}, two{kQueue};

	CHECK_TEXT(one.next(), "a");
	CHECK_TEXT(two.next(), "a");
	CHECK(one.move_to(kOther));
	CHECK_TEXT(two.next(), "b");
	CHECK_TEXT(one.next(), "b");
	CHECK_TEXT(suite::names_in(kOther), "a");
	CHECK_TEXT(suite::names_in(kQueue), "b");
}

SUITE_CASE(user_queue, moves_keep_order_and_change_it)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	bench.world.woken("a");
	bench.world.woken("b");
	bench.world.woken("c");

	Iterator iterator{kQueue, SCX_DSQ_ITER_REV};
	u64 at = 10;

	constexpr char const* kReversed[] = {"c", "b", "a"};

	for (char const* name : kReversed) {
		CHECK_TEXT(iterator.next(), name);
		scx_entry_kf_iter_set_vtime(&iterator.opaque, at++);
		scx_entry_kf_iter_set_slice(&iterator.opaque, 77);
		CHECK(iterator.move_to(kVtimeQueue, true));
		CHECK_EQUAL(iterator.at->scx.slice, 77);
	}
	CHECK_TEXT(suite::names_in(kQueue), "");
	CHECK_TEXT(suite::names_in(kVtimeQueue), "c b a");
}

SUITE_CASE(user_queue, a_task_that_left_is_not_moved)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	task_struct& a = bench.world.woken("a");

	Iterator iterator{kQueue};

	CHECK_TEXT(iterator.next(), "a");
	suite::machine::take_off(a);
	CHECK(!iterator.move_to(kOther));
	suite::machine::put_back(a);
	// It is another stay in the queue.
	CHECK(!iterator.move_to(kOther));
	CHECK_TEXT(suite::names_in(kQueue), "a");
}

SUITE_CASE(user_queue, mixed_use_is_an_error)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	bench.add_at("a", 10);
	target = kVtimeQueue;
	bench.world.woken("b");
	CHECK(World::take_error().contains("FIFO dispatch of b"));

	target = kQueue;
	bench.world.woken("c");
	vtime = 10;
	bench.world.woken("d");
	vtime = 0;
	CHECK(World::take_error().contains("dispatch of d"));
}

SUITE_CASE(user_queue, a_full_queue_is_not_destroyed)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	task_struct& a = bench.world.woken("a");

	scx_entry_kf_destroy_dsq(kQueue);
	CHECK(World::take_error().contains("queue"));
	CHECK_TEXT(suite::names_in(kQueue), "a");
	CHECK_EQUAL(scx_entry_kf_dsq_nr_queued(kQueue), 1);

	suite::machine::take_off(a);
	scx_entry_kf_destroy_dsq(kQueue);
	CHECK_TEXT(World::take_error(), "");
	CHECK_TEXT(suite::names_in(kQueue), "no such queue");
	CHECK_EQUAL(scx_entry_kf_dsq_nr_queued(kQueue), cxxrt::kEnoent.negative());

	// What is dispatched to it now goes to the global queue.
	suite::machine::put_back(a);
	CHECK(World::take_error().contains("0x1"));
	CHECK(a.scx.dsq && a.scx.dsq->id == SCX_DSQ_GLOBAL);
}

SUITE_CASE(user_queue, an_identifier_can_be_used_again)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	CHECK_EQUAL(scx_entry_kf_create_dsq(kQueue, -1), cxxrt::kEexist.negative());
	scx_entry_kf_destroy_dsq(kQueue);
	CHECK_EQUAL(scx_entry_kf_create_dsq(kQueue, -1), 0);
	bench.world.woken("a");
	CHECK_TEXT(suite::names_in(kQueue), "a");
	CHECK_EQUAL(scx_entry_kf_create_dsq(SCX_DSQ_GLOBAL, -1), cxxrt::kEinval.negative());
	CHECK_EQUAL(scx_entry_kf_create_dsq(9, 1000), cxxrt::kEinval.negative());
}

} // namespace suite::cases::user_queue
