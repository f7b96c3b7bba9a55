// SPDX-License-Identifier: GPL-2.0
// Idle CPUs on made-up machines. A CPU number beyond 63 is in the second word of a mask. More
// cases, which a kernel runs too, are in tests/suites/idle_cpus.cc.
#include "tests/scheduler.hpp"

#include "core/cpumask.hpp"
#include "core/idle_cpus.hpp"

namespace host {
namespace {

using scx::IdleCpus;

class IdleTest : public testing::Test {
protected:
	explicit IdleTest(Topology topology) : machine{topology} {}

	void SetUp() override
	{
		ASSERT_TRUE(idle.create().ok());
		idle.enable();
	}

	void TearDown() override { idle.destroy(); }

	// Only these CPUs idle.
	void only(std::vector<s32> const& cpus)
	{
		for (s32 cpu = 0; cpu < machine.topology().cpus; ++cpu)
			idle.update(cpu, false);
		for (s32 cpu : cpus)
			idle.update(cpu, true);
	}

	[[nodiscard]] static std::vector<s32> cpus_of(cpumask const& mask)
	{
		std::vector<s32> cpus;

		scx::for_each_cpu(mask, [&](s32 cpu) { cpus.push_back(cpu); });
		return cpus;
	}

	[[nodiscard]] s32 select(task_struct& p, s32 previous, u64 flags = 0)
	{
		chosen = idle.select(p, previous, flags);
		return chosen.cpu;
	}

	using Cpus = std::vector<s32>;

	Machine machine;
	IdleCpus idle;
	IdleCpus::Choice chosen{};
};

class IdleCpusFlat : public IdleTest {
protected:
	IdleCpusFlat() : IdleTest{{.cpus = 4, .threads_per_core = 1, .nodes = 1}} {}
};

class IdleCpusSmt : public IdleTest {
protected:
	IdleCpusSmt() : IdleTest{{.cpus = 8, .threads_per_core = 2, .nodes = 1}} {}
};

class IdleCpusMany : public IdleTest {
protected:
	IdleCpusMany() : IdleTest{{.cpus = 4096, .threads_per_core = 2, .nodes = 4}} {}
};

TEST_F(IdleCpusFlat, OnlyOnlineOnes)
{
	scx::mask_test_and_clear(__cpu_online_mask, 2);
	idle.enable();
	EXPECT_EQ(cpus_of(idle.idle_mask()), (Cpus{0, 1, 3}));
}

TEST_F(IdleCpusFlat, NorIfTasksWaitThere)
{
	task_struct& p = machine.create_task("p", {.cpu = 3});

	machine.act_on(1);
	machine.rq(1).scx.local_dsq.nr = 1;
	EXPECT_EQ(select(p, 3, SCX_WAKE_SYNC), 3);
	machine.rq(1).scx.local_dsq.nr = 0;
}

TEST_F(IdleCpusFlat, NorIfTheWakerExits)
{
	task_struct& p = machine.create_task("p", {.cpu = 3});

	machine.act_on(1);
	machine.rq(1).curr->flags |= PF_EXITING;
	EXPECT_EQ(select(p, 3, SCX_WAKE_SYNC), 3);
}

// An offline CPU is not among its own siblings.
TEST_F(IdleCpusSmt, AnOfflineCpuIsNotFoundForEver)
{
	scx::mask_set(const_cast<cpumask&>(idle.idle_cores_mask()), 5);
	scx::mask_test_and_clear(const_cast<cpumask&>(idle.idle_mask()), 5);
	const_cast<cpumask&>(machine.siblings(5)) = {};
	EXPECT_EQ(idle.pick(mask_of({5}), false), s32{IdleCpus::kNone});
	EXPECT_EQ(idle.pick(mask_of({5}), true), s32{IdleCpus::kNone});
}

TEST_F(IdleCpusMany, InEveryWordOfTheMask)
{
	only({63, 64, 65, 4094, 4095});
	EXPECT_EQ(cpus_of(idle.idle_cores_mask()), (Cpus{64, 65, 4094, 4095}));
	EXPECT_EQ(idle.pick(__cpu_possible_mask, true), 64);
	EXPECT_EQ(idle.pick(__cpu_possible_mask, true), 4094);
	EXPECT_EQ(idle.pick(__cpu_possible_mask, false), 63);
}

// ---- On a running machine ----

class IdleOnCpu : public ModuleTest {
protected:
	Scheduler dispatching_locally() const
	{
		return {.enqueue = [](task_struct* p, u64) { bpf::dispatch(p, SCX_DSQ_LOCAL); }};
	}
};

TEST_F(IdleOnCpu, DefaultSelectionDispatchesToAnIdleCpu)
{
	load(dispatching_locally());
	machine.settle();
	task_struct& a = machine.create_task("a", {.cpu = 2});

	a.scx.slice = 1;
	EXPECT_EQ(machine.wake(a), 2);
	EXPECT_EQ(local(2), "a");
	EXPECT_EQ(a.scx.slice, u64{SCX_SLICE_DFL});
	EXPECT_EQ(machine.wake(machine.create_task("b", {.cpu = 2})), 0);
}

TEST_F(IdleOnCpu, CpusAreMarkedAsTheyComeAndGo)
{
	load(dispatching_locally());
	machine.settle();
	task_struct& a = machine.create_task("a", {.cpu = 1, .allowed = {1}});

	machine.wake(a);
	machine.settle();
	EXPECT_FALSE(scx::mask_test(scx::idle_cpus.idle_mask(), 1));
	machine.sleep(a);
	EXPECT_TRUE(scx::mask_test(scx::idle_cpus.idle_mask(), 1));
}

TEST_F(IdleOnCpu, AClaimedCpuThatStaysIdleIsMarkedAgain)
{
	load(dispatching_locally());
	machine.settle();
	EXPECT_TRUE(scx_entry_kf_test_and_clear_cpu_idle(1));
	machine.schedule(1);
	EXPECT_TRUE(scx::mask_test(scx::idle_cpus.idle_mask(), 1));
}

TEST_F(IdleOnCpu, UpdateIdleTellsRealTransitionsOnly)
{
	std::string told;
	Scheduler scheduler = dispatching_locally();

	scheduler.update_idle = [&](s32 cpu, bool idle) {
		told += std::to_string(cpu) + (idle ? "+" : "-");
	};
	load(scheduler);
	machine.settle();
	told.clear();
	EXPECT_FALSE(scx::idle_cpus.enabled());
	task_struct& a = machine.create_task("a", {.cpu = 1, .allowed = {1}});

	machine.wake(a);
	machine.settle();
	machine.schedule(2);
	machine.sleep(a);
	EXPECT_EQ(told, "1-1+");
	EXPECT_EQ(scx_entry_kf_pick_idle_cpu(&__cpu_possible_mask, 0), cxxrt::kEbusy.negative());
	EXPECT_NE(take_error().find("built-in idle tracking is off"), std::string::npos);
	unload();
}

TEST_F(IdleOnCpu, OrBothIfAskedFor)
{
	Scheduler scheduler = dispatching_locally();

	scheduler.update_idle = [](s32, bool) {};
	scheduler.flags = SCX_OPS_KEEP_BUILTIN_IDLE;
	load(scheduler);
	EXPECT_TRUE(scx::idle_cpus.enabled());
	EXPECT_EQ(scx_entry_kf_pick_idle_cpu(&__cpu_possible_mask, 0), 0);
}

TEST_F(IdleOnCpu, PickAnyFallsBackToABusyCpu)
{
	load(dispatching_locally());
	machine.settle();
	cpumask const two = mask_of({2});
	cpumask const none{};

	EXPECT_EQ(scx_entry_kf_pick_any_cpu(&two, 0), 2);
	EXPECT_EQ(scx_entry_kf_pick_any_cpu(&two, 0), 2);
	EXPECT_EQ(scx_entry_kf_pick_any_cpu(&none, 0), cxxrt::kEbusy.negative());
}

TEST_F(IdleOnCpu, SelectDflIsForSelectCpuOnly)
{
	bool idle = true;
	Scheduler scheduler = dispatching_locally();

	scheduler.select_cpu = [&](task_struct* p, s32 previous, u64 flags) {
		return scx_entry_kf_select_cpu_dfl(p, previous, flags, &idle);
	};
	load(scheduler);
	machine.settle();
	task_struct& a = machine.create_task("a", {.cpu = 3});

	EXPECT_EQ(machine.wake(a), 3);
	EXPECT_TRUE(idle);
	EXPECT_EQ(scx_entry_kf_select_cpu_dfl(&a, 1, 0, &idle), 1);
	EXPECT_FALSE(idle);
	EXPECT_NE(take_error().find("scx_bpf_select_cpu_dfl"), std::string::npos);
	EXPECT_EQ(scx_entry_kf_select_cpu_dfl(&a, 9, 0, &idle), 9);
	EXPECT_NE(take_error().find("CPU 9"), std::string::npos);
	unload();
}

TEST_F(IdleOnCpu, ABadCpuOfSelectCpuIsAnError)
{
	Scheduler scheduler = dispatching_locally();

	scheduler.select_cpu = [](task_struct*, s32, u64) { return 4; };
	load(scheduler);
	task_struct& a = machine.create_task("a", {.cpu = 3});

	EXPECT_EQ(machine.wake(a), 3);
	EXPECT_NE(take_error().find("CPU 4 returned by ops.select_cpu()"), std::string::npos);
}

TEST_F(IdleOnCpu, AnExecDoesNotMove)
{
	load({.select_cpu = [](task_struct*, s32, u64) -> s32 {
		ADD_FAILURE() << "asked on exec";
		return 0;
	}});
	task_struct& a = machine.create_task("a", {.cpu = 3});

	EXPECT_EQ(scx_entry_select_task_rq(&a, 3, WF_EXEC), 3);
}

} // namespace
} // namespace host
