// SPDX-License-Identifier: GPL-2.0
// Taking tasks out of shared queues to the CPU that wants one.
#include "tests/scheduler.hpp"

#include "core/dispatch.hpp"
#include "core/transfer.hpp"

namespace host {
namespace {

constexpr u64 kQueue = 1;

class Consume : public ModuleTest {
protected:
	void SetUp() override
	{
		load({.select_cpu = [](task_struct*, s32 previous, u64) { return previous; },
		      .enqueue = [](task_struct* p, u64) { bpf::dispatch(p, kQueue, 500); },
		      .init = [] { return scx_entry_kf_create_dsq(kQueue, -1); }});
		machine.settle();
	}

	task_struct& waiting(char const* name, TaskOptions const& options = {})
	{
		task_struct& p = machine.create_task(name, options);

		machine.wake(p);
		return p;
	}

	bool consume_on(s32 cpu)
	{
		auto const locked = machine.lock(cpu);
		struct rq& rq = locked.rq();

		rq.scx.flags |= SCX_RQ_IN_BALANCE;
		bool const got = scx::consume(locked, *kshim_dsq_find(kQueue));

		rq.scx.flags &= ~SCX_RQ_IN_BALANCE;
		EXPECT_TRUE(machine.holds(rq.__lock));
		return got;
	}
};

TEST_F(Consume, NothingFromAnEmptyQueue)
{
	EXPECT_FALSE(consume_on(0));
}

TEST_F(Consume, ATaskOfThisCpu)
{
	task_struct& a = waiting("a");

	EXPECT_TRUE(consume_on(0));
	EXPECT_EQ(local(0), "a");
	EXPECT_EQ(names_in(kQueue), "");
	EXPECT_EQ(a.scx.slice, 500u);
	EXPECT_EQ(a.scx.dsq, &machine.rq(0).scx.local_dsq);
}

TEST_F(Consume, ATaskOfAnotherCpu)
{
	task_struct& a = waiting("a", {.cpu = 1});

	EXPECT_TRUE(consume_on(0));
	EXPECT_EQ(local(0), "a");
	EXPECT_EQ(scx::task_cpu(a), 0);
	EXPECT_EQ(a.on_rq, int{kOnRunqueue});
	EXPECT_EQ(a.scx.slice, 500u);
	EXPECT_EQ(a.scx.holding_cpu, -1);
	EXPECT_EQ(machine.rq(1).scx.nr_running, 0u);
	EXPECT_EQ(machine.rq(0).scx.nr_running, 1u);
}

TEST_F(Consume, OneTaskInOrder)
{
	waiting("a", {.cpu = 1});
	waiting("b");
	EXPECT_TRUE(consume_on(0));
	EXPECT_EQ(local(0), "a");
	EXPECT_EQ(names_in(kQueue), "b");
}

TEST_F(Consume, PassesOverTasksThatMayNotRunHere)
{
	waiting("elsewhere", {.cpu = 1, .allowed = {1, 2}});
	waiting("pinned", {.cpu = 1}).migration_disabled = 1;
	waiting("mine", {.cpu = 2});
	EXPECT_TRUE(consume_on(0));
	EXPECT_EQ(local(0), "mine");
	EXPECT_EQ(names_in(kQueue), "elsewhere pinned");
	EXPECT_FALSE(consume_on(0));
}

TEST_F(Consume, DisabledMigrationIsNoMatterAtHome)
{
	waiting("pinned").migration_disabled = 1;
	EXPECT_TRUE(consume_on(0));
	EXPECT_EQ(local(0), "pinned");
}

TEST_F(Consume, NoTaskComesToAnOfflineCpu)
{
	waiting("a", {.cpu = 1});
	machine.rq(0).scx.flags &= ~SCX_RQ_ONLINE;
	EXPECT_FALSE(consume_on(0));
	machine.rq(0).scx.flags |= SCX_RQ_ONLINE;
	EXPECT_EQ(names_in(kQueue), "a");
}

TEST_F(Consume, LosesATaskToADequeueAndGoesOn)
{
	task_struct& a = waiting("a", {.cpu = 1});

	waiting("b", {.cpu = 2});
	machine.watched_rq = &machine.rq(1);
	machine.before_lock = [&] {
		EXPECT_EQ(a.scx.holding_cpu, 0) << "in flight";
		EXPECT_EQ(names_in(kQueue), "b");
		machine.take_off(a);
	};
	EXPECT_TRUE(consume_on(0));
	EXPECT_EQ(local(0), "b");
	EXPECT_EQ(a.scx.holding_cpu, -1);
	EXPECT_EQ(a.scx.dsq, nullptr);
	EXPECT_EQ(scx::task_cpu(a), 1);
	machine.put_back(a);
	EXPECT_EQ(names_in(kQueue), "a");
}

TEST_F(Consume, LosesATaskThatIsQueuedAnewMeanwhile)
{
	task_struct& a = waiting("a", {.cpu = 1});

	machine.watched_rq = &machine.rq(1);
	machine.before_lock = [&] {
		machine.take_off(a);
		machine.put_back(a);
	};
	EXPECT_TRUE(consume_on(0)) << "the second attempt finds it again";
	EXPECT_EQ(local(0), "a");
	EXPECT_EQ(scx::dispatch_queue::count(machine.rq(0).scx.local_dsq), 1u);
}

TEST_F(Consume, LosesATaskThatAnotherCpuTakes)
{
	task_struct& a = waiting("a", {.cpu = 1});

	// Dequeued, queued anew and taken by CPU 2 before CPU 0 has the lock of CPU 1.
	machine.watched_rq = &machine.rq(1);
	machine.before_lock = [&] {
		machine.take_off(a);
		machine.put_back(a);
		EXPECT_TRUE(consume_on(2));
	};
	EXPECT_FALSE(consume_on(0));
	EXPECT_EQ(local(2), "a");
	EXPECT_EQ(scx::task_cpu(a), 2);
}

TEST_F(Consume, EachNodeHasAGlobalQueue)
{
	unload();
	load({.select_cpu = [](task_struct*, s32 previous, u64) { return previous; }});
	EXPECT_EQ(global(0), "");
	waiting("a", {.cpu = 1});
	EXPECT_EQ(global(0), "a");
	{
		auto const locked = machine.lock(3);

		locked.rq().scx.flags |= SCX_RQ_IN_BALANCE;
		EXPECT_TRUE(scx::consume_global(locked));
		locked.rq().scx.flags &= ~SCX_RQ_IN_BALANCE;
	}
	EXPECT_EQ(local(3), "a");
}

class TwoNodes : public ModuleTest {
protected:
	TwoNodes() : ModuleTest{{.cpus = 4, .threads_per_core = 1, .nodes = 2}} {}
};

TEST_F(TwoNodes, TasksStayOnTheirNode)
{
	load({.select_cpu = [](task_struct*, s32 previous, u64) { return previous; }});
	task_struct& near = machine.create_task("near", {.cpu = 1});
	task_struct& far = machine.create_task("far", {.cpu = 2});

	machine.wake(near);
	machine.wake(far);
	EXPECT_EQ(global(0), "near");
	EXPECT_EQ(global(3), "far");
	machine.schedule(0);
	machine.schedule(3);
	EXPECT_EQ(running(0), "near");
	EXPECT_EQ(running(3), "far");
	EXPECT_EQ(scx_entry_kf_create_dsq(9, 1), 0);
	EXPECT_EQ(scx_entry_kf_create_dsq(10, 2), cxxrt::kEinval.negative());
}

} // namespace
} // namespace host
