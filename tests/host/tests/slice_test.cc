// SPDX-License-Identifier: GPL-2.0
// Slices and weights.
#include "tests/scheduler.hpp"

#include "core/slice.hpp"
#include "core/weight.hpp"

namespace host {
namespace {

TEST(Slice, IsUsedUp)
{
	EXPECT_EQ(scx::slice_after(100, 30), 70u);
	EXPECT_EQ(scx::slice_after(100, 100), 0u);
	EXPECT_EQ(scx::slice_after(100, 101), 0u);
	EXPECT_EQ(scx::slice_after(0, 1), 0u);
}

TEST(Slice, InfiniteStaysInfinite)
{
	EXPECT_EQ(scx::slice_after(SCX_SLICE_INF, ~0ULL), u64{SCX_SLICE_INF});
	EXPECT_EQ(scx::slice_after(SCX_SLICE_INF - 1, 1), u64{SCX_SLICE_INF} - 2);
}

TEST(Slice, OfADispatch)
{
	EXPECT_EQ(scx::slice_for_dispatch(5, 9), 5u);
	EXPECT_EQ(scx::slice_for_dispatch(0, 9), 9u);
	EXPECT_EQ(scx::slice_for_dispatch(0, 0), 1u);
	EXPECT_EQ(scx::slice_for_dispatch(SCX_SLICE_INF, 0), u64{SCX_SLICE_INF});
}

TEST(Weight, OfLoads)
{
	EXPECT_EQ(scx::cgroup_weight_of(1024), 100u);
	EXPECT_EQ(scx::cgroup_weight_of(15), 1u);
	EXPECT_EQ(scx::cgroup_weight_of(88761), 8668u);
	EXPECT_EQ(scx::cgroup_weight_of(0), 1u);
	EXPECT_EQ(scx::cgroup_weight_of(1 << 20), 10000u);
	EXPECT_EQ(scx::cgroup_weight_of(SCX_SLICE_DFL), 10000u);
}

TEST(Weight, ScalesDown)
{
	EXPECT_EQ(scx::scaled_down(0), 0u);
	EXPECT_EQ(scx::scaled_down(1), 2u);
	EXPECT_EQ(scx::scaled_down(1024ULL << 10), 1024u);
}

class SliceOnCpu : public ModuleTest {
protected:
	task_struct& run(char const* name, u64 slice)
	{
		task_struct& p = machine.create_task(name, {.cpu = 0, .allowed = {0}});

		machine.wake(p);
		machine.settle();
		p.scx.slice = slice;
		return p;
	}
};

TEST_F(SliceOnCpu, ATickChargesAndEndsIt)
{
	load({});
	task_struct& a = run("a", 10'000'000);

	machine.advance(4'000'000);
	machine.tick(0);
	EXPECT_EQ(a.scx.slice, 6'000'000u);
	EXPECT_FALSE(machine.cpu(0).need_resched);
	machine.advance(7'000'000);
	machine.tick(0);
	EXPECT_EQ(a.scx.slice, 0u);
	EXPECT_TRUE(machine.cpu(0).need_resched);
}

TEST_F(SliceOnCpu, TheTickCallbackComesAfterTheCharge)
{
	u64 seen = 0;

	load({.tick = [&](task_struct* p) {
		seen = p->scx.slice;
		p->scx.slice = 50;
	}});
	run("a", 10);
	machine.advance(100);
	machine.tick(0);
	EXPECT_EQ(seen, 0u);
	EXPECT_FALSE(machine.cpu(0).need_resched) << "the scheduler extended it";
	unload();
}

TEST_F(SliceOnCpu, TheOnlyTaskGetsAnotherOne)
{
	load({});
	task_struct& a = run("a", 10);

	machine.advance(100);
	machine.tick(0);
	machine.settle();
	EXPECT_EQ(running(0), "a");
	EXPECT_EQ(a.scx.slice, u64{SCX_SLICE_DFL});
}

TEST_F(SliceOnCpu, BypassIgnoresSlices)
{
	int ticks = 0;

	load({.tick = [&](task_struct*) { ++ticks; }});
	task_struct& a = run("a", SCX_SLICE_INF);

	scx_entry_suspend(true);
	machine.settle();
	machine.tick(0);
	EXPECT_EQ(a.scx.slice, 0u);
	EXPECT_EQ(ticks, 0);
	EXPECT_TRUE(machine.cpu(0).need_resched);
	scx_entry_suspend(false);
	unload();
}

TEST_F(SliceOnCpu, AnInfiniteOneLetsTheTickStop)
{
	load({});
	task_struct& a = run("a", SCX_SLICE_DFL);

	EXPECT_TRUE(scx_entry_keep_tick(&machine.rq(0)));
	EXPECT_FALSE(scx_entry_keep_tick(&machine.rq(1))) << "idle";
	machine.sleep(a);
	a.scx.slice = SCX_SLICE_INF;
	machine.wake(a);
	a.scx.slice = SCX_SLICE_INF;
	int const updates = machine.cpu(0).tick_updates;

	machine.settle();
	EXPECT_FALSE(scx_entry_keep_tick(&machine.rq(0)));
	EXPECT_EQ(machine.cpu(0).tick_updates, updates + 1);
	scx_entry_suspend(true);
	EXPECT_TRUE(scx_entry_keep_tick(&machine.rq(0)));
	scx_entry_suspend(false);
}

// As after a kick, which ends even an infinite one. Nobody picks another task, so none is set.
TEST_F(SliceOnCpu, TheTickComesBackWithAnotherSlice)
{
	load({.enqueue = [](task_struct* p, u64) {
		bpf::dispatch(p, SCX_DSQ_LOCAL, SCX_SLICE_INF);
	}});
	task_struct& a = machine.create_task("a", {.cpu = 0, .allowed = {0}});

	machine.wake(a);
	machine.settle();
	ASSERT_FALSE(scx_entry_keep_tick(&machine.rq(0)));
	int const updates = machine.cpu(0).tick_updates;

	scx_entry_kf_kick_cpu(0, SCX_KICK_PREEMPT);
	machine.settle();
	EXPECT_EQ(running(0), "a");
	EXPECT_EQ(a.scx.slice, u64{SCX_SLICE_DFL});
	EXPECT_TRUE(scx_entry_keep_tick(&machine.rq(0)));
	EXPECT_EQ(machine.cpu(0).tick_updates, updates + 1);
}

TEST_F(SliceOnCpu, UpdateCurrCharges)
{
	load({});
	task_struct& a = run("a", 1000);

	machine.advance(300);
	{
		auto const locked = machine.lock(0);

		scx_entry_update_curr(&locked.rq());
		EXPECT_EQ(a.scx.slice, 700u);
		scx_entry_update_curr(&locked.rq());
	}
	EXPECT_EQ(a.scx.slice, 700u) << "no time has passed";
}

TEST_F(SliceOnCpu, WeightsFollowNice)
{
	std::vector<u32> told;

	load({.set_weight = [&](task_struct*, u32 weight) { told.push_back(weight); }});
	task_struct& a = machine.create_task("a");

	EXPECT_EQ(told, std::vector<u32>{100});
	machine.set_nice(a, -20);
	machine.set_nice(a, 19);
	EXPECT_EQ(told, (std::vector<u32>{100, 8668, 1}));
	EXPECT_EQ(a.scx.weight, 1u);
	told.clear();
	machine.create_task("idle", {.policy = SCHED_IDLE});
	EXPECT_EQ(told, std::vector<u32>{1});
	unload();
}

} // namespace
} // namespace host
