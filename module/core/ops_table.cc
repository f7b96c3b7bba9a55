// SPDX-License-Identifier: GPL-2.0
#include "core/ops_table.hpp"

#include "core/exit_control.hpp"

namespace scx {

constinit OpsTable ops;

namespace {

// Publishes one callback; the readers are OpsTable::get().
template <auto... kOps>
void publish(sched_ext_ops& to, sched_ext_ops const& from)
{
	(write_once(to.*kOps, from.*kOps), ...);
}

template <auto... kOps>
void withdraw(sched_ext_ops& from)
{
	(write_once(from.*kOps, nullptr), ...);
}

} // namespace

// init and exit are called from loaded(), once each, and never armed.
#define SCX_HOTPLUG_OPS &sched_ext_ops::cpu_online, &sched_ext_ops::cpu_offline
#define SCX_NORMAL_OPS                                                                             \
	&sched_ext_ops::select_cpu, &sched_ext_ops::enqueue, &sched_ext_ops::dequeue,              \
		&sched_ext_ops::dispatch, &sched_ext_ops::tick, &sched_ext_ops::runnable,          \
		&sched_ext_ops::running, &sched_ext_ops::stopping, &sched_ext_ops::quiescent,      \
		&sched_ext_ops::yield, &sched_ext_ops::core_sched_before,                          \
		&sched_ext_ops::set_weight, &sched_ext_ops::set_cpumask,                           \
		&sched_ext_ops::update_idle, &sched_ext_ops::cpu_acquire,                          \
		&sched_ext_ops::cpu_release, &sched_ext_ops::init_task, &sched_ext_ops::exit_task, \
		&sched_ext_ops::enable, &sched_ext_ops::disable, &sched_ext_ops::dump,             \
		&sched_ext_ops::dump_cpu, &sched_ext_ops::dump_task, &sched_ext_ops::cgroup_init,  \
		&sched_ext_ops::cgroup_exit, &sched_ext_ops::cgroup_prep_move,                     \
		&sched_ext_ops::cgroup_move, &sched_ext_ops::cgroup_cancel_move,                   \
		&sched_ext_ops::cgroup_set_weight

void OpsTable::arm_hotplug() noexcept
{
	publish<SCX_HOTPLUG_OPS>(armed_, loaded_);
}

void OpsTable::arm() noexcept
{
	write_once(flags_, loaded_.flags);
	publish<SCX_NORMAL_OPS>(armed_, loaded_);
}

void OpsTable::disarm() noexcept
{
	withdraw<SCX_HOTPLUG_OPS, SCX_NORMAL_OPS>(armed_);
	write_once(flags_, 0);
}

bool kfunc_allowed(u32 mask, char const* kfunc)
{
	u32 const allowed = current_task()->scx.kf_mask;

	if (unlikely(!(allowed & mask))) {
		error("%s() called from a context that does not allow it (kfunc mask 0x%x, context "
		      "0x%x)",
		      kfunc, mask, allowed);
		return false;
	}

	// A kfunc of an outer callback must not be called from one that nests inside it.
	bool const outer = mask == SCX_KF_CPU_RELEASE || mask == SCX_KF_DISPATCH;

	if (unlikely(outer && (allowed & contexts_inside(mask)))) {
		error("%s() called from a callback nested inside the one that allows it (context "
		      "0x%x)",
		      kfunc, allowed);
		return false;
	}
	return true;
}

bool kfunc_allowed_on(u32 mask, task_struct const& p, char const* kfunc)
{
	if (!kfunc_allowed(mask, kfunc))
		return false;

	sched_ext_entity const& entity = current_task()->scx;

	if (unlikely(&p != entity.kf_tasks[0] && &p != entity.kf_tasks[1])) {
		error("%s() called on %s[%d], which is not a task of the running callback", kfunc,
		      p.comm, p.pid);
		return false;
	}
	return true;
}

} // namespace scx
