// SPDX-License-Identifier: GPL-2.0
// The watchdog's arithmetic: how long is too long, also where jiffies wrap around.
#include "suites/suite.hpp"

#include "core/watchdog.hpp"

namespace suite::cases::watchdog {

using suite::World;

namespace {

struct Row {
	char const* name;
	u32 timeout_ms; // 0: the maximum
	u32 waited_ms;
	unsigned long start; // jiffies
	bool stall;
};

constexpr unsigned long kEnd = ~0UL; // the last jiffy before they wrap

constexpr Row kRows[] = {
	{"not yet", 1000, 999, 1000, false},
	{"just in time", 1000, 1000, 1000, false},
	{"too late", 1000, 1001, 1000, true},
	{"much too late", 1000, 100000, 1000, true},
	{"the maximum, in time", 0, 30000, 1000, false},
	{"the maximum, too late", 0, 30001, 1000, true},
	{"one millisecond", 1, 2, 1000, true},
	{"in time across the wrap", 1000, 1000, kEnd - 500, false},
	{"too late across the wrap", 1000, 1001, kEnd - 500, true},
	{"deadline at the wrap, in time", 1000, 1000, kEnd - 1000, false},
	{"deadline past the wrap", 1000, 999, kEnd - 998, false},
};

// Milliseconds in jiffies. A made-up machine has a thousand a second.
unsigned long passed(u32 ms)
{
	return kshim_msecs_to_jiffies(ms);
}

// A world whose scheduler, loaded at that jiffy, never runs anybody. The machine's own clock, which
// would set jiffies, stands still.
struct Bench {
	Bench(u32 timeout_ms, unsigned long start)
	{
		sched_ext_ops& table = suite::keeping_scheduler();

		table.timeout_ms = timeout_ms;
		jiffies = start;
		if (world.ready() && world.load(table) == 0)
			suite::machine::settle();
	}

	World world;
};

} // namespace

SUITE_TABLE(watchdog, waiting, kRows)
{
	Row const& wanted = kRows[row];
	Bench bench{wanted.timeout_ms, wanted.start};

	REQUIRE(bench.world.enabled());
	bench.world.woken("p", 2);
	jiffies = wanted.start + passed(wanted.waited_ms);
	scx_entry_watchdog();

	suite::Text const error = World::take_error();

	CHECK_EQUAL(error.contains("p["), wanted.stall);
	CHECK_EQUAL(error.contains("failed to run for"), wanted.stall);
}

SUITE_TABLE(watchdog, its_own_absence, kRows)
{
	Row const& wanted = kRows[row];
	Bench bench{wanted.timeout_ms, wanted.start};

	REQUIRE(bench.world.enabled());
	jiffies = wanted.start + passed(wanted.waited_ms);
	suite::machine::tick(0);
	CHECK_EQUAL(World::take_error().contains("watchdog failed to check in for"), wanted.stall);
}

SUITE_CASE(watchdog, a_task_that_ran_begins_anew)
{
	Bench bench{1000, 1000};

	REQUIRE(bench.world.enabled());
	task_struct& p = bench.world.woken("p", 2);

	jiffies = 1000 + passed(900);
	suite::machine::take_off(p);
	suite::machine::put_back(p);
	// Being dequeued and put back is no running: the time goes on.
	jiffies = 1000 + passed(1001);
	scx_entry_watchdog();
	CHECK(World::take_error().contains("failed to run for 1.001s"));
}

SUITE_CASE(watchdog, a_running_task_does_not_wait)
{
	sched_ext_ops& table = suite::keeping_scheduler();
	World world;

	table.timeout_ms = 1000;
	table.enqueue = [](task_struct* p, u64) {
		suite::bpf::dispatch(*p, SCX_DSQ_LOCAL, SCX_SLICE_INF);
	};
	REQUIRE(world.ready());
	jiffies = 1000;
	REQUIRE(world.load(table) == 0);
	world.woken("p", 2);
	suite::machine::settle();
	CHECK_TEXT(World::running(2), "p");
	jiffies = 1000 + passed(5000);
	scx_entry_watchdog();
	CHECK_TEXT(World::take_error(), "");
}

SUITE_CASE(watchdog, a_stall_ends_the_scheduler)
{
	Bench bench{1000, 1000};

	REQUIRE(bench.world.enabled());
	bench.world.woken("p", 2);
	jiffies = 1000 + passed(1500);
	scx_entry_watchdog();
	suite::machine::settle();
	CHECK(!World::enabled());
	CHECK(World::exit().told);
	CHECK_EQUAL(World::exit().kind, SCX_EXIT_ERROR_STALL);
	CHECK(World::exit().message.contains("p["));
}

} // namespace suite::cases::watchdog
