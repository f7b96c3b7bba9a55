// SPDX-License-Identifier: GPL-2.0
// Dispatch batching: from a verdict in ops.dispatch() to the task in its queue.
#include "suites/suite.hpp"

#include "core/dispatch.hpp"
#include "core/ownership.hpp"

namespace suite::cases::dispatch_batch {

using scx::Ownership;
using suite::World;
using suite::bpf::dispatch;

namespace {

constexpr u64 kQueue = 1;
constexpr u64 kVtimeQueue = 3;

// What ops.dispatch() does the next time it is called, and the tasks it may do it to.
void (*on_dispatch)();
task_struct* tasks[5];
int calls;

// A world whose scheduler keeps each task until ops.dispatch() disposes of it; batches of four.
struct Bench {
	Bench()
	{
		sched_ext_ops& table = suite::keeping_scheduler();

		table.dispatch = [](s32, task_struct*) {
			if (auto const once = cxxrt::take(on_dispatch, nullptr)) {
				++calls;
				once();
			}
		};
		table.dispatch_max_batch = 4;
		on_dispatch = nullptr;
		calls = 0;
		if (world.ready() && world.load(table) == 0)
			suite::machine::settle();
	}

	// Tasks a to e, as many as wanted, awake on that CPU and owned by the scheduler.
	void queue_tasks(u32 count, s32 cpu = 0)
	{
		char name[] = "a";

		for (u32 i = 0; i < count; ++i, ++name[0]) {
			tasks[i] = &world.woken(name, cpu);
			CHECK_EQUAL(Ownership{*tasks[i]}.state(), SCX_OPSS_QUEUED);
		}
	}

	// ops.dispatch() runs once on the CPU and does this.
	static void dispatch_on(s32 cpu, void (*what)())
	{
		int const before = calls;

		on_dispatch = what;
		suite::machine::schedule(cpu);
		CHECK_EQUAL(calls, before + 1);
	}

	World world;
};

scx_ops_state owner(u32 index)
{
	return Ownership{*tasks[index]}.state();
}

} // namespace

SUITE_CASE(dispatch_batch, flushes_in_the_order_of_the_verdicts)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	bench.queue_tasks(3);
	Bench::dispatch_on(0, [] {
		dispatch(*tasks[1], kQueue);
		dispatch(*tasks[0], kQueue);
		dispatch(*tasks[2], kQueue);
		// Not before the callback has returned.
		CHECK_TEXT(suite::names_in(kQueue), "");
		CHECK_EQUAL(owner(0), SCX_OPSS_QUEUED);
	});
	CHECK_TEXT(suite::names_in(kQueue), "b a c");
	for (u32 i = 0; i < 3; ++i)
		CHECK_EQUAL(owner(i), SCX_OPSS_NONE);
}

SUITE_CASE(dispatch_batch, local_tasks_run)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	bench.queue_tasks(2);
	Bench::dispatch_on(0, [] {
		dispatch(*tasks[0], SCX_DSQ_LOCAL, 1000);
		dispatch(*tasks[1], SCX_DSQ_LOCAL);
	});
	CHECK_TEXT(World::running(0), "a");
	CHECK_TEXT(World::local(0), "b");
	CHECK_EQUAL(tasks[0]->scx.slice, 1000);
}

SUITE_CASE(dispatch_batch, slots_are_counted_down)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	bench.queue_tasks(4);
	Bench::dispatch_on(0, [] {
		for (u32 i = 0; i < 4; ++i) {
			CHECK_EQUAL(scx_entry_kf_dispatch_nr_slots(), 4 - i);
			dispatch(*tasks[i], kQueue);
		}
		CHECK_EQUAL(scx_entry_kf_dispatch_nr_slots(), 0);
	});
	CHECK_TEXT(suite::names_in(kQueue), "a b c d");
}

SUITE_CASE(dispatch_batch, more_than_the_batch_is_an_error)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	bench.queue_tasks(5);
	Bench::dispatch_on(0, [] {
		for (task_struct* p : tasks)
			dispatch(*p, kQueue);
	});
	CHECK(World::take_error().contains("dispatch buffer overflow"));
	CHECK_TEXT(suite::names_in(kQueue), "a b c d");
	CHECK_EQUAL(owner(4), SCX_OPSS_QUEUED);
}

SUITE_CASE(dispatch_batch, cancel_takes_the_last_verdict_back)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	bench.queue_tasks(3);
	Bench::dispatch_on(0, [] {
		dispatch(*tasks[0], kQueue);
		dispatch(*tasks[1], kQueue);
		scx_entry_kf_dispatch_cancel();
		CHECK_EQUAL(scx_entry_kf_dispatch_nr_slots(), 3);
		dispatch(*tasks[2], kQueue);
	});
	CHECK_TEXT(suite::names_in(kQueue), "a c");
	CHECK_EQUAL(owner(1), SCX_OPSS_QUEUED);
}

SUITE_CASE(dispatch_batch, cancelling_nothing_is_an_error)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	Bench::dispatch_on(0, [] { scx_entry_kf_dispatch_cancel(); });
	CHECK(World::take_error().contains("scx_bpf_dispatch_cancel"));
}

SUITE_CASE(dispatch_batch, consuming_flushes_first)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	bench.queue_tasks(2);
	Bench::dispatch_on(0, [] {
		dispatch(*tasks[0], kQueue);
		CHECK(scx_entry_kf_consume(kQueue));
		CHECK_TEXT(World::local(0), "a");
		CHECK_EQUAL(scx_entry_kf_dispatch_nr_slots(), 4);
		dispatch(*tasks[1], kQueue);
	});
	CHECK_TEXT(World::running(0), "a");
	CHECK_TEXT(suite::names_in(kQueue), "b");
}

SUITE_CASE(dispatch_batch, a_second_verdict_for_a_task_is_stale)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	bench.queue_tasks(1);
	Bench::dispatch_on(0, [] {
		dispatch(*tasks[0], kQueue);
		dispatch(*tasks[0], SCX_DSQ_LOCAL);
	});
	CHECK_TEXT(suite::names_in(kQueue), "a");
	CHECK_TEXT(World::local(0), "");
	CHECK_TEXT(World::running(0), "swapper");
}

SUITE_CASE(dispatch_batch, a_verdict_for_a_sleeper_is_dropped)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	tasks[0] = &bench.world.task("asleep");
	Bench::dispatch_on(0, [] { dispatch(*tasks[0], kQueue); });
	CHECK_TEXT(suite::names_in(kQueue), "");
	CHECK_EQUAL(owner(0), SCX_OPSS_NONE);
}

SUITE_CASE(dispatch_batch, a_verdict_for_a_task_dequeued_meanwhile_is_dropped)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	bench.queue_tasks(1, 1);
	Bench::dispatch_on(0, [] {
		dispatch(*tasks[0], kQueue);
		suite::machine::take_off(*tasks[0]);
	});
	CHECK_TEXT(suite::names_in(kQueue), "");
	CHECK_EQUAL(owner(0), SCX_OPSS_NONE);
	suite::machine::put_back(*tasks[0]);
	CHECK_EQUAL(owner(0), SCX_OPSS_QUEUED);
}

SUITE_CASE(dispatch_batch, a_verdict_for_a_task_queued_anew_is_dropped)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	bench.queue_tasks(1, 1);
	Bench::dispatch_on(0, [] {
		dispatch(*tasks[0], kQueue);
		suite::machine::take_off(*tasks[0]);
		suite::machine::put_back(*tasks[0]);
	});
	CHECK_TEXT(suite::names_in(kQueue), "");
	CHECK_EQUAL(owner(0), SCX_OPSS_QUEUED);

	Bench::dispatch_on(0, [] { dispatch(*tasks[0], kQueue); });
	CHECK_TEXT(suite::names_in(kQueue), "a");
}

SUITE_CASE(dispatch_batch, a_dropped_entry_does_not_stop_the_rest)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	bench.queue_tasks(3, 1);
	Bench::dispatch_on(0, [] {
		for (u32 i = 0; i < 3; ++i)
			dispatch(*tasks[i], kQueue);
		suite::machine::take_off(*tasks[1]);
	});
	CHECK_TEXT(suite::names_in(kQueue), "a c");
	suite::machine::put_back(*tasks[1]);
}

SUITE_CASE(dispatch_batch, verdicts_by_vtime)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	bench.queue_tasks(2);
	Bench::dispatch_on(0, [] {
		suite::bpf::dispatch_vtime(*tasks[0], kVtimeQueue, 20);
		suite::bpf::dispatch_vtime(*tasks[1], kVtimeQueue, 10);
	});
	CHECK_TEXT(suite::names_in(kVtimeQueue), "b a");
	CHECK_EQUAL(tasks[0]->scx.dsq_vtime, 20);
}

SUITE_CASE(dispatch_batch, a_verdict_may_go_to_another_cpu)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	bench.queue_tasks(2, 1);
	Bench::dispatch_on(0, [] {
		dispatch(*tasks[0], SCX_DSQ_LOCAL_ON | 2);
		dispatch(*tasks[1], SCX_DSQ_LOCAL);
	});
	CHECK_TEXT(World::local(2), "a");
	CHECK_EQUAL(scx::task_cpu(*tasks[0]), 2);
	CHECK(suite::machine::wants_reschedule(2));
	CHECK_TEXT(World::running(0), "b");
	suite::machine::settle();
	CHECK_TEXT(World::running(2), "a");
}

SUITE_CASE(dispatch_batch, an_unknown_queue_is_an_error)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	bench.queue_tasks(1);
	Bench::dispatch_on(0, [] { dispatch(*tasks[0], 77); });
	CHECK(World::take_error().contains("0x4d"));
}

SUITE_CASE(dispatch_batch, dispatching_outside_of_callbacks_is_an_error)
{
	Bench bench;

	REQUIRE(bench.world.enabled());
	bench.queue_tasks(1);
	dispatch(*tasks[0], kQueue);
	CHECK(World::take_error().contains("scx_bpf_dispatch"));
	CHECK_EQUAL(owner(0), SCX_OPSS_QUEUED);
}

} // namespace suite::cases::dispatch_batch
