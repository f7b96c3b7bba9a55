// SPDX-License-Identifier: GPL-2.0
// What comes in from user space and what is shown there: the table's members, sysfs, SysRq, and the
// line about a task in the kernel's own dumps.
#include "core/ops_table.hpp"
#include "core/watchdog.hpp"
#include "tests/lifecycle.hpp"

#include <cstring>

namespace host {
namespace {

class Table : public testing::Test {
protected:
	template <auto kMember>
	int take()
	{
		return scx_entry_take_member(static_cast<u32>(cxxrt::offset_of<kMember>()), &from,
					     &to);
	}

	int take_name(std::string const& name)
	{
		std::memset(from.name, 0, sizeof(from.name));
		std::memcpy(from.name, name.data(), std::min(name.size(), sizeof(from.name)));
		return take<&sched_ext_ops::name>();
	}

	sched_ext_ops from{}, to{};
};

TEST_F(Table, CallbacksAreNotItsConcern)
{
	EXPECT_EQ(take<&sched_ext_ops::select_cpu>(), 0);
	EXPECT_EQ(take<&sched_ext_ops::exit>(), 0);
}

TEST_F(Table, BatchesHaveAnEnd)
{
	from.dispatch_max_batch = 0x7fffffff;
	EXPECT_EQ(take<&sched_ext_ops::dispatch_max_batch>(), 1);
	EXPECT_EQ(to.dispatch_max_batch, 0x7fffffffU);
	from.dispatch_max_batch = 0x80000000U;
	EXPECT_EQ(take<&sched_ext_ops::dispatch_max_batch>(), cxxrt::kE2big.negative());
	EXPECT_EQ(to.dispatch_max_batch, 0x7fffffffU) << "untouched";
}

TEST_F(Table, OnlyKnownFlags)
{
	from.flags = SCX_OPS_ALL_FLAGS;
	EXPECT_EQ(take<&sched_ext_ops::flags>(), 1);
	EXPECT_EQ(to.flags, u64{SCX_OPS_ALL_FLAGS});
	for (int bit = 0; bit < 64; ++bit) {
		from.flags = 1ULL << bit;
		EXPECT_EQ(take<&sched_ext_ops::flags>(),
			  from.flags & SCX_OPS_ALL_FLAGS ? 1 : cxxrt::kEinval.negative())
			<< "bit " << bit;
	}
}

TEST_F(Table, TimeoutsOfHalfAMinuteAtMost)
{
	from.timeout_ms = 30000;
	EXPECT_EQ(take<&sched_ext_ops::timeout_ms>(), 1);
	EXPECT_EQ(to.timeout_ms, 30000U);
	from.timeout_ms = 30001;
	EXPECT_EQ(take<&sched_ext_ops::timeout_ms>(), cxxrt::kE2big.negative());
}

TEST_F(Table, DumpsHaveALengthAnyway)
{
	EXPECT_EQ(take<&sched_ext_ops::exit_dump_len>(), 1);
	EXPECT_EQ(to.exit_dump_len, u32{SCX_EXIT_DUMP_DFL_LEN});
	from.exit_dump_len = 17;
	EXPECT_EQ(take<&sched_ext_ops::exit_dump_len>(), 1);
	EXPECT_EQ(to.exit_dump_len, 17U);
	from.hotplug_seq = 5;
	EXPECT_EQ(take<&sched_ext_ops::hotplug_seq>(), 1);
	EXPECT_EQ(to.hotplug_seq, 5U);
}

TEST_F(Table, NamesAreThoseOfBpfObjects)
{
	for (char const* good : {"a", "Z_9.z", "simple"}) {
		EXPECT_EQ(take_name(good), 1) << good;
		EXPECT_STREQ(to.name, good);
	}
	for (char const* bad : {"", "a b", "a/b", "a-b", "\xc3\xa4", "a\n"})
		EXPECT_EQ(take_name(bad), cxxrt::kEinval.negative()) << bad;
	EXPECT_EQ(take_name(std::string(SCX_OPS_NAME_LEN - 1, 'x')), 1);
	EXPECT_EQ(take_name(std::string(SCX_OPS_NAME_LEN, 'x')), cxxrt::kEinval.negative());
}

template <auto... kMembers>
int how_many_sleep()
{
	return (scx_entry_op_may_sleep(static_cast<u32>(cxxrt::offset_of<kMembers>())) + ...);
}

TEST_F(Table, WhoMaySleep)
{
	using Ops = sched_ext_ops;

	EXPECT_EQ((how_many_sleep<&Ops::init_task, &Ops::cgroup_init, &Ops::cgroup_exit,
				  &Ops::cgroup_prep_move, &Ops::cpu_online, &Ops::cpu_offline,
				  &Ops::init, &Ops::exit>()),
		  8);
	EXPECT_EQ((how_many_sleep<&Ops::select_cpu, &Ops::enqueue, &Ops::dispatch, &Ops::exit_task,
				  &Ops::cgroup_move, &Ops::cgroup_cancel_move,
				  &Ops::cgroup_set_weight, &Ops::dump>()),
		  0);
}

// ---- What is shown ----

class Shown : public Lifecycle {
protected:
	[[nodiscard]] static std::string summary()
	{
		char text[512];

		scx_entry_summary(text, sizeof(text));
		return text;
	}

	[[nodiscard]] static bool has_line(std::string const& text, std::string const& name,
					   std::string const& value)
	{
		return text.find(name + std::string(30 - name.size(), ' ') + ": " + value + '\n') !=
		       text.npos;
	}
};

TEST_F(Shown, TheStateOfALoadedScheduler)
{
	long const before = scx_entry_enable_seq();
	std::string while_loading;
	Scheduler scheduler = tracing();

	EXPECT_STREQ(scx_entry_state_name(), "disabled");
	EXPECT_TRUE(has_line(summary(), "enabled", "0"));
	scheduler.init = [&] {
		while_loading = scx_entry_state_name();
		return 0;
	};
	load(scheduler);
	EXPECT_EQ(while_loading, "enabling");
	EXPECT_STREQ(scx_entry_state_name(), "enabled");
	EXPECT_STREQ(scx_entry_ops_name(), "host_test");
	EXPECT_TRUE(scx_entry_switching_all());
	EXPECT_EQ(scx_entry_nr_rejected(), 0);
	EXPECT_EQ(scx_entry_enable_seq(), before + 1);
	EXPECT_TRUE(has_line(summary(), "ops", "host_test"));
	EXPECT_TRUE(has_line(summary(), "enabled", "1"));
	EXPECT_TRUE(has_line(summary(), "switching_all", "1"));
	EXPECT_TRUE(has_line(summary(), "switched_all", "1"));
	EXPECT_TRUE(has_line(summary(), "enable_state", "enabled"));
}

TEST_F(Shown, WhileItEnds)
{
	std::string ending;
	Scheduler scheduler = tracing();

	// Of a task, so in the middle of it.
	machine.create_task("a");
	scheduler.exit_task = [&](task_struct*, scx_exit_task_args*) {
		ending = scx_entry_state_name();
	};
	load(scheduler);
	unload();
	EXPECT_EQ(ending, "disabling");
	EXPECT_STREQ(scx_entry_state_name(), "disabled");
}

TEST_F(Shown, ATaskInTheKernelsOwnDump)
{
	task_struct& a = machine.create_task("a");

	scx_entry_print_info("", &a);
	EXPECT_TRUE(machine.printed.empty()) << "nothing to say without a scheduler";

	load(tracing());
	machine.wake(a);
	machine.advance(70'000'000);
	scx_entry_print_info("", &a);
	EXPECT_EQ(machine.printed.back(),
		  "Sched_ext: host_test (enabled+all), task: runnable_at=-70ms");

	a.scx.runnable_at = jiffies + 5;
	scx_entry_print_info("", &a);
	EXPECT_EQ(machine.printed.back(),
		  "Sched_ext: host_test (enabled+all), task: runnable_at=+5ms");

	task_struct& other = machine.create_task("other", {.realtime = true});

	scx_entry_print_info("", &other);
	EXPECT_EQ(machine.printed.back(), "Sched_ext: host_test (enabled+all)");
}

TEST_F(Shown, PartialSchedulersSaySo)
{
	Scheduler scheduler = tracing();

	scheduler.flags = SCX_OPS_SWITCH_PARTIAL;
	load(scheduler);
	EXPECT_TRUE(machine.printed_line("enabled (partial)"));
	EXPECT_FALSE(scx_entry_switching_all());
	EXPECT_TRUE(has_line(summary(), "switched_all", "0"));
}

TEST_F(Shown, ADumpOnRequest)
{
	Scheduler scheduler = tracing();
	int asked = 0;

	scx_entry_sysrq_dump();
	EXPECT_FALSE(machine.disable_work_pending) << "nobody to ask";

	scheduler.dump = [&](scx_dump_ctx* context) {
		char first[] = "built in ", second[] = "two calls\nand a second line\n";

		++asked;
		EXPECT_EQ(context->kind, SCX_EXIT_NONE);
		EXPECT_STREQ(context->reason, "SysRq-D");
		scx_entry_kf_dump(first, nullptr, 0);
		scx_entry_kf_dump(second, nullptr, 0);
	};
	scheduler.dump_cpu = [&](scx_dump_ctx*, s32 cpu, bool) {
		char format[] = "cpu %llu";
		unsigned long long number = static_cast<u64>(cpu);

		scx_entry_kf_dump(format, &number, sizeof(number));
	};
	scheduler.dump_task = [&](scx_dump_ctx*, task_struct*) {
		char format[] = "three";
		unsigned long long numbers[3] = {};

		scx_entry_kf_dump(format, numbers, sizeof(numbers));
	};
	machine.dump_traced = true;
	load(scheduler);
	machine.wake(machine.create_task("a"));
	machine.settle();
	scx_entry_sysrq_dump();
	machine.settle();
	EXPECT_EQ(asked, 1);
	EXPECT_STREQ(scx_entry_state_name(), "enabled");

	auto const has = [&](char const* line) {
		return std::count(machine.dump_lines.begin(), machine.dump_lines.end(), line);
	};

	EXPECT_EQ(has("Debug dump triggered by SysRq-D"), 1);
	EXPECT_EQ(has("built in two calls"), 1);
	EXPECT_EQ(has("and a second line"), 1);
	EXPECT_EQ(has("  cpu 3"), 1) << "an idle CPU that the scheduler has something to say about";
	EXPECT_EQ(has("    [!] scx_bpf_dump() cannot be formatted: too many arguments (-7)"), 1);

	machine.dump_lines.clear();
	machine.fail_allocation_in = 0;
	scx_entry_sysrq_dump();
	machine.settle();
	EXPECT_TRUE(machine.dump_lines.empty());
	EXPECT_TRUE(machine.printed_line("no memory for the dump that SysRq-D asked for"));
	unload();
}

TEST_F(Shown, DumpingFromElsewhereIsAnError)
{
	char format[] = "text";

	load(tracing());
	scx_entry_kf_dump(format, nullptr, 0);
	EXPECT_NE(take_error().find("scx_bpf_dump() called from outside"), std::string::npos);
}

TEST_F(Shown, ANearLockupIsAnError)
{
	load(tracing());
	Machine::act_on(2);
	scx_entry_lockup("soft lockup", 22);
	Machine::act_on(0);
	EXPECT_EQ(take_error(), "soft lockup is near: CPU 2 has seen no progress for 22 s");
}

// ---- kfuncs that ask ----

class Asked : public Lifecycle {
protected:
	[[nodiscard]] bool error_about(char const* part)
	{
		return take_error().find(part) != std::string::npos;
	}
};

TEST_F(Asked, CpusThatDoNotExist)
{
	bool idle = true;
	cpumask const all = mask_of({0, 1, 2, 3});
	task_struct& a = machine.create_task("a");

	load(tracing());
	EXPECT_EQ(scx_entry_kf_cpuperf_cap(4), u32{SCX_CPUPERF_ONE});
	EXPECT_TRUE(error_about("given to scx_bpf_cpuperf_cap()"));
	EXPECT_EQ(scx_entry_kf_cpuperf_cur(-1), u32{SCX_CPUPERF_ONE});
	EXPECT_TRUE(error_about("given to scx_bpf_cpuperf_cur()"));
	scx_entry_kf_cpuperf_set(9, 5);
	EXPECT_TRUE(error_about("given to scx_bpf_cpuperf_set()"));
	EXPECT_EQ(scx_entry_kf_cpu_rq(4), nullptr);
	EXPECT_TRUE(error_about("given to scx_bpf_cpu_rq()"));
	EXPECT_EQ(scx_entry_kf_cpu_curr(4), nullptr);
	EXPECT_TRUE(error_about("given to scx_bpf_cpu_curr()"));
	EXPECT_FALSE(scx_entry_kf_test_and_clear_cpu_idle(4));
	EXPECT_TRUE(error_about("given to scx_bpf_test_and_clear_cpu_idle()"));
	EXPECT_EQ(scx_entry_kf_select_cpu_dfl(&a, 4, 0, &idle), 4);
	EXPECT_FALSE(idle);
	EXPECT_TRUE(error_about("given to scx_bpf_select_cpu_dfl()"));
	EXPECT_EQ(scx_entry_kf_select_cpu_and(&a, 4, 0, &all, 0), cxxrt::kEinval.negative());
	EXPECT_TRUE(error_about("given to scx_bpf_select_cpu_and()"));
}

TEST_F(Asked, Performance)
{
	load(tracing());
	EXPECT_EQ(scx_entry_kf_cpuperf_cap(2), 1024U);
	EXPECT_EQ(scx_entry_kf_cpuperf_cur(2), 512U);
	scx_entry_kf_cpuperf_set(2, 300);
	EXPECT_EQ(machine.rq(2).scx.cpuperf_target, 300U);
	scx_entry_kf_cpuperf_set(2, 1025);
	EXPECT_EQ(machine.rq(2).scx.cpuperf_target, 300U);
	EXPECT_TRUE(error_about("the target is 0 to 1024"));
}

TEST_F(Asked, TasksAndRunqueues)
{
	load(tracing());
	task_struct& a = machine.create_task("a", {.cpu = 1});

	EXPECT_FALSE(scx_entry_kf_task_running(&a));
	machine.wake(a, 1);
	machine.settle();
	s32 const cpu = scx_entry_kf_task_cpu(&a);

	EXPECT_TRUE(scx_entry_kf_task_running(&a));
	EXPECT_EQ(scx_entry_kf_cpu_rq(cpu), &machine.rq(cpu));
	EXPECT_EQ(scx_entry_kf_cpu_curr(cpu), &a);
	EXPECT_EQ(scx_entry_kf_now(), machine.now());
	EXPECT_TRUE(scx_entry_kf_task_set_slice(&a, 9));
	EXPECT_TRUE(scx_entry_kf_task_set_dsq_vtime(&a, 8));
	EXPECT_EQ(a.scx.slice, 9U);
	EXPECT_EQ(a.scx.dsq_vtime, 8U);
	unload();
	EXPECT_FALSE(scx_entry_kf_task_set_slice(&a, 1));
	EXPECT_FALSE(scx_entry_kf_task_set_dsq_vtime(&a, 1));
	EXPECT_EQ(a.scx.slice, 9U);
}

TEST_F(Asked, IdleCpus)
{
	load(tracing());
	EXPECT_TRUE(scx_entry_kf_test_and_clear_cpu_idle(1));
	EXPECT_FALSE(scx_entry_kf_test_and_clear_cpu_idle(1));

	cpumask const some = mask_of({1, 2}), busy = mask_of({1}), none = mask_of({});

	EXPECT_EQ(scx_entry_kf_pick_idle_cpu(&some, 0), 2);
	EXPECT_EQ(scx_entry_kf_pick_idle_cpu(&some, 0), cxxrt::kEbusy.negative());
	EXPECT_EQ(scx_entry_kf_pick_any_cpu(&busy, 0), 1) << "none idles, so any";
	EXPECT_EQ(scx_entry_kf_pick_any_cpu(&none, 0), cxxrt::kEbusy.negative());
}

TEST_F(Asked, WithoutIdleTracking)
{
	Scheduler scheduler = tracing();
	bool idle = true;
	cpumask const all = mask_of({0, 1, 2, 3});
	task_struct& a = machine.create_task("a");

	scheduler.update_idle = [](s32, bool) {};
	load(scheduler);
	EXPECT_EQ(scx_entry_kf_idle_cpumask(), nullptr);
	EXPECT_TRUE(error_about("scx_bpf_get_idle_cpumask(): built-in idle tracking is off"));
	EXPECT_EQ(scx_entry_kf_idle_smtmask(), nullptr);
	EXPECT_TRUE(error_about("scx_bpf_get_idle_smtmask(): built-in idle tracking is off"));
	EXPECT_FALSE(scx_entry_kf_test_and_clear_cpu_idle(1));
	EXPECT_TRUE(error_about("built-in idle tracking is off"));
	EXPECT_EQ(scx_entry_kf_pick_idle_cpu(&all, 0), cxxrt::kEbusy.negative());
	EXPECT_TRUE(error_about("built-in idle tracking is off"));
	EXPECT_EQ(scx_entry_kf_select_cpu_and(&a, 0, 0, &all, 0), cxxrt::kEbusy.negative());
	EXPECT_TRUE(error_about("built-in idle tracking is off"));
	EXPECT_EQ(scx_entry_kf_select_cpu_dfl(&a, 0, 0, &idle), 0);
	EXPECT_TRUE(error_about("built-in idle tracking is off"));
	EXPECT_EQ(scx_entry_kf_pick_any_cpu(&all, 0), 0) << "any, without an error";
}

} // namespace
} // namespace host
