// SPDX-License-Identifier: GPL-2.0
#include "tests/scheduler.hpp"

#include "core/dispatch_queue.hpp"
#include "core/queues.hpp"

#include <cstring>

namespace host {

namespace {

// A table holds plain functions, so there is one scheduler for them to find.
Scheduler active;

template <auto kCallback, typename Callback>
struct Trampoline;

// What BPF's trampolines do for as long as a program runs.
class MigrationDisabled {
public:
	MigrationDisabled() : task_{*scx::current_task()} { add(1); }
	~MigrationDisabled() { add(-1); }
	MigrationDisabled(MigrationDisabled const&) = delete;
	MigrationDisabled& operator=(MigrationDisabled const&) = delete;

private:
	void add(int count)
	{
		scx::write_once(task_.migration_disabled,
				static_cast<unsigned short>(task_.migration_disabled + count));
	}

	task_struct& task_;
};

template <auto kCallback, typename R, typename... P>
struct Trampoline<kCallback, std::function<R(P...)>> {
	static R call(P... arguments)
	{
		MigrationDisabled const disabled;

		return (active.*kCallback)(arguments...);
	}
};

template <auto kCallback, auto kOp>
void set(sched_ext_ops& table)
{
	using Callback = cxxrt::MemberType<kCallback>;

	table.*kOp = active.*kCallback ? &Trampoline<kCallback, Callback>::call : nullptr;
}

sched_ext_ops table_of_active()
{
	sched_ext_ops table{};

#define SET(name) set<&Scheduler::name, &sched_ext_ops::name>(table)
	SET(select_cpu);
	SET(enqueue);
	SET(dequeue);
	SET(dispatch);
	SET(tick);
	SET(runnable);
	SET(running);
	SET(stopping);
	SET(quiescent);
	SET(yield);
	SET(core_sched_before);
	SET(set_weight);
	SET(set_cpumask);
	SET(update_idle);
	SET(cpu_acquire);
	SET(cpu_release);
	SET(init_task);
	SET(exit_task);
	SET(enable);
	SET(disable);
	SET(dump);
	SET(dump_cpu);
	SET(dump_task);
	SET(cgroup_init);
	SET(cgroup_exit);
	SET(cgroup_prep_move);
	SET(cgroup_move);
	SET(cgroup_cancel_move);
	SET(cgroup_set_weight);
	SET(cpu_online);
	SET(cpu_offline);
	SET(init);
	SET(exit);
#undef SET
	table.dispatch_max_batch = active.dispatch_max_batch;
	table.flags = active.flags;
	table.timeout_ms = active.timeout_ms;
	table.exit_dump_len = active.exit_dump_len;
	table.hotplug_seq = active.hotplug_seq;
	std::strcpy(table.name, "host_test");
	return table;
}

} // namespace

ModuleTest::ModuleTest(Topology topology) : machine{topology}
{
	EXPECT_EQ(scx_entry_init(), 0);
}

ModuleTest::~ModuleTest()
{
	EXPECT_EQ(take_error(), "");
	unload();
	active = {};
	machine.end_grace_period();
	scx_entry_exit();
}

int ModuleTest::try_load(Scheduler scheduler)
{
	auto const own_exit = scheduler.exit;

	exited.reset();
	active = std::move(scheduler);
	active.exit = [this, own_exit](scx_exit_info* info) {
		exited = Exit{info->kind, info->exit_code, info->reason, info->msg, info->dump};
		if (own_exit)
			own_exit(info);
	};
	table_ = table_of_active();
	return scx_entry_register(&table_, loaded_by);
}

void ModuleTest::load(Scheduler scheduler)
{
	ASSERT_EQ(try_load(std::move(scheduler)), 0);
	ASSERT_STREQ(scx_entry_state_name(), "enabled")
		<< (exited ? exited->message : std::string{});
}

void ModuleTest::unload()
{
	if (std::strcmp(scx_entry_state_name(), "disabled") != 0)
		scx_entry_unregister(loaded_by);
}

std::string names_in(scx_dispatch_q& dsq)
{
	std::string names;

	for (task_struct* p = scx::dispatch_queue::next(dsq, nullptr); p;
	     p = scx::dispatch_queue::next(dsq, &p->scx.dsq_list.node))
		names += (names.empty() ? "" : " ") + std::string(p->comm);
	return names;
}

std::string names_in(u64 dsq_id)
{
	kshim_rcu_read_lock();
	scx_dispatch_q* const dsq = kshim_dsq_find(dsq_id);
	std::string const names = dsq ? names_in(*dsq) : "no such queue";

	kshim_rcu_read_unlock();
	return names;
}

std::string ModuleTest::global(s32 node_cpu)
{
	return names_in(scx::global_queues.of_cpu(node_cpu));
}

std::string ModuleTest::take_error()
{
	if (!scx::exit_control.pending())
		return {};

	scx_exit_info const* const info = scx::exit_control.take();
	std::string const message = info->msg;

	EXPECT_EQ(info->kind, SCX_EXIT_ERROR);
	machine.disable_work_pending = false;
	scx::exit_control.arm();
	return message;
}

} // namespace host
