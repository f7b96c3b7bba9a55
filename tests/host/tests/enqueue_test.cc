// SPDX-License-Identifier: GPL-2.0
// What decides where a runnable task goes, step by step; and dequeues.
#include "tests/scheduler.hpp"

#include "core/direct_dispatch.hpp"
#include "core/enqueue.hpp"
#include "core/ownership.hpp"

namespace host {
namespace {

class Enqueue : public ModuleTest {
protected:
	Scheduler recording()
	{
		return {.select_cpu =
				[this](task_struct* p, s32 previous, u64) {
					if (dispatch_in_select)
						bpf::dispatch(p, SCX_DSQ_LOCAL);
					return previous;
				},
			.enqueue = [this](task_struct*, u64 flags) { asked.push_back(flags); },
			.dequeue = [this](task_struct*, u64 flags) { left.push_back(flags); },
			.runnable = [this](task_struct*, u64) { trace += "runnable "; },
			.stopping =
				[this](task_struct*, bool runnable) {
					trace += runnable ? "stopping+ " : "stopping ";
				},
			.quiescent = [this](task_struct*, u64) { trace += "quiescent "; }};
	}

	void TearDown() override { unload(); } // the callbacks use what is below

	static scx_ops_state owner(task_struct& p) { return scx::Ownership{p}.state(); }

	std::vector<u64> asked, left;
	std::string trace;
	bool dispatch_in_select = false;
};

TEST_F(Enqueue, Step1AMoveGoesToTheLocalQueueWithItsSlice)
{
	load(recording());
	task_struct& a = machine.create_task("a");

	machine.wake(a);
	machine.take_off(a);
	asked.clear();
	a.scx.sticky_cpu = 0;
	a.scx.slice = 77;
	dispatch_in_select = false;
	machine.put_back(a);
	EXPECT_EQ(local(0), "a");
	EXPECT_EQ(a.scx.slice, 77u);
	EXPECT_EQ(a.scx.sticky_cpu, -1);
	EXPECT_TRUE(asked.empty());
}

TEST_F(Enqueue, Step1AMoveToAnotherCpuIsNoneHere)
{
	load(recording());
	task_struct& a = machine.create_task("a");

	machine.wake(a);
	machine.take_off(a);
	a.scx.sticky_cpu = 3;
	machine.put_back(a);
	EXPECT_EQ(local(0), "");
	EXPECT_EQ(asked.size(), 2u);
}

TEST_F(Enqueue, Step2AnOfflineCpuKeepsTheTask)
{
	load(recording());
	task_struct& a = machine.create_task("a");

	machine.wake(a);
	machine.take_off(a);
	asked.clear();
	a.scx.slice = 1;
	machine.rq(0).scx.flags &= ~SCX_RQ_ONLINE;
	machine.put_back(a);
	machine.rq(0).scx.flags |= SCX_RQ_ONLINE;
	EXPECT_EQ(local(0), "a");
	EXPECT_EQ(a.scx.slice, u64{SCX_SLICE_DFL});
	EXPECT_TRUE(asked.empty());
}

TEST_F(Enqueue, Step3BypassIsGlobal)
{
	load(recording());
	task_struct& a = machine.create_task("a");

	scx_entry_suspend(true);
	a.scx.slice = 1;
	machine.wake(a);
	EXPECT_EQ(global() + local(0), "a");
	EXPECT_EQ(a.scx.slice, u64{SCX_SLICE_DFL});
	EXPECT_TRUE(asked.empty());
	scx_entry_suspend(false);
}

TEST_F(Enqueue, Step3BypassDropsAVerdict)
{
	load(recording());
	task_struct& a = machine.create_task("a");

	machine.wake(a);
	machine.take_off(a);
	a.scx.ddsp_dsq_id = SCX_DSQ_LOCAL_ON | 2;
	scx_entry_suspend(true);
	machine.put_back(a);
	scx_entry_suspend(false);
	EXPECT_FALSE(scx::has_direct_verdict(a));
}

TEST_F(Enqueue, Step4TheVerdictOfSelectCpu)
{
	load(recording());
	task_struct& a = machine.create_task("a");

	dispatch_in_select = true;
	machine.wake(a);
	EXPECT_EQ(local(0), "a");
	EXPECT_TRUE(asked.empty());
}

TEST_F(Enqueue, Step4ComesBeforeExiting)
{
	load(recording());
	task_struct& a = machine.create_task("a", {.cpu = 1});

	a.flags |= PF_EXITING;
	a.scx.slice = 5;
	dispatch_in_select = true;
	machine.wake(a);
	EXPECT_EQ(a.scx.slice, u64{SCX_SLICE_DFL}) << "of the verdict";
	EXPECT_EQ(local(1), "a");
}

TEST_F(Enqueue, Step5ExitingTasksAreNotAskedAbout)
{
	load(recording());
	task_struct& a = machine.create_task("a");

	a.flags |= PF_EXITING;
	a.scx.slice = 1;
	machine.wake(a);
	EXPECT_EQ(local(0), "a");
	EXPECT_EQ(a.scx.slice, u64{SCX_SLICE_DFL});
	EXPECT_TRUE(asked.empty());
}

TEST_F(Enqueue, Step5UnlessTheSchedulerWantsThem)
{
	Scheduler scheduler = recording();

	scheduler.flags = SCX_OPS_ENQ_EXITING;
	load(scheduler);
	task_struct& a = machine.create_task("a");

	a.flags |= PF_EXITING;
	machine.wake(a);
	EXPECT_EQ(asked.size(), 1u);
	EXPECT_EQ(owner(a), SCX_OPSS_QUEUED);
}

TEST_F(Enqueue, Step6WithoutACallbackItIsGlobal)
{
	load({.select_cpu = [](task_struct*, s32 previous, u64) { return previous; }});
	task_struct& a = machine.create_task("a");

	a.scx.slice = 1;
	machine.wake(a);
	EXPECT_EQ(global(), "a");
	EXPECT_EQ(a.scx.slice, u64{SCX_SLICE_DFL});
}

TEST_F(Enqueue, Step7TheSchedulerOwnsIt)
{
	load(recording());
	task_struct& a = machine.create_task("a");

	machine.wake(a);
	EXPECT_EQ(owner(a), SCX_OPSS_QUEUED);
	ASSERT_EQ(asked.size(), 1u);
	EXPECT_EQ(asked[0] & SCX_ENQ_WAKEUP, u64{SCX_ENQ_WAKEUP});
	EXPECT_EQ(asked[0] & SCX_ENQ_CPU_SELECTED, u64{SCX_ENQ_CPU_SELECTED});
	EXPECT_FALSE(machine.rq(0).scx.flags & SCX_RQ_IN_WAKEUP);
}

TEST_F(Enqueue, PinnedTasksAreEnqueuedWithoutASelectedCpu)
{
	load(recording());
	task_struct& a = machine.create_task("a", {.cpu = 2, .allowed = {2}});

	EXPECT_EQ(machine.wake(a), 2);
	ASSERT_EQ(asked.size(), 1u);
	EXPECT_FALSE(asked[0] & SCX_ENQ_CPU_SELECTED);
}

TEST_F(Enqueue, CountsTasks)
{
	load(recording());
	task_struct& a = machine.create_task("a");
	task_struct& b = machine.create_task("b");

	machine.wake(a);
	machine.wake(b);
	EXPECT_EQ(machine.rq(0).scx.nr_running, 2u);
	EXPECT_EQ(machine.rq(0).nr_running, 2u);
	machine.take_off(a, DEQUEUE_SLEEP);
	EXPECT_EQ(machine.rq(0).scx.nr_running, 1u);
	EXPECT_TRUE(a.scx.flags & SCX_TASK_DEQD_FOR_SLEEP);
	machine.put_back(a);
	EXPECT_TRUE(a.scx.flags & SCX_TASK_QUEUED);
}

TEST_F(Enqueue, DequeueTellsTheSchedulerWhatItLoses)
{
	load(recording());
	task_struct& a = machine.create_task("a");

	machine.wake(a);
	trace.clear();
	machine.take_off(a);
	ASSERT_EQ(left.size(), 1u);
	EXPECT_EQ(owner(a), SCX_OPSS_NONE);
	EXPECT_EQ(trace, "quiescent ");
	EXPECT_FALSE(scx::list::is_linked(a.scx.runnable_node));
	machine.put_back(a);
	EXPECT_EQ(trace, "quiescent runnable ");
}

TEST_F(Enqueue, DequeueOfWhatTheCoreHasIsNotTold)
{
	load(recording());
	task_struct& a = machine.create_task("a");

	dispatch_in_select = true;
	machine.wake(a);
	machine.take_off(a);
	EXPECT_TRUE(left.empty());
	EXPECT_EQ(local(0), "");
}

TEST_F(Enqueue, DequeueingTwiceIsFine)
{
	load(recording());
	task_struct& a = machine.create_task("a");

	machine.wake(a);
	machine.take_off(a);
	machine.take_off(a);
	EXPECT_EQ(machine.rq(0).scx.nr_running, 0u);
	machine.put_back(a);
}

TEST_F(Enqueue, ARunningTaskThatSleepsStopsBeforeItIsQuiescent)
{
	load(recording());
	task_struct& a = machine.create_task("a");

	dispatch_in_select = true;
	machine.wake(a);
	machine.settle();
	ASSERT_EQ(running(0), "a");
	trace.clear();
	machine.sleep(a);
	EXPECT_EQ(trace, "stopping quiescent ") << "and not stopping again when it is put";
}

TEST_F(Enqueue, ARunningTaskThatIsRestoredRunsOn)
{
	load(recording());
	task_struct& a = machine.create_task("a");

	dispatch_in_select = true;
	machine.wake(a);
	machine.settle();
	asked.clear();
	machine.set_nice(a, 5);
	EXPECT_TRUE(asked.empty()) << "the scheduler must not get it in between";
	machine.settle();
	EXPECT_EQ(running(0), "a");
}

TEST_F(Enqueue, WaitsAreTimedFromWakeupToRun)
{
	load(recording());
	task_struct& a = machine.create_task("a");

	machine.advance(5'000'000);
	machine.wake(a);
	unsigned long const since = a.scx.runnable_at;

	EXPECT_EQ(since, jiffies);
	machine.advance(5'000'000);
	machine.take_off(a);
	machine.put_back(a);
	EXPECT_EQ(a.scx.runnable_at, since) << "a temporary dequeue forgets nothing";
}

TEST_F(Enqueue, WaitersAreInTheOrderInWhichTheyBegan)
{
	load(recording());
	std::string order;

	for (char const* name : {"a", "b", "c"})
		machine.wake(machine.create_task(name));
	for (task_struct& p : scx::RunnableList{machine.rq(0).scx.runnable_list})
		order += p.comm;
	EXPECT_EQ(order, "abc");
}

TEST_F(Enqueue, YieldWithoutACallbackEndsTheSlice)
{
	load({});
	task_struct& a = machine.create_task("a", {.cpu = 0, .allowed = {0}});
	task_struct& b = machine.create_task("b", {.cpu = 0, .allowed = {0}});

	machine.wake(a);
	machine.settle();
	machine.wake(b);
	machine.yield(0);
	EXPECT_EQ(running(0), "b");
}

TEST_F(Enqueue, YieldToAsksTheScheduler)
{
	task_struct *from = nullptr, *to = nullptr;

	load({.yield = [&](task_struct* a, task_struct* b) {
		from = a;
		to = b;
		return true;
	}});
	task_struct& a = machine.create_task("a", {.cpu = 0, .allowed = {0}});
	task_struct& b = machine.create_task("b", {.cpu = 0, .allowed = {0}});

	machine.wake(a);
	machine.settle();
	machine.wake(b);
	{
		auto const locked = machine.lock(0);

		EXPECT_TRUE(scx_entry_yield_to_task(&locked.rq(), &b));
	}
	EXPECT_EQ(from, &a);
	EXPECT_EQ(to, &b);
	machine.yield(0);
	EXPECT_EQ(to, nullptr);
	EXPECT_EQ(running(0), "a") << "it has slice left";
	unload();
}

} // namespace
} // namespace host
