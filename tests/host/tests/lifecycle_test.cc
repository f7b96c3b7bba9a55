// SPDX-License-Identifier: GPL-2.0
// Loading and unloading schedulers, and the lives of tasks and groups under them.
#include "core/exit_control.hpp"
#include "tests/lifecycle.hpp"

namespace host {
namespace {

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

	EXPECT_EQ(scx_entry_register(&second, &second), cxxrt::kEbusy.negative());
	EXPECT_EQ(state(), "enabled");
}

TEST_F(Lifecycle, WhoHasEndedAlreadyEndsNobodyElse)
{
	int first = 0, second = 0;

	loaded_by = &first;
	load(tracing());
	scx_entry_sysrq_reset();
	machine.settle();
	ASSERT_EQ(state(), "disabled");
	loaded_by = &second;
	load(tracing());
	scx_entry_unregister(&first);
	machine.settle();
	EXPECT_EQ(state(), "enabled");
	scx_entry_unregister(&second);
	EXPECT_EQ(state(), "disabled");
}

// Another CPU has claimed the end, but its report is not finished and nothing is queued.
TEST_F(Lifecycle, UnregisteringWaitsForAnEndThatSomebodyElseBegan)
{
	load(tracing());
	scx::error("from elsewhere");
	machine.disable_work_pending = false;
	EXPECT_EQ(state(), "enabled");
	unload();
	EXPECT_EQ(state(), "disabled");
	EXPECT_EQ(exited->message, "from elsewhere");
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

// It has left the list of all tasks when the unload walks that, and is not yet out of the
// scheduler's hands.
TEST_F(Lifecycle, ATaskOnItsWayOutIsWaitedFor)
{
	struct Leaving {
		callback_head head;
		Machine& machine;
		task_struct& task;
	};

	load(tracing());

	Leaving leaving{{}, machine, machine.create_task("a")};

	machine.unlink(leaving.task);
	kshim_call_rcu(&leaving.head, [](callback_head* head) {
		auto& its = *cxxrt::container_of<&Leaving::head>(head);

		its.machine.free_unlinked(its.task);
	});
	trace.clear();
	unload();
	EXPECT_EQ(trace, "disable exit EXIT ");
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

} // namespace
} // namespace host
