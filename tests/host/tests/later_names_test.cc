// SPDX-License-Identifier: GPL-2.0
// kfuncs that later kernels added: dispatches that answer, flags on the way to the local queue,
// choosing among some CPUs, looking into a queue, locks and clocks.
#include "tests/scheduler.hpp"

#include "core/ownership.hpp"

namespace host {
namespace {

constexpr u64 kQueue = 1;

class LaterNames : public ModuleTest {
protected:
	void SetUp() override
	{
		load({.select_cpu =
			      [this](task_struct* p, s32 previous, u64) {
				      if (on_select)
					      on_select(p);
				      return previous;
			      },
		      .enqueue =
			      [this](task_struct* p, u64) {
				      if (on_enqueue)
					      on_enqueue(p);
			      },
		      .dispatch =
			      [this](s32, task_struct*) {
				      if (auto const once = std::exchange(on_dispatch, nullptr))
					      once();
			      },
		      .init = [] { return scx_entry_kf_create_dsq(kQueue, -1); }});
		machine.settle();
	}

	void dispatch_on(s32 cpu, std::function<void()> what)
	{
		on_dispatch = std::move(what);
		machine.schedule(cpu);
	}

	task_struct& queued(char const* name)
	{
		task_struct& p = machine.create_task(name);

		machine.wake(p, 3);
		return p;
	}

	[[nodiscard]] static s64 not_owned()
	{
		scx_event_stats events{};

		scx_entry_kf_events(&events, sizeof(events));
		return events.SCX_EV_INSERT_NOT_OWNED;
	}

	std::function<void(task_struct*)> on_select, on_enqueue;
	std::function<void()> on_dispatch;
};

TEST_F(LaterNames, AnInsertionAnswers)
{
	task_struct& a = queued("a");

	dispatch_on(0, [&] {
		EXPECT_TRUE(scx_entry_kf_dsq_insert(&a, kQueue, 77, 0));
		EXPECT_EQ(scx_entry_kf_dispatch_nr_slots(), SCX_DSP_DFL_MAX_BATCH - 1u);
	});
	EXPECT_EQ(names_in(kQueue), "a");
	EXPECT_EQ(a.scx.slice, 77u);
	EXPECT_EQ(not_owned(), 0);
}

TEST_F(LaterNames, WhatTheSchedulerDoesNotHaveIsRefusedAndLeftAsItWas)
{
	task_struct& asleep = machine.create_task("asleep");

	asleep.scx.slice = 5;
	dispatch_on(0, [&] {
		EXPECT_FALSE(scx_entry_kf_dsq_insert(&asleep, kQueue, 77, 0));
		scx_bpf_dsq_insert_vtime_args const args{kQueue, 77, 9, 0};
		EXPECT_FALSE(scx_entry_kf_dsq_insert_vtime(&asleep, &args));
		EXPECT_EQ(scx_entry_kf_dispatch_nr_slots(), u32{SCX_DSP_DFL_MAX_BATCH});
	});
	EXPECT_EQ(asleep.scx.slice, 5u);
	EXPECT_EQ(asleep.scx.dsq_vtime, 0u);
	EXPECT_EQ(not_owned(), 2);
	dispatch_on(0, [&] { bpf::dispatch(&asleep, kQueue); });
	EXPECT_EQ(not_owned(), 3) << "the older name finds it out later";
	EXPECT_EQ(names_in(kQueue), "");
}

TEST_F(LaterNames, InsertsByVtime)
{
	task_struct &a = queued("a"), &b = queued("b");

	dispatch_on(0, [&] {
		scx_bpf_dsq_insert_vtime_args args{kQueue, 10, 200, 0};
		EXPECT_TRUE(scx_entry_kf_dsq_insert_vtime(&a, &args));
		args.vtime = 100;
		EXPECT_TRUE(scx_entry_kf_dsq_insert_vtime(&b, &args));
	});
	EXPECT_EQ(names_in(kQueue), "b a");
	EXPECT_EQ(a.scx.dsq_vtime, 200u);
}

TEST_F(LaterNames, ADirectInsertionAnswers)
{
	bool first = false, second = true;

	on_enqueue = [&](task_struct* p) {
		first = scx_entry_kf_dsq_insert(p, kQueue, 0, 0);
		second = scx_entry_kf_dsq_insert(p, kQueue, 0, 0);
	};
	queued("a");
	EXPECT_TRUE(first);
	EXPECT_FALSE(second);
	EXPECT_NE(take_error().find("second direct dispatch of a["), std::string::npos);
	EXPECT_EQ(names_in(kQueue), "a");
}

TEST_F(LaterNames, MovesToTheHeadOfTheLocalQueue)
{
	task_struct &a = queued("a"), &b = queued("b"), &c = queued("c");

	dispatch_on(0, [&] {
		bpf::dispatch(&b, SCX_DSQ_LOCAL);
		bpf::dispatch(&a, kQueue);
		bpf::dispatch(&c, kQueue);
		EXPECT_TRUE(scx_entry_kf_dsq_move_to_local(kQueue, SCX_ENQ_HEAD));
		EXPECT_TRUE(scx_entry_kf_dsq_move_to_local(kQueue, 0));
	});
	EXPECT_EQ(running(0), "a");
	EXPECT_EQ(local(0), "b c");
}

TEST_F(LaterNames, MovesFromElsewhereToTheHeadToo)
{
	task_struct& a = machine.create_task("a", {.cpu = 1});
	task_struct& b = queued("b");

	machine.wake(a, 3);
	dispatch_on(0, [&] {
		bpf::dispatch(&b, SCX_DSQ_LOCAL);
		bpf::dispatch(&a, kQueue);
		EXPECT_TRUE(scx_entry_kf_dsq_move_to_local(kQueue, SCX_ENQ_HEAD));
	});
	EXPECT_EQ(running(0), "a");
	EXPECT_EQ(local(0), "b");
}

TEST_F(LaterNames, MovingTakesNoInternalFlags)
{
	dispatch_on(0, [] { EXPECT_FALSE(scx_entry_kf_dsq_move_to_local(kQueue, 1ULL << 57)); });
	EXPECT_NE(take_error().find("scx_bpf_dsq_move_to_local(): enq_flags 0x200000000000000"),
		  std::string::npos);
}

TEST_F(LaterNames, PeeksAtTheHead)
{
	task_struct& a = queued("a");

	EXPECT_EQ(scx_entry_kf_dsq_peek(kQueue), nullptr);
	dispatch_on(0, [&] { bpf::dispatch(&a, kQueue); });
	EXPECT_EQ(scx_entry_kf_dsq_peek(kQueue), &a);
	EXPECT_EQ(names_in(kQueue), "a");
	EXPECT_EQ(scx_entry_kf_dsq_peek(SCX_DSQ_GLOBAL), nullptr);
	EXPECT_NE(take_error().find("scx_bpf_dsq_peek(0x8000000000000001)"), std::string::npos);
	EXPECT_EQ(scx_entry_kf_dsq_peek(99), nullptr);
	EXPECT_NE(take_error().find("scx_bpf_dsq_peek(0x63): no such queue"), std::string::npos);
}

TEST_F(LaterNames, SelectsAmongTheAllowed)
{
	task_struct& a = machine.create_task("a", {.allowed = {0, 2, 3}});
	cpumask const some = mask_of({1, 2}), none = mask_of({1});

	EXPECT_EQ(scx_entry_kf_select_cpu_and(&a, 0, 0, &some, 0), 2);
	EXPECT_EQ(scx_entry_kf_select_cpu_and(&a, 0, 0, &some, 0), -16) << "2 is taken now";
	EXPECT_EQ(scx_entry_kf_select_cpu_and(&a, 0, 0, &none, 0), -16);
	EXPECT_EQ(scx_entry_kf_select_cpu_and(&a, 64, 0, &some, 0), -22);
	EXPECT_NE(take_error().find("CPU 64 given to scx_bpf_select_cpu_and()"), std::string::npos);
}

TEST_F(LaterNames, SelectsForTheTaskAtHandOnly)
{
	task_struct& other = machine.create_task("other");
	cpumask const all = mask_of({0, 1, 2, 3});
	s32 own = -1, foreign = 0;

	on_select = [&](task_struct* p) {
		foreign = scx_entry_kf_select_cpu_and(&other, 0, 0, &all, 0);
		own = scx_entry_kf_select_cpu_and(p, 0, 0, &all, 0);
	};
	queued("a");
	EXPECT_GE(own, 0);
	EXPECT_EQ(foreign, -16);
	EXPECT_NE(take_error().find("scx_bpf_select_cpu_and() called on other["),
		  std::string::npos);
	on_select = nullptr;
	dispatch_on(1, [&] { foreign = scx_entry_kf_select_cpu_and(&other, 0, 0, &all, 0); });
	EXPECT_NE(take_error().find("scx_bpf_select_cpu_and()"), std::string::npos);
}

TEST_F(LaterNames, KnowsTheLockedRunqueue)
{
	struct rq *in_select = &machine.rq(3), *in_enqueue = nullptr, *in_dispatch = nullptr;

	on_select = [&](task_struct*) { in_select = scx_entry_kf_locked_rq(); };
	on_enqueue = [&](task_struct*) { in_enqueue = scx_entry_kf_locked_rq(); };
	machine.wake(machine.create_task("a", {.cpu = 1}), 3);
	dispatch_on(2, [&] { in_dispatch = scx_entry_kf_locked_rq(); });
	EXPECT_EQ(in_select, nullptr);
	EXPECT_EQ(in_enqueue, &machine.rq(1));
	EXPECT_EQ(in_dispatch, &machine.rq(2));
	EXPECT_NE(take_error().find("scx_bpf_locked_rq() called where"), std::string::npos);
}

TEST_F(LaterNames, KnowsWhoRuns)
{
	task_struct& a = queued("a");

	dispatch_on(0, [&] { bpf::dispatch(&a, SCX_DSQ_LOCAL); });
	EXPECT_EQ(scx_entry_kf_cpu_curr(0), &a);
	EXPECT_EQ(scx_entry_kf_cpu_curr(-1), nullptr);
	EXPECT_NE(take_error().find("CPU -1 given to scx_bpf_cpu_curr()"), std::string::npos);
}

TEST_F(LaterNames, SetsSliceAndVtime)
{
	task_struct& a = queued("a");

	EXPECT_TRUE(scx_entry_kf_task_set_slice(&a, 123));
	EXPECT_TRUE(scx_entry_kf_task_set_dsq_vtime(&a, 456));
	EXPECT_EQ(a.scx.slice, 123u);
	EXPECT_EQ(a.scx.dsq_vtime, 456u);
	unload();
	EXPECT_FALSE(scx_entry_kf_task_set_slice(&a, 1));
	EXPECT_FALSE(scx_entry_kf_task_set_dsq_vtime(&a, 1));
}

TEST_F(LaterNames, TheClockGoesOn)
{
	u64 const before = scx_entry_kf_now();

	machine.advance(1000);
	EXPECT_EQ(scx_entry_kf_now(), before + 1000);
}

TEST_F(SmtModuleTest, SelectsAWholeCoreAmongTheAllowed)
{
	load({.enqueue = [](task_struct* p, u64) { bpf::dispatch(p, SCX_DSQ_LOCAL); }});
	machine.settle();
	task_struct& a = machine.create_task("a");
	cpumask const all = mask_of({0, 1, 2, 3});

	// Siblings are 0,1 and 2,3.
	EXPECT_EQ(scx_entry_kf_select_cpu_and(&a, 1, 0, &all, SCX_PICK_IDLE_CORE), 1);
	EXPECT_EQ(scx_entry_kf_select_cpu_and(&a, 0, 0, &all, SCX_PICK_IDLE_CORE), 2);
	EXPECT_EQ(scx_entry_kf_select_cpu_and(&a, 0, 0, &all, SCX_PICK_IDLE_CORE), -16);
	EXPECT_EQ(scx_entry_kf_select_cpu_and(&a, 0, 0, &all, 0), 0);
	a.migration_disabled = 1;
	EXPECT_EQ(scx_entry_kf_select_cpu_and(&a, 0, 0, &all, 0), -16) << "3 idles in vain";
}

} // namespace
} // namespace host
