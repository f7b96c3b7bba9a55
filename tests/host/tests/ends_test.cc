// SPDX-License-Identifier: GPL-2.0
// How schedulers end, and what they are told of CPUs and groups that come and go.
#include "tests/lifecycle.hpp"

namespace host {
namespace {

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
	EXPECT_EQ(exited->code, 0) << "that is for schedulers that end themselves";
	EXPECT_NE(exited->message.find("CPU 99"), std::string::npos);
	EXPECT_NE(exited->dump.find("CPU 99"), std::string::npos);
	EXPECT_NE(exited->dump.find("\n\n *R a["), std::string::npos) << "each task stands alone";
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

// The CPU that finds out may be the one that is stuck: the thread that unloads must not wait for
// it.
TEST_F(Lifecycle, AnEjectionDoesNotWaitForItsOwnCpu)
{
	s32 const last = machine.topology().cpus - 1;

	load(tracing());
	for (s32 cpu = 0; cpu < last; ++cpu) {
		machine.wake(machine.create_task("busy", {.cpu = cpu, .allowed = {cpu}}));
		machine.settle();
	}
	Machine::act_on(0);
	scx_entry_lockup("soft lockup", 15);
	EXPECT_EQ(machine.disable_work_cpu, last) << "the idle one";
	machine.settle();
	ASSERT_TRUE(exited);
	EXPECT_NE(exited->message.find("CPU 0 has seen no progress for 15 s"), std::string::npos);

	load(tracing());
	machine.wake(machine.create_task("busy", {.cpu = last, .allowed = {last}}));
	machine.settle();
	Machine::act_on(0);
	scx_entry_lockup("soft lockup", 15);
	EXPECT_EQ(machine.disable_work_cpu, 1) << "the next one where none is idle";
	machine.settle();
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
