// SPDX-License-Identifier: GPL-2.0
// Direct dispatch: verdicts from ops.select_cpu() and ops.enqueue() about the task at hand.
#include "suites/suite.hpp"

#include "core/direct_dispatch.hpp"
#include "core/ownership.hpp"

namespace suite::cases::direct_dispatch {

using suite::World;
using suite::bpf::dispatch;

namespace {

constexpr u64 kQueue = 1;

// What the callbacks do besides staying where the task was and keeping it.
s32 (*on_select)(task_struct* p);
void (*on_enqueue)(task_struct* p);
int enqueues;
task_struct* other;

struct Bench {
	Bench()
	{
		sched_ext_ops& table = suite::keeping_scheduler();

		table.select_cpu = [](task_struct* p, s32 previous, u64) {
			return on_select ? on_select(p) : previous;
		};
		table.enqueue = [](task_struct* p, u64) {
			++enqueues;
			if (on_enqueue)
				on_enqueue(p);
		};
		on_select = nullptr;
		on_enqueue = nullptr;
		enqueues = 0;
		if (world.ready() && world.load(table) == 0)
			suite::machine::settle();
	}

	World world;
};

} // namespace

SUITE_CASE(direct_dispatch, from_enqueue_to_the_local_queue)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	on_enqueue = [](task_struct* p) { dispatch(*p, SCX_DSQ_LOCAL, 42); };
	task_struct& a = bench.world.woken("a", 1);

	CHECK_TEXT(World::local(1), "a");
	CHECK_EQUAL(a.scx.slice, 42);
	CHECK_EQUAL(scx::Ownership{a}.state(), SCX_OPSS_NONE);
	CHECK(!scx::has_direct_verdict(a));
	CHECK(suite::machine::wants_reschedule(1));
	suite::machine::settle();
	CHECK_TEXT(World::running(1), "a");
}

SUITE_CASE(direct_dispatch, from_enqueue_to_a_queue_of_its_own)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	on_enqueue = [](task_struct* p) { dispatch(*p, kQueue); };
	bench.world.woken("a");
	bench.world.woken("b");
	CHECK_TEXT(suite::names_in(kQueue), "a b");
}

SUITE_CASE(direct_dispatch, from_enqueue_to_the_global_queue)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	on_enqueue = [](task_struct* p) { dispatch(*p, SCX_DSQ_GLOBAL); };
	task_struct& a = bench.world.woken("a", 1);

	CHECK(a.scx.dsq && a.scx.dsq->id == SCX_DSQ_GLOBAL);
	suite::machine::schedule(2);
	CHECK_TEXT(World::running(2), "a");
}

SUITE_CASE(direct_dispatch, from_select_cpu_skips_enqueue)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	on_select = [](task_struct* p) {
		dispatch(*p, kQueue);
		return 2;
	};
	task_struct& a = bench.world.woken("a");

	CHECK_EQUAL(scx::task_cpu(a), 2);
	CHECK_TEXT(suite::names_in(kQueue), "a");
	CHECK_EQUAL(enqueues, 0);
}

SUITE_CASE(direct_dispatch, local_from_select_cpu_means_the_cpu_returned)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	on_select = [](task_struct* p) {
		dispatch(*p, SCX_DSQ_LOCAL);
		return 3;
	};
	bench.world.woken("a", 1);
	CHECK_TEXT(World::local(3), "a");
	CHECK_TEXT(World::local(1), "");
}

SUITE_CASE(direct_dispatch, to_another_cpu_waits_for_the_end_of_the_wakeup)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	on_enqueue = [](task_struct* p) {
		dispatch(*p, SCX_DSQ_LOCAL_ON | 2);
		CHECK_TEXT(World::local(2), "");
	};
	task_struct& a = bench.world.woken("a");

	CHECK_TEXT(World::local(2), "a");
	CHECK_EQUAL(scx::task_cpu(a), 2);
	CHECK(scx::list::empty(suite::machine::rq(0).scx.ddsp_deferred_locals));
	CHECK_EQUAL(suite::machine::run_irq_work(0), 0);
}

SUITE_CASE(direct_dispatch, outside_a_wakeup_an_interrupt_does_it)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	task_struct& a = bench.world.woken("a");

	on_enqueue = [](task_struct* p) { dispatch(*p, SCX_DSQ_LOCAL_ON | 2); };
	suite::machine::take_off(a);
	suite::machine::put_back(a);
	CHECK_TEXT(World::local(2), "");
	CHECK(scx::list::is_linked(a.scx.dsq_list.node));
	CHECK_EQUAL(suite::machine::run_irq_work(0), 1);
	CHECK_TEXT(World::local(2), "a");
}

SUITE_CASE(direct_dispatch, a_deferred_task_may_be_dequeued)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	task_struct& a = bench.world.woken("a");

	on_enqueue = [](task_struct* p) { dispatch(*p, SCX_DSQ_LOCAL_ON | 2); };
	suite::machine::take_off(a);
	suite::machine::put_back(a);
	suite::machine::take_off(a);
	CHECK(!scx::list::is_linked(a.scx.dsq_list.node));
	CHECK_EQUAL(suite::machine::run_irq_work(0), 1);
	CHECK_TEXT(World::local(2), "");
	on_enqueue = nullptr;
	suite::machine::put_back(a);
	CHECK_EQUAL(scx::Ownership{a}.state(), SCX_OPSS_QUEUED);
}

SUITE_CASE(direct_dispatch, a_second_verdict_is_an_error)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	on_enqueue = [](task_struct* p) {
		dispatch(*p, kQueue);
		dispatch(*p, SCX_DSQ_LOCAL);
	};
	bench.world.woken("a");
	CHECK(World::take_error().contains("second direct dispatch of a"));
	CHECK_TEXT(suite::names_in(kQueue), "a");
}

SUITE_CASE(direct_dispatch, a_verdict_about_another_task_is_an_error)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	other = &bench.world.task("other");
	on_enqueue = [](task_struct*) { dispatch(*other, kQueue); };
	bench.world.woken("a");
	CHECK(World::take_error().contains("direct dispatch of other"));
	CHECK_TEXT(suite::names_in(kQueue), "");
}

SUITE_CASE(direct_dispatch, the_default_is_local_where_a_cpu_idles)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	on_select = [](task_struct* p) {
		bool idle = false;
		s32 const cpu = scx_entry_kf_select_cpu_dfl(p, 1, 0, &idle);

		CHECK(idle);
		return cpu;
	};
	bench.world.woken("a", 1);
	CHECK_EQUAL(enqueues, 1);
	on_select = nullptr;
}

SUITE_CASE(direct_dispatch, a_slice_of_zero_keeps_what_is_left)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	on_enqueue = [](task_struct* p) {
		p->scx.slice = 5;
		dispatch(*p, kQueue, 0);
		CHECK_EQUAL(p->scx.slice, 5);
	};
	bench.world.woken("a");
	on_enqueue = [](task_struct* p) {
		p->scx.slice = 0;
		dispatch(*p, kQueue, 0);
		CHECK_EQUAL(p->scx.slice, 1);
	};
	bench.world.woken("b");
	CHECK_EQUAL(enqueues, 2);
}

} // namespace suite::cases::direct_dispatch
