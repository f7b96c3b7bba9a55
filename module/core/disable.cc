// SPDX-License-Identifier: GPL-2.0
// Unloading a scheduler, whatever the reason. Runs on a FIFO kthread of its own.
//
// Order, and why: bypass, so that every task makes progress and sleeping locks can be had; no new
// tasks into the class; groups before tasks, or a move between groups would meet half a task;
// every task out of the class, dead and dying ones too; then no callback runs any more, ops.exit()
// comes last, and the memory goes after an RCU grace period.
#include "core/all_tasks.hpp"
#include "core/bypass.hpp"
#include "core/cgroups.hpp"
#include "core/dispatch.hpp"
#include "core/dump.hpp"
#include "core/exit_info.hpp"
#include "core/idle_cpus.hpp"
#include "core/ops_table.hpp"
#include "core/queues.hpp"
#include "core/scheduler_state.hpp"
#include "core/switch_class.hpp"
#include "core/watchdog.hpp"

namespace scx {

namespace {

void exit_groups()
{
	percpu_down_write(&scx_cgroup_rwsem);
	cgroups::exit_all();
	percpu_up_write(&scx_cgroup_rwsem);
}

void exit_tasks()
{
	percpu_down_write(&scx_fork_rwsem);
	scheduler.set_inits_tasks(false);
	AllTasks::for_each_locked([](task_struct& p) {
		switch_class(p, [] {});
		exit_task(p);
	});
	percpu_up_write(&scx_fork_rwsem);
	wait_until_no_task_is_known();
}

void report(scx_exit_info const& info)
{
	char const* name = ops.loaded().name;
	bool const ejected = info.kind >= SCX_EXIT_ERROR;

	kshim_print(ejected ? KSHIM_ERROR : KSHIM_INFO, "BPF scheduler \"%s\" disabled (%s)", name,
		    info.reason);
	if (!ejected)
		return;
	if (info.msg[0])
		kshim_print(KSHIM_ERROR, "%s: %s", name, info.msg);
	kshim_print_stack(info.bt, info.bt_len);
}

// Everything but the state, which says DISABLED only when the next scheduler may come.
void unload(scx_exit_info& info)
{
	scheduler.set_switched_all(false);
	scheduler.set_switching_all(false);

	exit_groups();
	exit_tasks();

	scheduler.set_enabled(false);
	auto* const exit = ops.loaded().exit;

	ops.disarm();
	idle_cpus.disable();
	synchronize_rcu();

	report(info);
	if (exit)
		call(SCX_KF_UNLOCKED, exit, &info);

	watchdog.stop();
	kshim_root_remove();
	user_queues::destroy_all();
	dispatch_buffers.destroy();
	ops.clear();
	exit_control.destroy();
}

void disable(scx_exit_info& info)
{
	if (info.kind >= SCX_EXIT_ERROR)
		dump_state(info, exit_control.dump_size(), exit_control.culprit());

	bypass::enter();
	scheduler.set(SCX_OPS_DISABLING);

	// A loading in progress notices the state and gives up.
	kshim_enable_lock();
	unload(info);
	scheduler.set(SCX_OPS_DISABLED);
	kshim_enable_unlock();
	bypass::leave();
}

} // namespace

} // namespace scx

void scx_entry_disable_work(void)
{
	using namespace scx;

	dump_if_requested();
	if (scx_exit_info* info = exit_control.take())
		disable(*info);
}
