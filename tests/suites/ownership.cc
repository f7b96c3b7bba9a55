// SPDX-License-Identifier: GPL-2.0
// Who owns a task: every transition, and the waits for one another.
#include "suites/suite.hpp"

#include "core/ownership.hpp"

namespace suite::cases::ownership {

using scx::Ownership;
using suite::World;

namespace {

struct Bench {
	// Ready, or the case ends before it looks at the task.
	Bench() : p{world.ready() ? world.task("p") : spare}, ownership{p} {}

	World world;
	static task_struct spare;
	task_struct& p;
	Ownership ownership;
};

task_struct Bench::spare;

} // namespace

SUITE_CASE(ownership, starts_with_the_core)
{
	Bench bench;

	REQUIRE(bench.world.ready());
	CHECK_EQUAL(bench.ownership.word(), 0);
}

SUITE_CASE(ownership, queueing_then_queued)
{
	Bench bench;
	auto const brand = bench.ownership.begin_queueing();

	REQUIRE(bench.world.ready());
	CHECK_EQUAL(bench.ownership.state(), SCX_OPSS_QUEUEING);
	CHECK_EQUAL(Ownership::brand_of(bench.ownership.word()), brand);
	bench.ownership.finish_queueing(brand);
	CHECK_EQUAL(bench.ownership.state(), SCX_OPSS_QUEUED);
	CHECK_EQUAL(Ownership::brand_of(bench.ownership.word()), brand);
}

SUITE_CASE(ownership, direct_dispatch_ends_queueing)
{
	Bench bench;

	REQUIRE(bench.world.ready());
	(void)bench.ownership.begin_queueing();
	bench.ownership.release();
	CHECK_EQUAL(bench.ownership.word(), 0);
}

SUITE_CASE(ownership, one_claim_wins)
{
	Bench bench;
	auto const brand = bench.ownership.begin_queueing();

	REQUIRE(bench.world.ready());
	bench.ownership.finish_queueing(brand);
	CHECK(bench.ownership.claim(brand));
	CHECK_EQUAL(bench.ownership.state(), SCX_OPSS_DISPATCHING);
	CHECK(!bench.ownership.claim(brand));
	bench.ownership.release();
	CHECK_EQUAL(bench.ownership.word(), 0);
	CHECK(!bench.ownership.claim(brand));
}

SUITE_CASE(ownership, a_stale_brand_is_refused)
{
	Bench bench;
	auto const first = bench.ownership.begin_queueing();

	REQUIRE(bench.world.ready());
	bench.ownership.finish_queueing(first);
	bench.ownership.take_back([] {});

	auto const second = bench.ownership.begin_queueing();

	bench.ownership.finish_queueing(second);
	CHECK(first != second);
	CHECK(!bench.ownership.claim(first));
	CHECK_EQUAL(bench.ownership.state(), SCX_OPSS_QUEUED);
	CHECK(bench.ownership.claim(second));
}

SUITE_CASE(ownership, brand_zero_is_no_stay)
{
	Bench bench;

	REQUIRE(bench.world.ready());
	CHECK(!bench.ownership.claim(0));
	bench.ownership.finish_queueing(bench.ownership.begin_queueing());
	CHECK(!bench.ownership.claim(0));
}

SUITE_CASE(ownership, brands_skip_zero_when_they_wrap)
{
	Bench bench;

	REQUIRE(bench.world.ready());
	bench.p.scx.ops_qseq = ~0U - 1;

	auto const last = bench.ownership.begin_queueing();

	bench.ownership.release();
	CHECK_EQUAL(last >> SCX_OPSS_QSEQ_SHIFT, 0xffffffffU);
	CHECK_EQUAL(bench.ownership.begin_queueing() >> SCX_OPSS_QSEQ_SHIFT, 1);
}

SUITE_CASE(ownership, taking_back_tells_the_scheduler_first)
{
	Bench bench;
	int told = 0;

	REQUIRE(bench.world.ready());
	bench.ownership.finish_queueing(bench.ownership.begin_queueing());
	bench.ownership.take_back([&] {
		++told;
		CHECK_EQUAL(bench.ownership.state(), SCX_OPSS_QUEUED);
	});
	CHECK_EQUAL(told, 1);
	CHECK_EQUAL(bench.ownership.word(), 0);
	bench.ownership.take_back([&] { ++told; });
	CHECK_EQUAL(told, 1);
}

SUITE_CASE(ownership, queueing_a_queued_task_is_noticed)
{
	Bench bench;

	REQUIRE(bench.world.ready());
	bench.ownership.finish_queueing(bench.ownership.begin_queueing());
	(void)bench.ownership.begin_queueing();
	CHECK_EQUAL(suite::machine::take_warnings(), 1);
}

namespace {

struct Wait {
	Ownership& ownership;
	Ownership::Word brand;
	u32 waiting; // the other is about to
	u32 done;    // written before the release that it waits for
};

// Lets the other wait for a while.
void finish_late(Wait& wait)
{
	while (!scx::load_acquire(wait.waiting))
		cxxrt::cpu_relax();
	for (u32 i = 0; i < 10000; ++i)
		cxxrt::cpu_relax();
	scx::write_once(wait.done, 1U);
}

} // namespace

SUITE_CASE(ownership, taking_back_waits_for_a_dispatcher)
{
	Bench bench;
	Wait wait{bench.ownership, bench.ownership.begin_queueing(), 0, 0};

	REQUIRE(bench.world.ready());
	bench.ownership.finish_queueing(wait.brand);
	CHECK(bench.ownership.claim(wait.brand));
	suite::machine::run_together(
		2,
		[](s32 index, void* argument) {
			auto& shared = *static_cast<Wait*>(argument);

			if (index) {
				scx::store_release(shared.waiting, 1U);
				shared.ownership.take_back([] { CHECK(false); });
				CHECK_EQUAL(scx::read_once(shared.done), 1);
				return;
			}
			finish_late(shared);
			shared.ownership.release();
		},
		&wait);
	CHECK_EQUAL(bench.ownership.word(), 0);
}

SUITE_CASE(ownership, a_claim_waits_for_the_enqueuer)
{
	Bench bench;
	Wait wait{bench.ownership, bench.ownership.begin_queueing(), 0, 0};

	REQUIRE(bench.world.ready());
	suite::machine::run_together(
		2,
		[](s32 index, void* argument) {
			auto& shared = *static_cast<Wait*>(argument);

			if (index) {
				scx::store_release(shared.waiting, 1U);
				CHECK(shared.ownership.claim(shared.brand));
				CHECK_EQUAL(scx::read_once(shared.done), 1);
				return;
			}
			finish_late(shared);
			shared.ownership.finish_queueing(shared.brand);
		},
		&wait);
	CHECK_EQUAL(bench.ownership.state(), SCX_OPSS_DISPATCHING);
}

namespace {

struct Contest {
	task_struct& p;
	unsigned long offered = 0;
	u32 stop = 0;
	u32 touched = 0; // guarded by the ownership alone
	u32 dispatched = 0;
	u32 taken = 0;
};

constexpr u32 kStays = 200;

void dispatch_whatever_is_offered(Contest& contest)
{
	Ownership mine{contest.p};

	while (!scx::load_acquire(contest.stop)) {
		unsigned long const brand = scx::load_acquire(contest.offered);

		if (brand && mine.claim(brand)) {
			++contest.touched;
			++contest.dispatched;
			mine.release();
		}
		cxxrt::cpu_relax();
	}
}

void queue_and_take_back(Contest& contest)
{
	Ownership mine{contest.p};

	for (u32 stay = 0; stay < kStays; ++stay) {
		auto const brand = mine.begin_queueing();
		bool won = false;

		++contest.touched;
		mine.finish_queueing(brand);
		scx::store_release(contest.offered, static_cast<unsigned long>(brand));
		for (u32 i = 0; i < stay % 50; ++i)
			cxxrt::cpu_relax();
		mine.take_back([&] { won = true; });
		contest.taken += won;
		CHECK_EQUAL(mine.state(), SCX_OPSS_NONE);
	}
	scx::store_release(contest.stop, 1U);
}

} // namespace

// One task, queued again and again, between a dequeuer and a dispatcher who both want it: each stay
// ends exactly once, and what is done to the task in between is ordered.
SUITE_CASE(ownership, each_stay_ends_once)
{
	Bench bench;
	Contest contest{bench.p};

	REQUIRE(bench.world.ready());
	suite::machine::run_together(
		2,
		[](s32 index, void* argument) {
			auto& shared = *static_cast<Contest*>(argument);

			if (index)
				dispatch_whatever_is_offered(shared);
			else
				queue_and_take_back(shared);
		},
		&contest);
	CHECK_EQUAL(contest.touched, kStays + contest.dispatched);
	CHECK(contest.taken + contest.dispatched >= kStays);
}

} // namespace suite::cases::ownership
