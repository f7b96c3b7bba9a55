// SPDX-License-Identifier: GPL-2.0
// Schedulers of the API of 2023: who is scheduled, the lives of tasks, how it ends.
#include "tests/api_v4.hpp"

#include "core/exit_control.hpp"
#include "core/ops_table.hpp"

namespace host {
namespace {

TEST_F(ApiV4, PartialByDefault)
{
	task_struct& a = machine.create_task("a");
	task_struct& asks = machine.create_task("asks", {.policy = SCHED_EXT});

	load_v4(table());
	EXPECT_EQ(a.sched_class, &fair_sched_class);
	EXPECT_EQ(asks.sched_class, &ext_sched_class);
	EXPECT_FALSE(machine.kernel_switched_all);
	EXPECT_STREQ(scx_entry_ops_name(), "host_v4");
}

TEST_F(ApiV4, AllTasksAfterSwitchAll)
{
	task_struct& a = machine.create_task("a");

	old.init = [] {
		scx_entry_kf_switch_all();
		return 0;
	};
	load_v4(table());
	EXPECT_EQ(a.sched_class, &ext_sched_class);
	EXPECT_TRUE(machine.kernel_switched_all);
	unload();
	EXPECT_EQ(a.sched_class, &fair_sched_class);
	old.init = [] { return 0; };
	load_v4(table());
	EXPECT_EQ(a.sched_class, &fair_sched_class) << "the next one has to ask again";
}

TEST_F(ApiV4, WithoutInitPartialToo)
{
	task_struct& a = machine.create_task("a");
	sched_ext_ops_v4 scheduler = table();

	scheduler.init = nullptr;
	load_v4(scheduler);
	EXPECT_EQ(a.sched_class, &fair_sched_class);
}

TEST_F(ApiV4, SwitchAllIsForInit)
{
	old.enqueue = [](task_struct* p, u64) {
		scx_entry_kf_switch_all();
		bpf::dispatch(p, SCX_DSQ_GLOBAL);
	};
	load_v4(table());
	machine.wake(machine.create_task("a", {.policy = SCHED_EXT}));
	EXPECT_NE(take_error().find("called from elsewhere than ops.init()"), std::string::npos);
	unload();

	EXPECT_EQ(try_load({.init =
				    [] {
					    scx_entry_kf_switch_all();
					    return 0;
				    }}),
		  0);
	machine.settle();
	ASSERT_TRUE(exited) << "today's API has no such call";
	EXPECT_EQ(exited->kind, SCX_EXIT_ERROR);
}

TEST_F(ApiV4, InitMayFail)
{
	old.init = [] { return -12; };
	sched_ext_ops_v4 const scheduler = table();

	EXPECT_EQ(scx_entry_register_v4(&scheduler, loaded_by), 0);
	EXPECT_STREQ(scx_entry_state_name(), "disabled");
	ASSERT_TRUE(old.exited);
	EXPECT_STREQ(old.exited->msg, "ops.init() failed (-12)");
}

// ---- The life of a task ----

TEST_F(ApiV4, ATaskIsPreparedEnabledAndDisabledOnce)
{
	task_struct& a = machine.create_task("a", {.policy = SCHED_EXT});

	load_v4(tracing());
	EXPECT_EQ(taken_trace(), "prep enable weight cpumask ");
	machine.set_policy(a, SCHED_NORMAL);
	EXPECT_EQ(taken_trace(), "") << "another class is no end";
	machine.set_policy(a, SCHED_EXT);
	EXPECT_EQ(taken_trace(), "weight cpumask ");
	unload();
	EXPECT_EQ(taken_trace(), "disable ");
}

TEST_F(ApiV4, TasksOfOtherClassesAreEnabledToo)
{
	machine.create_task("a");
	load_v4(tracing());
	EXPECT_EQ(taken_trace(), "prep enable ");
	unload();
	EXPECT_EQ(taken_trace(), "disable ");
}

TEST_F(ApiV4, AForkIsPreparedAndEnabled)
{
	load_v4(tracing());
	task_struct& a = machine.create_task("a");

	EXPECT_EQ(taken_trace(), "prep enable ");
	machine.free_task(a);
	EXPECT_EQ(taken_trace(), "disable ");
}

TEST_F(ApiV4, TheWeightIsThereWhenATaskIsEnabled)
{
	sched_ext_ops_v4 scheduler = tracing();

	scheduler.enable = [](task_struct* p, scx_enable_args* args) {
		if (old.watched == p->comm)
			old.trace += std::to_string(p->scx.weight) + args->cgroup->name;
	};
	load_v4(scheduler);
	machine.create_task("a", {.group = &machine.create_group("g", machine.groups.front())});
	EXPECT_EQ(taken_trace(), "prep 100g");
}

TEST_F(ApiV4, PrepEnableIsToldTheGroup)
{
	old.prep_enable = [](task_struct* p, scx_enable_args* args) {
		if (old.watched == p->comm)
			old.trace += args->cgroup->name;
		return 0;
	};
	load_v4(tracing());
	machine.create_task("a", {.group = &machine.create_group("g", machine.groups.front())});
	EXPECT_EQ(taken_trace(), "prep genable ");
}

TEST_F(ApiV4, AForkThatIsRefusedIsNotCancelled)
{
	old.prep_enable = [](task_struct* p, scx_enable_args*) {
		return old.watched == p->comm ? -17 : 0;
	};
	load_v4(tracing());
	EXPECT_EQ(machine.fork("a"), nullptr);
	EXPECT_EQ(taken_trace(), "prep ");
}

TEST_F(ApiV4, AForkThatFailsLaterIsCancelled)
{
	load_v4(tracing());
	EXPECT_EQ(machine.fork("a", {.fail_late = true}), nullptr);
	EXPECT_EQ(taken_trace(), "prep cancel ");
}

// Between ops.prep_enable() of all tasks and their way into the class.
TEST_F(ApiV4, AForkDuringTheLoadIsEnabledOnce)
{
	machine.when_enabled = [this] { machine.create_task("a"); };
	load_v4(tracing());
	EXPECT_EQ(taken_trace(), "prep enable ");
}

TEST_F(ApiV4, WhoEntersTheClassDuringTheLoadIsEnabled)
{
	task_struct& a = machine.create_task("a", {.realtime = true});

	old.init = [] {
		scx_entry_kf_switch_all();
		return 0;
	};
	machine.when_enabled = [&] { machine.set_policy(a, SCHED_NORMAL); };
	load_v4(tracing());
	EXPECT_EQ(a.sched_class, &ext_sched_class);
	EXPECT_NE((" " + taken_trace()).find(" enable "), std::string::npos);
}

TEST_F(ApiV4, ALoadThatFailsCancelsWhatItPrepared)
{
	machine.create_task("a");
	machine.create_task("refused");
	old.prep_enable = [](task_struct* p, scx_enable_args*) {
		return std::strcmp(p->comm, "refused") ? 0 : -17;
	};
	sched_ext_ops_v4 const scheduler = tracing();

	EXPECT_EQ(scx_entry_register_v4(&scheduler, loaded_by), 0);
	EXPECT_STREQ(scx_entry_state_name(), "disabled");
	EXPECT_EQ(taken_trace(), "prep cancel ");
	ASSERT_TRUE(old.exited);
	EXPECT_NE(std::string(old.exited->msg).find("ops.prep_enable() failed (-17) for refused["),
		  std::string::npos)
		<< old.exited->msg;
}

TEST_F(ApiV4, ATaskMayBeDisallowedAtLoadAndInAFork)
{
	task_struct& loaded = machine.create_task("a", {.policy = SCHED_EXT});

	old.prep_enable = [](task_struct* p, scx_enable_args*) {
		p->scx.disallow = true;
		return 0;
	};
	load_v4(tracing());
	EXPECT_EQ(loaded.policy, u32{SCHED_NORMAL});
	EXPECT_EQ(scx_entry_nr_rejected(), 1);

	task_struct& forked = machine.create_task("a", {.policy = SCHED_EXT});

	EXPECT_EQ(forked.policy, u32{SCHED_NORMAL});
	EXPECT_EQ(forked.sched_class, &fair_sched_class);
	EXPECT_EQ(scx_entry_nr_rejected(), 2);
	EXPECT_EQ(scx_entry_check_setscheduler(&forked, SCHED_EXT), cxxrt::kEacces.negative());
	EXPECT_STREQ(scx_entry_state_name(), "enabled") << "2023 did not make it an error";
	machine.wake(forked);
	machine.settle();
	EXPECT_EQ(running(0), "a");
	machine.sleep(forked);
}

// ---- The life of the scheduler ----

TEST_F(ApiV4, OneAtATimeOfEitherApi)
{
	old.init = [] {
		scx_entry_kf_switch_all();
		return 0;
	};
	load_v4(table());

	sched_ext_ops_v4 second{};
	sched_ext_ops today{};

	EXPECT_EQ(scx_entry_register_v4(&second, &second), cxxrt::kEbusy.negative());
	EXPECT_EQ(scx_entry_register(&today, &today), cxxrt::kEbusy.negative());
	machine.wake(machine.create_task("a"));
	EXPECT_EQ(old.asked.size(), 1u) << "the first one's callbacks are still there";
}

TEST_F(ApiV4, TodaysApiIsBackAfterwards)
{
	load_v4(table());
	unload();
	EXPECT_TRUE(old.exited);
	load({});
	EXPECT_TRUE(machine.kernel_switched_all);
	EXPECT_EQ(scx_entry_kf_dsq_nr_queued(SCX_DSQ_GLOBAL), cxxrt::kEnoent.negative());
}

TEST_F(ApiV4, TheStateOfALoadHasItsOldNames)
{
	static std::string seen;

	old.prep_enable = [](task_struct*, scx_enable_args*) {
		seen += summary_line("enable_state") + " ";
		return 0;
	};
	sched_ext_ops_v4 scheduler = tracing();

	scheduler.enable = [](task_struct*, scx_enable_args*) {
		seen += summary_line("enable_state") + " ";
	};
	machine.create_task("a");
	seen.clear();
	load_v4(scheduler);
	EXPECT_EQ(seen, "prepping enabling ");
	EXPECT_EQ(summary_line("enable_state"), "enabled");
}

TEST_F(ApiV4, TheEndByUserSpaceHasItsOldTypeAndReason)
{
	load_v4(table());
	unload();
	ASSERT_TRUE(old.exited);
	EXPECT_EQ(old.exited->type, SCX_V4_EXIT_UNREG);
	EXPECT_STREQ(old.exited->reason, "BPF scheduler unregistered");
	EXPECT_STREQ(old.exited->msg, "");
	EXPECT_EQ(old.exited->bt_len, 0u);
}

TEST_F(ApiV4, TheEndBySysrqHasItsOldType)
{
	load_v4(table());
	scx_entry_sysrq_reset();
	machine.settle();
	ASSERT_TRUE(old.exited);
	EXPECT_EQ(old.exited->type, SCX_V4_EXIT_SYSRQ);
	EXPECT_STREQ(old.exited->reason, "disabled by sysrq-S");
}

TEST_F(ApiV4, AnErrorIsReportedInFull)
{
	load_v4(table());
	scx::error("something %d", 5);
	machine.settle();
	ASSERT_TRUE(old.exited);
	EXPECT_EQ(old.exited->type, SCX_V4_EXIT_ERROR);
	EXPECT_STREQ(old.exited->reason, "runtime error");
	EXPECT_STREQ(old.exited->msg, "something 5");
	EXPECT_GT(old.exited->bt_len, 0u);
	EXPECT_LE(old.exited->bt_len, u32{SCX_V4_EXIT_BT_LEN});
	EXPECT_NE(old.exited->bt[0], 0u);
}

TEST_F(ApiV4, EveryKindOfEndHasAType)
{
	struct {
		scx_exit_kind kind;
		scx_exit_type_v4 type;
	} const ends[] = {{SCX_EXIT_ERROR_BPF, SCX_V4_EXIT_ERROR_BPF},
			  {SCX_EXIT_ERROR_STALL, SCX_V4_EXIT_ERROR_STALL},
			  {SCX_EXIT_UNREG_BPF, SCX_V4_EXIT_UNREG},
			  {SCX_EXIT_UNREG_KERN, SCX_V4_EXIT_UNREG}};

	for (auto const& end : ends) {
		load_v4(table());
		scx::exit_of_kind(end.kind, 0, "over");
		machine.settle();
		ASSERT_TRUE(old.exited);
		EXPECT_EQ(old.exited->type, end.type);
		old.exited.reset();
	}
}

TEST_F(ApiV4, CpusMayComeAndGo)
{
	load_v4(table());
	machine.take_offline(1);
	machine.bring_online(1);
	machine.settle();
	EXPECT_STREQ(scx_entry_state_name(), "enabled");
	unload();

	sched_ext_ops_v4 scheduler = table();

	scheduler.cpu_online = [](s32 cpu) { old.trace += "+" + std::to_string(cpu); };
	scheduler.cpu_offline = [](s32 cpu) { old.trace += "-" + std::to_string(cpu); };
	load_v4(scheduler);
	machine.take_offline(1);
	machine.bring_online(1);
	EXPECT_EQ(taken_trace(), "-1+1");
}

TEST_F(ApiV4, LastNeedsEnqueue)
{
	sched_ext_ops_v4 scheduler = table();

	scheduler.enqueue = nullptr;
	scheduler.flags = SCX_OPS_ENQ_LAST;
	EXPECT_EQ(scx_entry_register_v4(&scheduler, loaded_by), 0);
	ASSERT_TRUE(old.exited);
	EXPECT_STREQ(old.exited->msg, "SCX_OPS_ENQ_LAST requires ops.enqueue() to be implemented");
}

TEST_F(ApiV4, CoreSchedulingAsksTheRightWayRound)
{
	sched_ext_ops_v4 scheduler = table();
	task_struct& a = machine.create_task("a");
	task_struct& b = machine.create_task("b");

	scheduler.core_sched_before = [](task_struct* first, task_struct* second) {
		return std::strcmp(first->comm, second->comm) < 0;
	};
	load_v4(scheduler);
	// Whether the first has the lower priority.
	EXPECT_FALSE(scx_entry_prio_less(&a, &b, false));
	EXPECT_TRUE(scx_entry_prio_less(&b, &a, false));
}

// ---- The table ----

int take(sched_ext_ops_v4 const& from, size_t offset)
{
	sched_ext_ops_v4 to{};

	return scx_entry_take_member_v4(static_cast<u32>(offset), &from, &to);
}

TEST_F(ApiV4, TheTableIsChecked)
{
	sched_ext_ops_v4 from = table();
	auto const flags = offsetof(sched_ext_ops_v4, flags);
	auto const timeout = offsetof(sched_ext_ops_v4, timeout_ms);

	EXPECT_EQ(take(from, offsetof(sched_ext_ops_v4, enqueue)), 0);
	from.flags = SCX_OPS_KEEP_BUILTIN_IDLE | SCX_OPS_ENQ_LAST | SCX_OPS_ENQ_EXITING | 1 << 16;
	EXPECT_EQ(take(from, flags), 1);
	from.flags = SCX_OPS_SWITCH_PARTIAL;
	EXPECT_EQ(take(from, flags), cxxrt::kEinval.negative());
	from.timeout_ms = 30000;
	EXPECT_EQ(take(from, timeout), 1) << "in ms, whatever HZ is";
	from.timeout_ms = 30001;
	EXPECT_EQ(take(from, timeout), cxxrt::kE2big.negative());
	from.dispatch_max_batch = 0x80000000;
	EXPECT_EQ(take(from, offsetof(sched_ext_ops_v4, dispatch_max_batch)),
		  cxxrt::kE2big.negative());
	EXPECT_EQ(take(from, offsetof(sched_ext_ops_v4, name)), 1);
	from.name[0] = '\0';
	EXPECT_EQ(take(from, offsetof(sched_ext_ops_v4, name)), cxxrt::kEinval.negative());
}

TEST_F(ApiV4, WhichCallbacksMaySleep)
{
	EXPECT_TRUE(scx_entry_op_may_sleep_v4(offsetof(sched_ext_ops_v4, prep_enable)));
	EXPECT_TRUE(scx_entry_op_may_sleep_v4(offsetof(sched_ext_ops_v4, init)));
	EXPECT_FALSE(scx_entry_op_may_sleep_v4(offsetof(sched_ext_ops_v4, enable)));
	EXPECT_FALSE(scx_entry_op_may_sleep_v4(offsetof(sched_ext_ops_v4, cpu_online)));
}

TEST_F(ApiV4, KnobWeightSilencesTheNote)
{
	sched_ext_ops_v4 scheduler = table();

	machine.create_group("g", machine.groups.front());
	scheduler.flags = SCX_OPS_HAS_CGROUP_WEIGHT;
	load_v4(scheduler);
	EXPECT_FALSE(machine.printed_line("cpu.weight"));
	unload();
	scheduler.flags = 0;
	load_v4(scheduler);
	EXPECT_TRUE(machine.printed_line("\"host_v4\" does not implement cgroup cpu.weight"));
}

} // namespace
} // namespace host
