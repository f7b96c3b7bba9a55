// SPDX-License-Identifier: GPL-2.0
// Loading and unloading schedulers, and the lives of tasks and groups under them.
#include "tests/scheduler.hpp"

#include "core/task_state.hpp"

#include <algorithm>

namespace host {
namespace {

class Lifecycle : public ModuleTest {
protected:
	// Everything a scheduler is told about tasks, in one line.
	Scheduler tracing()
	{
		return {.enqueue = [](task_struct* p, u64) { bpf::dispatch(p, SCX_DSQ_LOCAL); },
			.runnable = [this](task_struct* p, u64) { note("runnable", p); },
			.set_weight = [this](task_struct* p, u32) { note("weight", p); },
			.set_cpumask = [this](task_struct* p,
					      cpumask const*) { note("cpumask", p); },
			.init_task =
				[this](task_struct* p, scx_init_task_args* args) {
					note(args->fork ? "fork" : "init", p);
					return refuse == p->comm ? -17 : 0;
				},
			.exit_task =
				[this](task_struct* p, scx_exit_task_args* args) {
					note(args->cancelled ? "cancel" : "exit", p);
				},
			.enable = [this](task_struct* p) { note("enable", p); },
			.disable = [this](task_struct* p) { note("disable", p); },
			.init =
				[this] {
					trace += "INIT ";
					return init_result;
				},
			.exit = [this](scx_exit_info*) { trace += "EXIT "; }};
	}

	void note(std::string const& what, task_struct* p)
	{
		if (p->comm == watched || watched.empty())
			trace += what + " ";
	}

	[[nodiscard]] static std::string state() { return scx_entry_state_name(); }

	void TearDown() override { unload(); }

	std::string trace, refuse;
	std::string watched = "a";
	s32 init_result = 0;
};

TEST_F(Lifecycle, FromLoadToUnload)
{
	task_struct& a = machine.create_task("a");
	long const enabled_before = scx_entry_enable_seq(); // since the test program began

	EXPECT_EQ(state(), "disabled");
	load(tracing());
	EXPECT_EQ(state(), "enabled");
	EXPECT_EQ(a.sched_class, &ext_sched_class);
	EXPECT_TRUE(machine.kernel_switched_all);
	EXPECT_STREQ(scx_entry_ops_name(), "host_test");
	EXPECT_EQ(trace, "INIT init enable weight cpumask ");
	EXPECT_EQ(machine.announced, 1);
	EXPECT_EQ(scx_entry_enable_seq(), enabled_before + 1);
	trace.clear();

	unload();
	EXPECT_EQ(state(), "disabled");
	EXPECT_EQ(a.sched_class, &fair_sched_class);
	EXPECT_EQ(trace, "disable exit EXIT ");
	EXPECT_FALSE(machine.kernel_enabled);
	EXPECT_FALSE(machine.kernel_switched_all);
	EXPECT_FALSE(machine.root_exists);
	EXPECT_STREQ(scx_entry_ops_name(), "");
	ASSERT_TRUE(exited);
	EXPECT_EQ(exited->kind, SCX_EXIT_UNREG);
	EXPECT_EQ(exited->reason, "unregistered from user space");
}

TEST_F(Lifecycle, RunnableTasksAreTakenAlong)
{
	task_struct& a = machine.create_task("a");
	task_struct& b = machine.create_task("b");

	machine.wake(a);
	machine.settle();
	machine.wake(b);
	ASSERT_EQ(running(0), "a");
	load(tracing());
	EXPECT_EQ(trace, "INIT init enable weight cpumask runnable ");
	EXPECT_EQ(running(0), "a");
	unload();
	machine.settle();
	EXPECT_EQ(running(0), "a");
	machine.sleep(a);
	EXPECT_EQ(running(0), "b");
}

TEST_F(Lifecycle, OneAtATime)
{
	load(tracing());
	sched_ext_ops second{};

	EXPECT_EQ(scx_entry_register(&second), cxxrt::kEbusy.negative());
	EXPECT_EQ(state(), "enabled");
}

TEST_F(Lifecycle, NotWithIsolatedCpus)
{
	machine.isolated_domains = true;
	EXPECT_EQ(try_load(tracing()), cxxrt::kEinval.negative());
	EXPECT_TRUE(machine.printed_line("isolcpus="));
}

TEST_F(Lifecycle, PartialTakesOnlyThoseWhoAsk)
{
	Scheduler scheduler = tracing();

	scheduler.flags = SCX_OPS_SWITCH_PARTIAL;
	task_struct& a = machine.create_task("a");
	task_struct& asks = machine.create_task("asks", {.policy = SCHED_EXT});

	EXPECT_EQ(asks.sched_class, &fair_sched_class) << "no scheduler yet";
	load(scheduler);
	EXPECT_EQ(a.sched_class, &fair_sched_class);
	EXPECT_EQ(asks.sched_class, &ext_sched_class);
	EXPECT_FALSE(machine.kernel_switched_all);
	EXPECT_EQ(trace, "INIT init ") << "it may come later";
	trace.clear();
	machine.wake(a);
	machine.set_policy(a, SCHED_EXT);
	EXPECT_EQ(trace, "enable weight cpumask runnable ");
	trace.clear();
	machine.set_policy(a, SCHED_NORMAL);
	EXPECT_EQ(trace, "disable ");
	machine.settle();
	machine.sleep(a);
}

TEST_F(Lifecycle, RealtimeTasksComeAndGo)
{
	load(tracing());
	task_struct& a = machine.create_task("a", {.realtime = true});

	EXPECT_EQ(trace, "INIT fork ");
	trace.clear();
	machine.set_policy(a, SCHED_NORMAL, false);
	EXPECT_EQ(trace, "enable weight cpumask ");
	trace.clear();
	machine.set_policy(a, SCHED_NORMAL, true);
	EXPECT_EQ(trace, "disable ");
}

TEST_F(Lifecycle, AForkIsInitialisedAndEnabled)
{
	load(tracing());
	trace.clear();
	task_struct& a = machine.create_task("a");

	EXPECT_EQ(trace, "fork enable weight ");
	EXPECT_EQ(scx::task_state(a), u32{SCX_TASK_ENABLED});
	trace.clear();
	machine.wake(a);
	machine.settle();
	machine.exit_running(a);
	machine.free_task(a);
	EXPECT_EQ(trace, "runnable disable exit ");
}

TEST_F(Lifecycle, AForkMayBeRefused)
{
	load(tracing());
	refuse = "a";
	trace.clear();
	EXPECT_EQ(machine.fork("a"), nullptr);
	EXPECT_EQ(trace, "fork ") << "what was not initialised does not exit";
}

TEST_F(Lifecycle, AForkMayFailLater)
{
	load(tracing());
	trace.clear();
	EXPECT_EQ(machine.fork("a", {.fail_late = true}), nullptr);
	EXPECT_EQ(trace, "fork cancel ");
}

TEST_F(Lifecycle, ATaskMayOutliveTheScheduler)
{
	load(tracing());
	task_struct& a = machine.create_task("a");

	unload();
	trace.clear();
	machine.free_task(a);
	EXPECT_EQ(trace, "");
}

TEST_F(Lifecycle, ADeadTaskIsTakenOutToo)
{
	load(tracing());
	task_struct& a = machine.create_task("a");

	machine.wake(a);
	machine.settle();
	machine.exit_running(a);
	trace.clear();
	unload();
	EXPECT_EQ(trace, "disable exit EXIT ");
	machine.free_task(a);
}

TEST_F(Lifecycle, SwappersAreLeftAlone)
{
	watched = "swapper";
	load(tracing());
	unload();
	EXPECT_EQ(trace, "INIT EXIT ");
	EXPECT_EQ(machine.cpu(0).idle.sched_class, &idle_sched_class);
}

TEST_F(Lifecycle, ManyTasksAreVisitedAllAndOnce)
{
	watched = "many";
	for (int i = 0; i < 100; ++i)
		machine.create_task("many");
	load(tracing());
	EXPECT_EQ(std::count(trace.begin(), trace.end(), ' '), 1 + 4 * 100);
	trace.clear();
	unload();
	EXPECT_EQ(std::count(trace.begin(), trace.end(), ' '), 1 + 2 * 100);
}

TEST_F(Lifecycle, ARefusedTaskFailsTheLoad)
{
	machine.create_task("a");
	machine.create_task("b");
	refuse = "b";
	EXPECT_EQ(try_load(tracing()), 0) << "the reason comes through ops.exit()";
	EXPECT_EQ(state(), "disabled");
	ASSERT_TRUE(exited);
	EXPECT_EQ(exited->kind, SCX_EXIT_ERROR);
	EXPECT_NE(exited->message.find("ops.init_task() failed (-17) for b["), std::string::npos);
	EXPECT_EQ(trace, "INIT init exit EXIT ");
}

TEST_F(Lifecycle, AFailedInitFailsTheLoad)
{
	init_result = -12;
	EXPECT_EQ(try_load(tracing()), 0);
	ASSERT_TRUE(exited);
	EXPECT_EQ(exited->message, "ops.init() failed (-12)");
	EXPECT_EQ(state(), "disabled");
}

TEST_F(Lifecycle, ResultsThatAreNoErrorNumbers)
{
	for (s32 result : {1, -5000}) {
		init_result = result;
		EXPECT_EQ(try_load(tracing()), 0);
		ASSERT_TRUE(exited);
		EXPECT_NE(exited->message.find("not 0 or an error number"), std::string::npos);
	}
}

TEST_F(Lifecycle, EnqLastNeedsEnqueue)
{
	EXPECT_EQ(try_load({.flags = SCX_OPS_ENQ_LAST}), 0);
	ASSERT_TRUE(exited);
	EXPECT_EQ(exited->kind, SCX_EXIT_ERROR);
	EXPECT_NE(exited->message.find("SCX_OPS_ENQ_LAST requires ops.enqueue()"),
		  std::string::npos);
}

TEST_F(Lifecycle, HotplugSequenceIsChecked)
{
	machine.hotplug_seq = 5;
	EXPECT_EQ(try_load({.hotplug_seq = 4}), 0);
	machine.settle();
	ASSERT_TRUE(exited);
	EXPECT_EQ(exited->kind, SCX_EXIT_UNREG_KERN);
	EXPECT_EQ(static_cast<u64>(exited->code), SCX_ECODE_ACT_RESTART | SCX_ECODE_RSN_HOTPLUG);
	load({.hotplug_seq = 5});
}

// Whichever allocation fails: an error, or an end with a reason, and nothing left behind.
TEST_F(Lifecycle, EveryAllocationMayFail)
{
	task_struct& a = machine.create_task("a");

	machine.wake(a);
	machine.settle();
	for (int failing = 0; failing < 100; ++failing) {
		Scheduler scheduler = tracing();

		scheduler.init = [] { return scx_entry_kf_create_dsq(1, -1); };
		machine.fail_allocation_in = failing;
		int const result = try_load(scheduler);
		bool const hit = machine.fail_allocation_in < 0;

		machine.fail_allocation_in = -1;
		if (!hit) {
			EXPECT_EQ(state(), "enabled");
			EXPECT_GT(failing, 5);
			return;
		}
		EXPECT_EQ(state(), "disabled");
		EXPECT_TRUE(result == cxxrt::kEnomem.negative() || exited) << failing;
		EXPECT_EQ(a.sched_class, &fair_sched_class);
		machine.end_grace_period();
	}
	FAIL() << "loading never ends to allocate";
}

TEST_F(Lifecycle, RootMayFail)
{
	machine.fail_root = true;
	EXPECT_EQ(try_load(tracing()), cxxrt::kEnomem.negative());
	EXPECT_EQ(state(), "disabled");
	machine.fail_root = false;
	load(tracing());
}

TEST(ModuleInit, EveryAllocationMayFail)
{
	for (int failing = 0; failing < 100; ++failing) {
		Machine machine{{.cpus = 4, .threads_per_core = 1, .nodes = 2}};

		machine.fail_allocation_in = failing;
		int const result = scx_entry_init();

		if (machine.fail_allocation_in >= 0) {
			EXPECT_EQ(result, 0);
			EXPECT_GT(failing, 5);
			scx_entry_exit();
			return;
		}
		EXPECT_EQ(result, cxxrt::kEnomem.negative());
	}
	FAIL() << "initialising never ends to allocate";
}

// ---- Ends ----

TEST_F(Lifecycle, AnErrorEjects)
{
	task_struct& a = machine.create_task("a");

	load(tracing());
	machine.wake(a);
	machine.settle();
	scx_entry_kf_kick_cpu(99, 0);
	EXPECT_EQ(state(), "enabled") << "until the worker has run";
	machine.settle();
	EXPECT_EQ(state(), "disabled");
	ASSERT_TRUE(exited);
	EXPECT_EQ(exited->kind, SCX_EXIT_ERROR);
	EXPECT_NE(exited->message.find("CPU 99"), std::string::npos);
	EXPECT_NE(exited->dump.find("CPU 99"), std::string::npos);
	EXPECT_NE(exited->dump.find("function_at_0x42"), std::string::npos);
	EXPECT_NE(exited->dump.find("*R a["), std::string::npos);
	EXPECT_TRUE(machine.printed_line("\"host_test\" disabled (runtime error)"));
	EXPECT_EQ(running(0), "a");
	EXPECT_EQ(a.sched_class, &fair_sched_class);
}

TEST_F(Lifecycle, TheFirstReasonCounts)
{
	load(tracing());
	scx_entry_kf_kick_cpu(99, 0);
	scx_entry_kf_kick_cpu(98, 0);
	scx_entry_sysrq_reset();
	machine.settle();
	ASSERT_TRUE(exited);
	EXPECT_NE(exited->message.find("CPU 99"), std::string::npos);
}

TEST_F(Lifecycle, SysRqEnds)
{
	load(tracing());
	scx_entry_sysrq_reset();
	machine.settle();
	ASSERT_TRUE(exited);
	EXPECT_EQ(exited->kind, SCX_EXIT_SYSRQ);
	EXPECT_EQ(exited->dump, "");
}

TEST_F(Lifecycle, TheSchedulerEndsItself)
{
	char format[] = "done after %llu";
	unsigned long long number = 7;

	load(tracing());
	scx_entry_kf_exit(42, format, &number, sizeof(number));
	machine.settle();
	ASSERT_TRUE(exited);
	EXPECT_EQ(exited->kind, SCX_EXIT_UNREG_BPF);
	EXPECT_EQ(exited->code, 42);
	EXPECT_EQ(exited->message, "done after 7");

	load(tracing());
	scx_entry_kf_error(format, &number, sizeof(number));
	machine.settle();
	EXPECT_EQ(exited->kind, SCX_EXIT_ERROR_BPF);
	EXPECT_EQ(exited->message, "done after 7");
}

TEST_F(Lifecycle, NothingHappensWithoutAScheduler)
{
	scx_entry_sysrq_reset();
	scx_entry_kf_kick_cpu(99, 0);
	machine.settle();
	EXPECT_FALSE(exited);
	load(tracing());
	machine.settle();
	EXPECT_EQ(state(), "enabled") << "an old error is no error of a new scheduler";
}

TEST_F(Lifecycle, LoadsAgainAndAgain)
{
	for (char const* name : {"a", "b", "c", "d"})
		machine.wake(machine.create_task(name));
	for (int cycle = 0; cycle < 30; ++cycle) {
		load(tracing());
		machine.advance(30'000'000);
		for (s32 cpu = 0; cpu < 4; ++cpu)
			machine.tick(cpu);
		machine.settle();
		if (cycle % 3 == 0) {
			scx_entry_kf_kick_cpu(99, 0);
			machine.settle();
		} else {
			unload();
		}
		EXPECT_EQ(state(), "disabled");
		for (s32 cpu = 0; cpu < 4; ++cpu) {
			EXPECT_EQ(machine.rq(cpu).scx.nr_running, 0u);
			EXPECT_TRUE(scx::list::empty(machine.rq(cpu).scx.runnable_list));
			EXPECT_EQ(local(cpu), "");
		}
	}
}

TEST_F(Lifecycle, AForgottenTaskIsAStall)
{
	Scheduler scheduler = tracing();

	scheduler.enqueue = [](task_struct*, u64) {};
	scheduler.select_cpu = [](task_struct*, s32 previous, u64) { return previous; };
	scheduler.timeout_ms = 1000;
	load(scheduler);
	task_struct& a = machine.create_task("a");

	machine.wake(a);
	for (int i = 0; i < 3; ++i) {
		machine.advance(300'000'000);
		machine.run_watchdog();
		machine.settle();
		EXPECT_EQ(state(), "enabled");
	}
	machine.advance(600'000'000);
	machine.run_watchdog();
	machine.settle();
	ASSERT_TRUE(exited);
	EXPECT_EQ(exited->kind, SCX_EXIT_ERROR_STALL);
	EXPECT_NE(exited->message.find("failed to run for 1.500s"), std::string::npos);
	EXPECT_FALSE(machine.watchdog_queued);
}

TEST_F(Lifecycle, ATaskThatRunsIsNoStall)
{
	Scheduler scheduler = tracing();

	scheduler.timeout_ms = 1000;
	load(scheduler);
	task_struct& a = machine.create_task("a");

	machine.wake(a);
	machine.settle();
	for (int i = 0; i < 10; ++i) {
		machine.advance(600'000'000);
		machine.run_watchdog();
		machine.settle();
	}
	EXPECT_EQ(state(), "enabled");
}

TEST_F(Lifecycle, TicksNoticeADeadWatchdog)
{
	Scheduler scheduler = tracing();

	scheduler.timeout_ms = 1000;
	load(scheduler);
	machine.advance(900'000'000);
	machine.tick(2);
	EXPECT_EQ(state(), "enabled");
	machine.advance(200'000'000);
	machine.tick(2);
	machine.settle();
	ASSERT_TRUE(exited);
	EXPECT_NE(exited->message.find("watchdog failed to check in"), std::string::npos);
}

TEST_F(Lifecycle, DisallowSendsTasksBack)
{
	Scheduler scheduler = tracing();

	scheduler.flags = SCX_OPS_SWITCH_PARTIAL;
	scheduler.init_task = [](task_struct* p, scx_init_task_args*) {
		p->scx.disallow = true;
		return 0;
	};
	task_struct& a = machine.create_task("a", {.policy = SCHED_EXT});
	task_struct& b = machine.create_task("b");

	load(scheduler);
	EXPECT_EQ(static_cast<s32>(a.policy), SCHED_NORMAL);
	EXPECT_EQ(a.sched_class, &fair_sched_class);
	EXPECT_EQ(scx_entry_nr_rejected(), 1);
	EXPECT_EQ(scx_entry_check_setscheduler(&b, SCHED_EXT), cxxrt::kEacces.negative());
	EXPECT_EQ(scx_entry_check_setscheduler(&b, SCHED_NORMAL), 0);
}

TEST_F(Lifecycle, DisallowInAForkIsAnError)
{
	Scheduler scheduler = tracing();

	scheduler.init_task = [](task_struct* p, scx_init_task_args* args) {
		p->scx.disallow = args->fork;
		return 0;
	};
	load(scheduler);
	machine.create_task("a", {.policy = SCHED_EXT});
	EXPECT_NE(take_error().find("during its fork"), std::string::npos);
}

TEST_F(Lifecycle, AffinityIsTold)
{
	load(tracing());
	task_struct& a = machine.create_task("a");

	machine.wake(a);
	machine.settle();
	trace.clear();
	machine.set_affinity(a, {2});
	EXPECT_NE(trace.find("cpumask "), std::string::npos);
	machine.settle();
	EXPECT_EQ(running(2), "a");
}

// ---- CPUs that come and go ----

TEST_F(Lifecycle, AGoingCpuEndsASchedulerThatDoesNotCare)
{
	load(tracing());
	machine.take_offline(3);
	machine.settle();
	ASSERT_TRUE(exited);
	EXPECT_EQ(exited->kind, SCX_EXIT_UNREG_KERN);
	EXPECT_EQ(exited->message, "cpu 3 going offline, exiting scheduler");
	EXPECT_EQ(static_cast<u64>(exited->code), SCX_ECODE_ACT_RESTART | SCX_ECODE_RSN_HOTPLUG);
	load(tracing());
	machine.bring_online(3);
	machine.settle();
	EXPECT_EQ(exited->message, "cpu 3 going online, exiting scheduler");
}

TEST_F(Lifecycle, OrIsToldToOneThatDoes)
{
	std::string told;
	Scheduler scheduler = tracing();

	scheduler.cpu_online = [&](s32 cpu) { told += "+" + std::to_string(cpu); };
	scheduler.cpu_offline = [&](s32 cpu) { told += "-" + std::to_string(cpu); };
	scheduler.enqueue = [](task_struct*, u64) {};
	scheduler.select_cpu = [](task_struct*, s32 previous, u64) { return previous; };
	load(scheduler);
	task_struct& a = machine.create_task("a", {.cpu = 3});

	machine.wake(a);
	machine.take_offline(3);
	EXPECT_NE(scx::task_cpu(a), 3) << "pushed off";
	machine.bring_online(3);
	EXPECT_EQ(told, "-3+3");
	unload();
}

// ---- Groups ----

TEST_F(Lifecycle, GroupsAreTold)
{
	std::string told;
	s32 prepared = 0;
	Scheduler scheduler = tracing();

	scheduler.cgroup_init = [&](cgroup* group, scx_cgroup_init_args* args) {
		told += "+" + group->name + ":" + std::to_string(args->weight) + " ";
		return 0;
	};
	scheduler.cgroup_exit = [&](cgroup* group) { told += "-" + group->name + " "; };
	scheduler.cgroup_prep_move = [&](task_struct* p, cgroup* from, cgroup* to) {
		told += std::string("prep:") + p->comm + from->name + to->name + " ";
		return ++prepared == 3 ? -11 : 0;
	};
	scheduler.cgroup_move = [&](task_struct* p, cgroup* from, cgroup* to) {
		told += std::string("move:") + p->comm + from->name + to->name + " ";
	};
	scheduler.cgroup_cancel_move = [&](task_struct* p, cgroup* from, cgroup* to) {
		told += std::string("cancel:") + p->comm + from->name + to->name + " ";
	};
	task_group& x = machine.create_group("x", machine.groups.front());
	task_struct& a = machine.create_task("a");
	task_struct& b = machine.create_task("b");

	load(scheduler);
	EXPECT_EQ(told, "+/:100 +x:100 ");
	task_group& y = machine.create_group("y", &x);

	EXPECT_EQ(told, "+/:100 +x:100 +y:100 ");
	told.clear();

	cgroup_taskset one{{&a}, y.host_cgroup};

	EXPECT_EQ(scx_entry_cgroup_can_attach(&one), 0);
	{
		auto const locked = machine.lock(0);

		a.sched_task_group = &y;
		scx_entry_cgroup_move_task(&a);
	}
	EXPECT_EQ(told, "prep:a/y move:a/y ");
	told.clear();

	cgroup_taskset nowhere{{&a}, y.host_cgroup};

	EXPECT_EQ(scx_entry_cgroup_can_attach(&nowhere), 0);
	EXPECT_EQ(told, "") << "no move";

	// The second of two is refused: the first is undone.
	cgroup_taskset two{{&a, &b}, x.host_cgroup};

	EXPECT_EQ(scx_entry_cgroup_can_attach(&two), -11);
	EXPECT_EQ(told, "prep:ayx prep:b/x cancel:ayx ");
	EXPECT_EQ(a.scx.cgrp_moving_from, nullptr);
	told.clear();

	unload();
	EXPECT_EQ(told, "-y -x -/ ");
}

TEST_F(Lifecycle, ARefusedGroupFailsTheLoad)
{
	std::string told;
	Scheduler scheduler = tracing();

	machine.create_group("x", machine.groups.front());
	scheduler.cgroup_init = [&](cgroup* group, scx_cgroup_init_args*) {
		return group->name == "x" ? -12 : 0;
	};
	scheduler.cgroup_exit = [&](cgroup* group) { told += group->name; };
	EXPECT_EQ(try_load(scheduler), 0);
	ASSERT_TRUE(exited);
	EXPECT_EQ(exited->message, "ops.cgroup_init() failed (-12)");
	EXPECT_EQ(told, "/");
}

} // namespace
} // namespace host
