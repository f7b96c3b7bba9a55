// SPDX-License-Identifier: GPL-2.0
// Slices: the arithmetic, and what running does to one.
#include "suites/suite.hpp"

#include "core/slice.hpp"

namespace suite::cases::slice {

using suite::World;

namespace {

struct ChargeRow {
	char const* name;
	u64 slice, ran, left;
};

constexpr ChargeRow kCharges[] = {
	{"some is left", 100, 30, 70},
	{"all but one", 100, 99, 1},
	{"used up exactly", 100, 100, 0},
	{"overrun", 100, 101, 0},
	{"far overrun", 1, ~0ULL, 0},
	{"nothing to use", 0, 5, 0},
	{"did not run", 100, 0, 100},
	{"infinite", SCX_SLICE_INF, 1ULL << 62, SCX_SLICE_INF},
	{"one less than infinite", SCX_SLICE_INF - 1, 1, SCX_SLICE_INF - 2},
};

struct DispatchRow {
	char const* name;
	u64 asked, left, given;
};

constexpr DispatchRow kDispatches[] = {
	{"what is asked for", 10, 99, 10},
	{"zero keeps what is left", 0, 99, 99},
	{"zero of nothing is one", 0, 0, 1},
	{"infinite", SCX_SLICE_INF, 1, SCX_SLICE_INF},
	{"zero keeps infinite", 0, SCX_SLICE_INF, SCX_SLICE_INF},
};

constexpr u64 kMs = 1000000;

// A world whose scheduler runs each task at once with this slice.
u64 granted;

struct Bench {
	Bench()
	{
		sched_ext_ops& table = suite::keeping_scheduler();

		table.enqueue = [](task_struct* p, u64) {
			suite::bpf::dispatch(*p, SCX_DSQ_LOCAL, granted);
		};
		if (world.ready() && world.load(table) == 0)
			suite::machine::settle();
	}

	task_struct& running(u64 slice)
	{
		granted = slice;
		task_struct& p = world.woken("p", 1);

		suite::machine::settle();
		CHECK_TEXT(World::running(1), "p");
		return p;
	}

	World world;
};

} // namespace

SUITE_TABLE(slice, charge, kCharges)
{
	CHECK_EQUAL(scx::slice_after(kCharges[row].slice, kCharges[row].ran), kCharges[row].left);
}

SUITE_TABLE(slice, dispatch, kDispatches)
{
	CHECK_EQUAL(scx::slice_for_dispatch(kDispatches[row].asked, kDispatches[row].left),
		    kDispatches[row].given);
}

SUITE_CASE(slice, running_uses_it_up)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	task_struct& p = bench.running(10 * kMs);

	suite::machine::advance(4 * kMs);
	suite::machine::tick(1);
	CHECK_EQUAL(p.scx.slice, 6 * kMs);
	CHECK(!suite::machine::wants_reschedule(1));
	suite::machine::advance(6 * kMs);
	suite::machine::tick(1);
	CHECK_EQUAL(p.scx.slice, 0);
	CHECK(suite::machine::wants_reschedule(1));
}

SUITE_CASE(slice, waiting_does_not)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	bench.running(10 * kMs);
	granted = 5 * kMs;
	task_struct& waiting = bench.world.woken("waiting", 1);

	suite::machine::advance(4 * kMs);
	suite::machine::tick(1);
	CHECK_EQUAL(waiting.scx.slice, 5 * kMs);
}

SUITE_CASE(slice, infinite_never_ends)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	task_struct& p = bench.running(SCX_SLICE_INF);

	for (int i = 0; i < 5; ++i) {
		suite::machine::advance(1000 * kMs);
		suite::machine::tick(1);
	}
	CHECK_EQUAL(p.scx.slice, SCX_SLICE_INF);
	CHECK(!suite::machine::wants_reschedule(1));
	CHECK(!scx_entry_keep_tick(&suite::machine::rq(1)));
}

SUITE_CASE(slice, the_next_task_runs_when_it_has_ended)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	bench.running(10 * kMs);
	bench.world.woken("next", 1);
	suite::machine::advance(10 * kMs);
	suite::machine::tick(1);
	suite::machine::settle();
	CHECK_TEXT(World::running(1), "next");
	CHECK_TEXT(World::local(1), "p");
}

SUITE_CASE(slice, the_only_task_gets_another)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	task_struct& p = bench.running(10 * kMs);

	suite::machine::advance(10 * kMs);
	suite::machine::tick(1);
	suite::machine::settle();
	CHECK_TEXT(World::running(1), "p");
	CHECK(p.scx.slice > 0);
}

} // namespace suite::cases::slice
