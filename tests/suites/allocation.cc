// SPDX-License-Identifier: GPL-2.0
// Memory that is not there: each allocation fails in turn, and nothing is lost or leaked.
#include "suites/suite.hpp"

namespace suite::cases::allocation {

using suite::World;
namespace machine = suite::machine;

namespace {

constexpr int kEnough = 100; // more allocations than anything here makes

} // namespace

SUITE_CASE(allocation, objects_and_arrays)
{
	World world;

	REQUIRE(world.ready());
	machine::fail_allocation_in(0);
	CHECK_EQUAL(cxxrt::make<u64>(cxxrt::Gfp::atomic).to_int(), -12);
	machine::fail_allocation_in(0);
	CHECK_EQUAL(cxxrt::make_array<u64>(cxxrt::Gfp::kernel, 3).to_int(), -12);
	CHECK_EQUAL(cxxrt::make_array<u64>(cxxrt::Gfp::kernel, ~0UL / 4).to_int(), -12);
	machine::fail_allocation_in(0);
	CHECK_EQUAL(cxxrt::PerCpu<u64>::create().to_int(), -12);
	CHECK(cxxrt::make<u64>(cxxrt::Gfp::nowait).ok());
}

// Inserting the module: scx_entry_init() fails with each of its allocations and undoes the rest.
SUITE_CASE(allocation, inserting_the_module)
{
	World world{{.cpus = 4, .threads_per_core = 1, .nodes = 2}, World::Module::absent};
	int failures = 0;

	REQUIRE(world.ready());

	long const before = machine::live_allocations();

	for (; failures < kEnough; ++failures) {
		machine::fail_allocation_in(failures);
		int const failed = scx_entry_init();

		machine::fail_allocation_in(-1);
		if (!failed) {
			scx_entry_exit();
			break;
		}
		CHECK_EQUAL(failed, -12);
		CHECK_EQUAL(machine::live_allocations(), before);
	}
	CHECK(failures > 3 && failures < kEnough);
	CHECK_EQUAL(machine::live_allocations(), before);
}

// Loading a scheduler: the attach fails, or it succeeds and the scheduler is ended at once; then
// the next one can be loaded.
SUITE_CASE(allocation, loading_a_scheduler)
{
	World world;
	int refused = 0, ended = 0;

	REQUIRE(world.ready());
	task_struct& p = world.woken("p");

	for (int in = 0; in < kEnough; ++in) {
		machine::fail_allocation_in(in);
		int const failed = world.load(suite::keeping_scheduler());

		machine::fail_allocation_in(-1);
		machine::settle();
		if (!failed && World::enabled())
			break;
		if (failed) {
			++refused;
			CHECK_EQUAL(failed, -12);
			CHECK(!World::exit().told);
		} else {
			++ended;
			CHECK(World::exit().told);
			CHECK_EQUAL(World::exit().kind, SCX_EXIT_ERROR);
		}
		CHECK(p.sched_class != &ext_sched_class);
		machine::end_grace_period();
	}
	CHECK(World::enabled());
	CHECK(refused > 0);
	CHECK(ended > 0);
	CHECK_EQUAL(p.sched_class, &ext_sched_class);
}

SUITE_CASE(allocation, creating_a_queue)
{
	World world;
	int failures = 0;

	REQUIRE(world.ready());
	REQUIRE(world.load(suite::keeping_scheduler()) == 0);
	for (; failures < kEnough; ++failures) {
		machine::fail_allocation_in(failures);
		s32 const failed = scx_entry_kf_create_dsq(9, -1);

		machine::fail_allocation_in(-1);
		if (!failed)
			break;
		CHECK_EQUAL(failed, -12);
		CHECK_TEXT(suite::names_in(9), "no such queue");
	}
	CHECK(failures > 0 && failures < kEnough);
	CHECK_TEXT(suite::names_in(9), "");
}

} // namespace suite::cases::allocation
