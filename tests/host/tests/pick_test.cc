// SPDX-License-Identifier: GPL-2.0
// What a CPU runs next: balance, pick, put and set over whole scheduling cycles.
#include "tests/pick.hpp"

namespace host {
namespace {

TEST_F(Pick, RunsWhatDispatchConsumes)
{
	start(fifo());
	awake("a");
	awake("b");
	machine.schedule(0);
	EXPECT_EQ(running(0), "a");
	EXPECT_EQ(trace, "+a ");
	EXPECT_EQ(dispatches, 1);
}

TEST_F(Pick, KeepsTheTaskThatHasSliceLeft)
{
	start(fifo());
	task_struct& a = awake("a");

	awake("b");
	machine.schedule(0);
	trace.clear();
	machine.advance(1000);
	machine.schedule(0);
	EXPECT_EQ(running(0), "a");
	EXPECT_EQ(trace, "");
	EXPECT_EQ(dispatches, 1);
	EXPECT_EQ(a.scx.slice, SCX_SLICE_DFL - 1000);
}

TEST_F(Pick, TakesTurnsWhenSlicesEnd)
{
	start(fifo());
	task_struct& a = awake("a");

	awake("b");
	machine.schedule(0);
	machine.advance(SCX_SLICE_DFL);
	machine.tick(0);
	machine.settle();
	EXPECT_EQ(running(0), "b");
	EXPECT_EQ(names_in(kQueue), "a");
	EXPECT_EQ(trace, "+a ~a +b ");
	EXPECT_EQ(a.scx.slice, u64{SCX_SLICE_DFL}) << "of the new dispatch";
}

TEST_F(Pick, KeepsTheLastTaskWithANewSlice)
{
	start(fifo());
	task_struct& a = awake("a");

	machine.schedule(0);
	a.scx.slice = 0;
	machine.schedule(0);
	EXPECT_EQ(running(0), "a");
	EXPECT_EQ(a.scx.slice, u64{SCX_SLICE_DFL});
	EXPECT_EQ(trace, "+a ");
	EXPECT_EQ(dispatches, 2) << "it was asked for another one";
}

TEST_F(Pick, EnqLastAsksAboutTheLastTask)
{
	Scheduler scheduler = fifo();

	scheduler.flags = SCX_OPS_ENQ_LAST;
	start(scheduler);
	task_struct& a = awake("a");

	machine.schedule(0);
	a.scx.slice = 0;
	machine.schedule(0);
	EXPECT_EQ(running(0), "swapper") << "it went to the shared queue";
	EXPECT_EQ(trace, "+a ~a last:a ");
	EXPECT_EQ(names_in(kQueue), "a");
	machine.schedule(0);
	EXPECT_EQ(running(0), "a");
}

// Fair's balancing comes in between and drops the lock.
TEST_F(Pick, WhatBalanceFoundMayBeGoneAtThePick)
{
	start(fifo());
	task_struct& a = awake("a");
	task_struct& b = awake("b");

	machine.schedule(0);
	a.scx.slice = 0;
	machine.cpu(0).before_pick = [&](struct rq& rq) {
		EXPECT_EQ(b.scx.dsq, &rq.scx.local_dsq);
		machine.dequeue(rq, b, DEQUEUE_SLEEP);
		scx::write_once(b.on_rq, 0);
	};
	machine.schedule(0);
	EXPECT_EQ(running(0), "swapper");
	EXPECT_EQ(names_in(kQueue), "a");
	EXPECT_EQ(trace, "+a ~a ") << "not its last task: nobody asked for that";
	EXPECT_TRUE(machine.cpu(0).need_resched) << "or the CPU would sleep on it";
	machine.settle();
	EXPECT_EQ(running(0), "a");
}

TEST_F(Pick, EnqLastToTheLocalQueueRunsAtOnce)
{
	Scheduler scheduler = fifo();

	scheduler.flags = SCX_OPS_ENQ_LAST;
	last_queue = SCX_DSQ_LOCAL;
	start(scheduler);
	task_struct& a = awake("a");

	machine.schedule(0);
	a.scx.slice = 0;
	machine.schedule(0);
	EXPECT_EQ(running(0), "swapper");
	EXPECT_TRUE(machine.cpu(0).need_resched) << "or the CPU would sleep on it";
	machine.settle();
	EXPECT_EQ(running(0), "a");
}

TEST_F(Pick, EnqLastIsIgnoredInBypass)
{
	Scheduler scheduler = fifo();

	scheduler.flags = SCX_OPS_ENQ_LAST;
	start(scheduler);
	awake("a");
	machine.schedule(0);
	scx_entry_suspend(true);
	machine.tick(0);
	machine.settle();
	EXPECT_EQ(running(0), "a");
	EXPECT_EQ(trace, "+a ");
	scx_entry_suspend(false);
}

TEST_F(Pick, DispatchMayExtendTheSliceOfThePrevious)
{
	start(fifo());
	task_struct& a = awake("a");

	awake("b");
	machine.schedule(0);
	a.scx.slice = 0;
	on_dispatch = [&](s32, task_struct* previous) {
		EXPECT_EQ(previous, &a);
		previous->scx.slice = 500;
	};
	machine.schedule(0);
	EXPECT_EQ(running(0), "a");
	EXPECT_EQ(a.scx.slice, 500u);
}

TEST_F(Pick, DispatchSeesNoPreviousOfAnotherClass)
{
	start(fifo());
	on_dispatch = [&](s32, task_struct* previous) { EXPECT_EQ(previous, nullptr); };
	machine.schedule(0);
	EXPECT_EQ(dispatches, 1);
}

TEST_F(Pick, TheLocalQueueComesBeforeDispatch)
{
	start(fifo());
	on_dispatch = [](s32, task_struct*) {};
	awake("a");
	{
		auto const locked = machine.lock(0);

		locked.rq().scx.flags |= SCX_RQ_IN_BALANCE;
		EXPECT_TRUE(scx::consume(locked, *kshim_dsq_find(kQueue)));
		locked.rq().scx.flags &= ~SCX_RQ_IN_BALANCE;
	}
	machine.schedule(0);
	EXPECT_EQ(running(0), "a");
	EXPECT_EQ(dispatches, 0);
}

TEST_F(Pick, TheGlobalQueueComesBeforeDispatch)
{
	start(fifo());
	last_queue = SCX_DSQ_GLOBAL;
	task_struct& a = machine.create_task("a");

	a.scx.ddsp_dsq_id = SCX_DSQ_GLOBAL;
	{
		auto const locked = machine.lock(0);

		activate_task(&locked.rq(), &a, 0);
	}
	machine.schedule(3);
	EXPECT_EQ(running(3), "a");
	EXPECT_EQ(dispatches, 0);
}

// A scheduler that dispatches what this CPU cannot run.

} // namespace
} // namespace host
