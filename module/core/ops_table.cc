// SPDX-License-Identifier: GPL-2.0
#include "core/ops_table.hpp"

#include "core/exit_control.hpp"

namespace scx {

constinit Dialect const kToday{};
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

namespace {

// In words, where a kfunc was called from; the innermost callback has the highest bit.
char const* place(u32 context)
{
	if (context & SCX_KF_REST)
		return "a callback that may not";
	if (context & SCX_KF_SELECT_CPU)
		return "ops.select_cpu()";
	if (context & SCX_KF_ENQUEUE)
		return "ops.enqueue()";
	if (context & SCX_KF_DISPATCH)
		return "ops.dispatch()";
	if (context & SCX_KF_CPU_RELEASE)
		return "ops.cpu_release()";
	return "where the scheduler holds no lock, as in ops.init()";
}

// And where it may be called from: the masks that kfuncs have.
char const* places(u32 mask)
{
	switch (mask) {
	case SCX_KF_SELECT_CPU:
		return "ops.select_cpu()";
	case SCX_KF_SELECT_CPU | SCX_KF_ENQUEUE:
		return "ops.select_cpu() and ops.enqueue(), or without a lock,";
	case SCX_KF_ENQUEUE | SCX_KF_DISPATCH:
		return "ops.select_cpu(), ops.enqueue() and ops.dispatch()";
	case SCX_KF_DISPATCH:
		return "ops.dispatch()";
	case SCX_KF_CPU_RELEASE:
		return "ops.cpu_release()";
	default:
		return "callbacks about a task whose runqueue is locked";
	}
}

} // namespace

bool kfunc_allowed(u32 mask, char const* kfunc)
{
	u32 const allowed = current_task()->scx.kf_mask;

	if (unlikely(!(allowed & mask))) {
		error("%s() called from %s (context 0x%x); only %s may call it", kfunc,
		      place(allowed), allowed, places(mask));
		return false;
	}

	// A kfunc of an outer callback must not be called from one that nests inside it.
	bool const outer = mask == SCX_KF_CPU_RELEASE || mask == SCX_KF_DISPATCH;

	if (unlikely(outer && (allowed & contexts_inside(mask)))) {
		error("%s() called from %s (context 0x%x), which runs inside %s; only the latter "
		      "may call it",
		      kfunc, place(allowed), allowed, places(mask));
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
		error("%s() called on %s[%d] from %s; only the task that the callback is about may "
		      "be given",
		      kfunc, p.comm, p.pid, place(entity.kf_mask));
		return false;
	}
	return true;
}

} // namespace scx
