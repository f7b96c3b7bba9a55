// SPDX-License-Identifier: GPL-2.0
// What a CPU runs next: the rarer cases.
#include "tests/pick.hpp"

namespace host {
namespace {

TEST_F(Pick, TheDispatchLoopIsBounded)
{
	start(fifo());
	task_struct& a = machine.create_task("a", {.cpu = 1});
	std::vector<task_struct*> others;

	(void)a;
	for (int i = 0; i < 40; ++i) {
		task_struct& p = machine.create_task("elsewhere", {.cpu = 1, .allowed = {1}});

		machine.take_off(p);
		others.push_back(&p);
	}
	// Each call dispatches one task that only CPU 1 may run.
	Scheduler keeping = fifo();

	unload();
	keeping.enqueue = [](task_struct*, u64) {};
	start(keeping);
	for (task_struct* p : others)
		machine.wake(*p, 2);
	size_t given = 0;

	on_dispatch = [&](s32, task_struct*) {
		if (given < others.size())
			bpf::dispatch(others[given++], kQueue);
	};
	machine.schedule(0);
	EXPECT_EQ(dispatches, int{SCX_DSP_MAX_LOOPS});
	EXPECT_EQ(running(0), "swapper");
	EXPECT_EQ(machine.run_irq_work(0), 1) << "it kicks itself to go on after interrupts";
	EXPECT_TRUE(machine.cpu(0).need_resched);
}

TEST_F(Pick, AZeroSliceIsRefilledWithOneWarning)
{
	start(fifo());
	awake("a").scx.slice = 0;
	awake("b", 1).scx.slice = 0;
	machine.schedule(0);
	machine.schedule(1);
	EXPECT_EQ(machine.rq(0).curr->scx.slice, u64{SCX_SLICE_DFL});
	EXPECT_EQ(std::count_if(machine.printed.begin(), machine.printed.end(),
				[](std::string const& line) {
					return line.find("slice of 0") != line.npos;
				}),
		  1);
}

TEST_F(Pick, AHigherClassPutsTheTaskFirstInLine)
{
	start(fifo());
	task_struct& a = awake("a");
	task_struct& rt = machine.create_task("rt", {.cpu = 0, .realtime = true});

	awake("b");
	machine.schedule(0);
	machine.wake(rt);
	machine.settle();
	EXPECT_EQ(running(0), "rt");
	EXPECT_EQ(local(0), "a");
	EXPECT_EQ(names_in(kQueue), "b");
	EXPECT_EQ(trace, "+a ~a release:0 ");

	trace.clear();
	machine.sleep(rt);
	EXPECT_EQ(running(0), "a");
	EXPECT_EQ(trace, "acquire:0 +a ");
	(void)a;
}

TEST_F(Pick, ReenqueueGivesTheLocalQueueBack)
{
	start(fifo());
	task_struct& rt = machine.create_task("rt", {.cpu = 0, .realtime = true});

	awake("a");
	machine.schedule(0);
	reenqueue = true;
	machine.wake(rt);
	machine.settle();
	EXPECT_EQ(reenqueued, 1u);
	EXPECT_EQ(local(0), "");
	EXPECT_EQ(names_in(kQueue), "a");
	machine.sleep(rt);
}

TEST_F(Pick, ALowerClassIsNoRelease)
{
	start(fifo());
	task_struct& a = awake("a");

	machine.schedule(0);
	machine.sleep(a);
	EXPECT_EQ(running(0), "swapper");
	EXPECT_EQ(trace, "+a -a ");
}

TEST_F(Pick, ARunningTaskIsNoWaiter)
{
	start(fifo());
	task_struct& a = awake("a");

	EXPECT_TRUE(scx::list::is_linked(a.scx.runnable_node));
	machine.schedule(0);
	EXPECT_FALSE(scx::list::is_linked(a.scx.runnable_node));
	EXPECT_TRUE(a.scx.flags & SCX_TASK_RESET_RUNNABLE_AT);
}

// Fair says in balance that it has a task, so this class is not balanced, and then it has none.
TEST_F(Pick, AMissedBalanceKeepsThePreviousTask)
{
	Scheduler scheduler = fifo();

	scheduler.flags = SCX_OPS_SWITCH_PARTIAL;
	start(scheduler);
	task_struct& a = machine.create_task("a", {.cpu = 0, .allowed = {0}, .policy = SCHED_EXT});
	task_struct& fair = machine.create_task("fair", {.cpu = 0, .allowed = {0}});

	machine.wake(a);
	machine.schedule(0);
	ASSERT_EQ(running(0), "a");
	machine.wake(fair);
	machine.settle();
	ASSERT_EQ(running(0), "fair");
	// a waits in the local queue; fair sleeps, but claims in balance to have more.
	machine.cpu(0).fair_balance_claims = true;
	machine.sleep(fair);
	EXPECT_EQ(running(0), "a");
	machine.cpu(0).fair_balance_claims = false;
}

TEST_F(Pick, AMissedBalanceLooksAgainBeforeIdling)
{
	Scheduler scheduler = fifo();

	scheduler.flags = SCX_OPS_SWITCH_PARTIAL;
	start(scheduler);
	task_struct& a = machine.create_task("a", {.cpu = 0, .allowed = {0}, .policy = SCHED_EXT});
	task_struct& fair = machine.create_task("fair", {.cpu = 0, .allowed = {0}});

	machine.wake(fair);
	machine.settle();
	machine.wake(a); // in the shared queue, which only balance looks at
	machine.cpu(0).fair_balance_claims = true;
	machine.sleep(fair);
	EXPECT_EQ(running(0), "swapper");
	machine.cpu(0).fair_balance_claims = false;
	machine.settle();
	EXPECT_EQ(running(0), "a");
}

TEST_F(Pick, BypassNeedsNoScheduler)
{
	start(fifo());
	awake("a");
	task_struct& b = awake("b", 1);

	scx_entry_suspend(true);
	machine.settle();
	EXPECT_EQ(dispatches, 0);
	EXPECT_EQ(running(0), "a");
	EXPECT_EQ(running(1), "b");
	task_struct& c = machine.create_task("c", {.cpu = 1, .allowed = {1}});

	machine.wake(c);
	machine.tick(1);
	machine.settle();
	EXPECT_EQ(running(1), "c") << "round robin by tick";
	scx_entry_suspend(false);
	machine.sleep(c);
	machine.settle();
	EXPECT_EQ(running(1), "b");
	(void)b;
}

TEST_F(Pick, TasksOfTheSchedulerSurviveBypass)
{
	Scheduler keeping = fifo();

	keeping.enqueue = [](task_struct*, u64) {};
	start(keeping);
	task_struct& a = awake("a");
	task_struct& b = awake("b");

	on_dispatch = [](s32, task_struct*) {};
	scx_entry_suspend(true);
	EXPECT_EQ(scx::Ownership{b}.state(), SCX_OPSS_NONE);
	EXPECT_EQ(local(0).size(), 3u) << "both";
	scx_entry_suspend(false);
	// Back in the hands of the scheduler, but for what began to run.
	EXPECT_EQ(scx::Ownership{a}.state(), SCX_OPSS_QUEUED);
	EXPECT_EQ(scx::Ownership{b}.state(), SCX_OPSS_QUEUED);
}

TEST_F(Pick, BypassNests)
{
	start(fifo());
	scx_entry_suspend(true);
	scx_entry_suspend(true);
	scx_entry_suspend(false);
	EXPECT_TRUE(machine.rq(0).scx.flags & SCX_RQ_BYPASSING);
	scx_entry_suspend(false);
	EXPECT_FALSE(machine.rq(0).scx.flags & SCX_RQ_BYPASSING);
}

// ---- Core scheduling ----

// The thread that ends a scheduler is of a higher class, and its CPU may schedule nothing else
// before the next scheduler is there.
TEST_F(Pick, ANewSchedulerGetsNoCpuBackThatItNeverLost)
{
	start(fifo());
	task_struct& a = awake("a");

	machine.settle();
	task_struct& rt = machine.create_task("rt", {.allowed = {0}, .realtime = true});

	machine.wake(rt);
	machine.settle();
	EXPECT_NE(trace.find("release"), std::string::npos);
	unload();
	start(fifo());
	machine.sleep(rt);
	machine.settle();
	EXPECT_EQ(running(0), "a");
	EXPECT_EQ(trace.find("acquire"), std::string::npos) << trace;
	machine.sleep(a);
}

class CorePick : public SmtModuleTest {
protected:
	// One queue for all, from which `dispatch` takes.
	void load_shared(std::function<void(s32, task_struct*)> dispatch)
	{
		load({.select_cpu = [](task_struct*, s32 previous, u64) { return previous; },
		      .enqueue = [](task_struct* p, u64) { bpf::dispatch(p, kQueue); },
		      .dispatch = std::move(dispatch),
		      .init = [] { return scx_entry_kf_create_dsq(kQueue, -1); }});
	}

	static bool move_first(u64 from, u64 to)
	{
		bpf_iter_scx_dsq it{};

		EXPECT_EQ(scx_entry_kf_iter_new(&it, from, 0), 0);
		task_struct* const p = scx_entry_kf_iter_next(&it);
		bool const moved = p && scx_entry_kf_dispatch_from_dsq(&it, p, to, 0, false);

		scx_entry_kf_iter_destroy(&it);
		return moved;
	}
};

TEST_F(CorePick, SiblingsAreBalancedTogether)
{
	load_shared([](s32, task_struct*) { scx_entry_kf_consume(kQueue); });
	machine.core_scheduling = true;
	machine.settle();
	machine.schedule(0);
	EXPECT_EQ(running(0), "swapper");
	machine.core_scheduling = false;
}

// CPU 0 runs ops.dispatch() for CPU 1 as well, whose lock it shares.
TEST_F(CorePick, AMoveForASiblingTakesNoSecondLock)
{
	bool moved = false;

	load_shared([&](s32 cpu, task_struct*) {
		if (cpu == 1)
			moved = move_first(kQueue, SCX_DSQ_LOCAL);
	});
	machine.core_scheduling = true;
	task_struct& a = machine.create_task("a", {.cpu = 1, .allowed = {1}});

	machine.wake(a);
	machine.schedule(0);
	machine.core_scheduling = false;
	EXPECT_TRUE(moved);
	EXPECT_EQ(names_in(machine.cpu(1).rq.scx.local_dsq), "a") << "local is the queue of CPU 1";
	machine.settle();
	machine.sleep(a);
}

TEST_F(CorePick, WhatIsFetchedForAnIdleSiblingMakesItReschedule)
{
	bool fetch = false;

	load_shared([&](s32 cpu, task_struct*) {
		if (fetch && cpu == 1)
			scx_entry_kf_consume(kQueue);
	});
	machine.wake(machine.create_task("a"));
	machine.settle();
	machine.core_scheduling = fetch = true;
	machine.schedule(0);
	machine.core_scheduling = false;
	machine.settle();
	EXPECT_EQ(running(1), "a");
}

TEST_F(CorePick, ATaskRunsThatWasNotDispatched)
{
	u64 flags = 0;

	load({.select_cpu = [](task_struct*, s32 previous, u64) { return previous; },
	      .enqueue = [](task_struct*, u64) {},
	      .dequeue = [&](task_struct*, u64 deq_flags) { flags = deq_flags; }});
	machine.core_scheduling = true;
	task_struct& a = machine.create_task("a");

	machine.wake(a);
	{
		auto const locked = machine.lock(0);

		machine.put_prev(locked.rq(), *locked.rq().curr, &a);
		scx_entry_set_next_task(&locked.rq(), &a, true);
		locked.rq().curr = &a;
	}
	EXPECT_EQ(flags, u64{SCX_DEQ_CORE_SCHED_EXEC});
	EXPECT_EQ(scx::Ownership{a}.state(), SCX_OPSS_NONE);
	machine.core_scheduling = false;
	machine.sleep(a);
	unload();
}

TEST_F(CorePick, TheLongestWaiterComesFirst)
{
	load({.select_cpu = [](task_struct*, s32 previous, u64) { return previous; },
	      .enqueue = [](task_struct*, u64) {}});
	machine.core_scheduling = true;
	task_struct& a = machine.create_task("a");
	task_struct& b = machine.create_task("b");

	machine.wake(a);
	machine.advance(1000);
	machine.wake(b);
	EXPECT_FALSE(scx_entry_prio_less(&a, &b, false));
	EXPECT_TRUE(scx_entry_prio_less(&b, &a, false));
	machine.core_scheduling = false;
}

TEST_F(CorePick, OrTheSchedulerSaysWhich)
{
	load({.select_cpu = [](task_struct*, s32 previous, u64) { return previous; },
	      .enqueue = [](task_struct*, u64) {},
	      .core_sched_before = [](task_struct* x, task_struct* y) { return x->pid > y->pid; }});
	task_struct& a = machine.create_task("a");
	task_struct& b = machine.create_task("b");

	EXPECT_TRUE(scx_entry_prio_less(&a, &b, false)) << "b is before a";
	EXPECT_FALSE(scx_entry_prio_less(&b, &a, false));
	scx_entry_suspend(true);
	EXPECT_FALSE(scx_entry_prio_less(&a, &b, false)) << "the default: both wait equally long";
	scx_entry_suspend(false);
}

// From when the scheduler has a task until it is off its CPU, callbacks about others run on its
// behalf.
class Departure : public Pick {
protected:
	// a gives CPU 0 to b, having disabled migration `disabled` times. Whether it may go to CPU
	// 1 as b's ops.running() sees it, where BPF has disabled migration once more.
	bool may_go_to_others(unsigned short disabled)
	{
		Scheduler scheduler = fifo();
		bool asked = false, may = false;

		scheduler.running = [&](task_struct* p) {
			if (std::string(p->comm) != "b")
				return;
			asked = true;
			EXPECT_EQ(names_in(kQueue), "a");
			EXPECT_EQ(leaving->migration_disabled, disabled + 1);
			may = scx::can_move_to(*leaving, machine.rq(1), nullptr);
		};
		start(scheduler);
		leaving = &machine.create_task("a", {.cpu = 0});
		machine.wake(*leaving);
		machine.schedule(0);
		EXPECT_EQ(running(0), "a");
		awake("b");
		leaving->migration_disabled = disabled;
		leaving->scx.slice = 0;
		machine.schedule(0);
		EXPECT_TRUE(asked);
		return may;
	}

	task_struct* leaving = nullptr;
};

TEST_F(Departure, WhatBpfDisablesIsNotTheTasksOwn)
{
	EXPECT_TRUE(may_go_to_others(0));
}

TEST_F(Departure, ATaskThatDisabledMigrationStays)
{
	EXPECT_FALSE(may_go_to_others(1));
	EXPECT_FALSE(scx::can_move_to(*leaving, machine.rq(1), nullptr)) << "nor afterwards";
	leaving->migration_disabled = 0;
}

TEST_F(Departure, ACallbackAboutTheTaskFindsItACpu)
{
	Scheduler scheduler = fifo();
	s32 found = -1;

	scheduler.flags = SCX_OPS_ENQ_LAST;
	scheduler.enqueue = [&](task_struct* p, u64) {
		cpumask const others = mask_of({2, 3});

		found = scx_entry_kf_select_cpu_and(p, 0, 0, &others, 0);
		bpf::dispatch(p, kQueue);
	};
	start(scheduler);
	task_struct& a = machine.create_task("a", {.cpu = 0});

	machine.wake(a);
	machine.schedule(0);
	found = -1;
	a.scx.slice = 0;
	machine.schedule(0);
	EXPECT_GE(found, 2) << "as it leaves CPU 0";
}

} // namespace
} // namespace host
