// SPDX-License-Identifier: GPL-2.0
// Where the kernel's own implementation hangs, starves or leaks, as docs/weak-points.md lists:
// crowds of tasks, real-time hogs, lockups.
#include "tests/pick.hpp"

#include "core/bypass.hpp"
#include "core/cpumask.hpp"
#include "core/transfer.hpp"

namespace host {
namespace {

class Crowd : public Pick {
protected:
	// Wakes tasks that only these CPUs may run, on the first of them.
	void crowd(int count, std::vector<s32> const& allowed)
	{
		for (int i = 0; i < count; ++i)
			machine.wake(machine.create_task(
				"c", {.cpu = allowed.front(), .allowed = allowed}));
	}

	[[nodiscard]] u32 waiting(s32 cpu)
	{
		return scx::dispatch_queue::count(machine.rq(cpu).scx.local_dsq);
	}

	bool consume_on(s32 cpu)
	{
		auto const locked = machine.lock(cpu);

		machine.times_taken.clear();
		return scx::consume(locked, *kshim_dsq_find(kQueue));
	}

	[[nodiscard]] int locked_queue() { return machine.times_taken[&kshim_lock()]; }

	raw_spinlock& kshim_lock()
	{
		kshim_rcu_read_lock();
		raw_spinlock& lock = kshim_dsq_find(kQueue)->lock;

		kshim_rcu_read_unlock();
		return lock;
	}
};

TEST_F(Crowd, AWalkLetsGoOfItsLocks)
{
	start(fifo());
	crowd(1000, {1});
	EXPECT_FALSE(consume_on(0));
	EXPECT_EQ(locked_queue(), 1 + 999 / int{scx::kWalkBatch});
	EXPECT_EQ(machine.times_taken[&machine.rq(0).__lock], 999 / int{scx::kWalkBatch});

	machine.wake(machine.create_task("mine", {.cpu = 0, .allowed = {0}}));
	EXPECT_TRUE(consume_on(0)) << "and finds what is behind";
	EXPECT_EQ(local(0), "mine");
}

TEST_F(Crowd, AWalkGoesOnWhereItWas)
{
	start(fifo());
	crowd(static_cast<int>(scx::kWalkBatch) + 1, {1});
	machine.wake(machine.create_task("mine", {.cpu = 0, .allowed = {0}}));
	// While no lock is held the very tasks around its place are taken away.
	machine.watched_rq = nullptr;

	auto const locked = machine.lock(0);
	bool taken = false;

	machine.watched_rq = &machine.rq(0);
	machine.before_lock = [&] {
		kshim_rcu_read_lock();
		scx_dispatch_q& dsq = *kshim_dsq_find(kQueue);

		for (int i = 0; i <= static_cast<int>(scx::kWalkBatch); ++i) {
			task_struct* const p = scx::dispatch_queue::next(dsq, nullptr);

			machine.take_off(*p);
		}
		kshim_rcu_read_unlock();
		taken = true;
	};
	EXPECT_TRUE(scx::consume(locked, *kshim_dsq_find(kQueue)));
	EXPECT_TRUE(taken);
	EXPECT_EQ(local(0), "mine");
	for (list_head* node = machine.all_tasks.next; node != &machine.all_tasks;
	     node = node->next) {
		auto* entity = cxxrt::container_of<&sched_ext_entity::tasks_node>(node);
		auto* p = cxxrt::container_of<&task_struct::scx>(entity);

		if (p->on_rq && !scx::task_queued(*p) && scx::is_ext(*p))
			machine.put_back(*p);
	}
}

TEST_F(Crowd, AWalkEndsWithItsScheduler)
{
	start(fifo());
	crowd(1000, {1});
	scx_entry_kf_kick_cpu(99, 0);
	EXPECT_FALSE(consume_on(0));
	EXPECT_EQ(locked_queue(), 2);
	EXPECT_NE(take_error(), "");
}

// As a scheduler leaves them that puts every task to one CPU.
TEST_F(Crowd, BypassEvensOut)
{
	start(fifo());
	on_dispatch = [](s32, task_struct*) {};
	crowd(400, {0, 1, 2, 3});
	scx_entry_suspend(true);
	EXPECT_EQ(names_in(kQueue), "");
	EXPECT_EQ(global(), "");
	EXPECT_EQ(waiting(0), 400u);
	for (int round = 0; round < 100; ++round) {
		machine.settle();
		machine.advance(1'000'000);
		for (s32 cpu = 0; cpu < 4; ++cpu)
			machine.tick(cpu);
	}
	for (s32 cpu = 0; cpu < 4; ++cpu) {
		EXPECT_GE(waiting(cpu), 75u);
		EXPECT_LE(waiting(cpu), 125u);
	}
	scx_entry_suspend(false);
	on_dispatch = nullptr;
	machine.settle();
}

TEST_F(Crowd, ABypassingCpuPullsOneBatchAtATime)
{
	start(fifo());
	on_dispatch = [](s32, task_struct*) {};
	crowd(400, {0, 1});
	scx_entry_suspend(true);
	machine.schedule(1);
	EXPECT_EQ(waiting(1) + 1, u32{scx::bypass::kBatch}) << "one of them runs";
	scx_entry_suspend(false);
	on_dispatch = nullptr;
	machine.settle();
}

TEST_F(Crowd, BypassLeavesBoundTasksWhereTheyMayRun)
{
	start(fifo());
	crowd(1000, {0});
	crowd(10, {0, 3});
	scx_entry_suspend(true);
	machine.settle();
	for (int round = 0; round < 20; ++round) {
		machine.advance(1'000'000);
		for (s32 cpu = 0; cpu < 4; ++cpu)
			machine.tick(cpu);
		machine.settle();
	}
	EXPECT_EQ(waiting(1) + waiting(2), 0u);
	EXPECT_TRUE(scx::is_idle(*machine.rq(1).curr));
	EXPECT_GE(waiting(0), 999u - 10u);
	scx_entry_suspend(false);
}

TEST_F(Crowd, KernelThreadsThatWakeUpComeFirstInBypass)
{
	start(fifo());
	crowd(10, {0});
	scx_entry_suspend(true);
	machine.settle();
	task_struct& thread = machine.create_task("thread", {.cpu = 0, .allowed = {0}});

	thread.flags |= PF_KTHREAD;
	machine.wake(thread);
	EXPECT_EQ(local(0).find("thread"), 0u);
	machine.advance(1'000'000);
	machine.tick(0);
	machine.settle();
	EXPECT_EQ(running(0), "thread");
	// In its turn from now on: it does not sleep.
	machine.advance(1'000'000);
	machine.tick(0);
	machine.settle();
	EXPECT_EQ(running(0), "c");
	scx_entry_suspend(false);
}

TEST_F(Crowd, ACrowdedCpuInBypassWakesIdleOnes)
{
	start(fifo());
	scx_entry_suspend(true);
	machine.settle();
	// More than a pull looks at may not move; what may comes behind.
	crowd(3 * static_cast<int>(scx::bypass::kLook), {0});
	crowd(1, {0, 2});
	machine.settle();
	EXPECT_TRUE(scx::is_idle(*machine.rq(2).curr));
	for (int round = 0; round < 1000 && scx::is_idle(*machine.rq(2).curr); ++round) {
		machine.advance(1'000'000);
		machine.tick(0);
		machine.settle();
	}
	EXPECT_FALSE(scx::is_idle(*machine.rq(2).curr));
	scx_entry_suspend(false);
}

// ---- Queues that only a cursor is on ----

TEST_F(Crowd, AParkedIteratorIsNoTask)
{
	start(fifo());
	on_dispatch = [](s32, task_struct*) {};
	task_struct& a = awake("a", 1);
	bpf_iter_scx_dsq it{};

	kshim_rcu_read_lock();
	ASSERT_EQ(scx_entry_kf_iter_new(&it, kQueue, 0), 0);
	EXPECT_EQ(scx_entry_kf_iter_next(&it), &a);
	machine.take_off(a);
	machine.times_taken.clear();
	EXPECT_FALSE(consume_on(1));
	EXPECT_EQ(locked_queue(), 0) << "nothing to look at";
	scx_entry_kf_destroy_dsq(kQueue);
	EXPECT_EQ(take_error(), "");
	EXPECT_EQ(scx_entry_kf_iter_next(&it), nullptr);
	scx_entry_kf_iter_destroy(&it);
	kshim_rcu_read_unlock();
	EXPECT_EQ(scx_entry_kf_create_dsq(kQueue, -1), 0) << "its name is free";
	machine.put_back(a);
	on_dispatch = nullptr;
}

// ---- 64 bits of flags ----

TEST_F(Crowd, FlagsKeepTheirUpperHalfOnTheWayToAnotherCpu)
{
	Scheduler scheduler = fifo();

	scheduler.enqueue = [enqueue = scheduler.enqueue](task_struct* p, u64 flags) {
		if (std::string(p->comm) != "moved")
			enqueue(p, flags);
	};
	start(std::move(scheduler));
	task_struct& runs = awake("runs", 2);

	machine.settle();
	task_struct& moved = machine.create_task("moved", {.cpu = 1});
	auto const hog = &awake("hog", 1);

	machine.settle();
	on_dispatch = [&](s32 cpu, task_struct*) {
		if (cpu == 0)
			bpf::dispatch(&moved, SCX_DSQ_LOCAL_ON | 2, 1000, SCX_ENQ_PREEMPT);
	};
	machine.wake(moved);
	machine.schedule(0);
	on_dispatch = nullptr;
	EXPECT_EQ(scx::task_cpu(moved), 2);
	EXPECT_EQ(runs.scx.slice, 0u) << "preempted";
	EXPECT_EQ(machine.rq(2).scx.extra_enq_flags, 0u);
	machine.settle();
	EXPECT_EQ(running(2), "moved");
	EXPECT_EQ(running(1), hog->comm);
}

// ---- Real-time hogs ----

class RealTimeHog : public Pick {
protected:
	void SetUp() override
	{
		start(fifo());
		task_struct& rt =
			machine.create_task("rt", {.cpu = 1, .allowed = {1}, .realtime = true});

		machine.wake(rt);
		machine.settle();
		victim_ = &awake("victim", 1);
		machine.settle();
		EXPECT_EQ(running(1), "rt");
	}

	void tick()
	{
		machine.advance(1'000'000);
		machine.tick(1);
		machine.settle();
	}

	task_struct* victim_ = nullptr;
};

TEST_F(RealTimeHog, StartsTheServer)
{
	EXPECT_FALSE(machine.cpu(1).server_active);
	tick();
	EXPECT_TRUE(machine.cpu(1).server_active);
	EXPECT_EQ(running(1), "rt") << "the server says when";
}

TEST_F(RealTimeHog, TheServerRunsWhatTheSchedulerDispatches)
{
	tick();
	// Its first turn finds the local queue empty, because balance stopped at the hog.
	machine.cpu(1).server_turn = true;
	machine.schedule(1);
	machine.settle();
	EXPECT_EQ(running(1), "victim");
	EXPECT_TRUE(machine.cpu(1).server_active);

	// Every tick is charged, and the time since the turn began with the first one.
	s64 const before = machine.cpu(1).server_charged;

	machine.advance(300'000);
	machine.tick(1);
	tick();
	EXPECT_EQ(machine.cpu(1).server_charged - before, 1'300'000);

	machine.cpu(1).server_turn = false;
	machine.schedule(1);
	EXPECT_EQ(running(1), "rt") << "throttled";
}

TEST_F(RealTimeHog, ATickThatComesLateIsChargedAsOne)
{
	tick();
	machine.cpu(1).server_turn = true;
	machine.schedule(1);
	machine.settle();
	machine.advance(60'000'000'000);
	machine.tick(1);
	EXPECT_LE(machine.cpu(1).server_charged, 20'000'000);
}

TEST_F(RealTimeHog, WithoutATaskTheServerStops)
{
	tick();
	machine.take_off(*victim_);
	machine.cpu(1).server_turn = true;
	machine.schedule(1);
	machine.settle();
	EXPECT_FALSE(machine.cpu(1).server_active);
	EXPECT_EQ(running(1), "rt");
	machine.put_back(*victim_);
	machine.settle();
}

TEST_F(RealTimeHog, IsNamedByTheWatchdog)
{
	for (int i = 0; i < 3; ++i) {
		machine.advance(20'000'000'000);
		machine.run_watchdog();
	}
	machine.settle();
	ASSERT_TRUE(exited);
	EXPECT_EQ(exited->kind, SCX_EXIT_ERROR_STALL);
	EXPECT_NE(exited->message.find("; CPU 1 runs rt["), std::string::npos) << exited->message;
	EXPECT_LT(exited->dump.find("\nCPU 1 "), exited->dump.find("\nCPU 0 "))
		<< "the CPU that it is about comes first";
}

// ---- Lockups ----

TEST_F(Crowd, ALockupEjects)
{
	scx_entry_lockup("soft lockup", 15);
	start(fifo());
	machine.act_on(2);
	scx_entry_lockup("soft lockup", 15);
	machine.act_on(0);
	machine.settle();
	ASSERT_TRUE(exited);
	EXPECT_EQ(exited->kind, SCX_EXIT_ERROR);
	EXPECT_EQ(exited->message, "soft lockup is near: CPU 2 has seen no progress for 15 s");
}

} // namespace
} // namespace host
