// SPDX-License-Identifier: GPL-2.0
#include "core/task_state.hpp"

#include "core/direct_dispatch.hpp"
#include "core/exit_control.hpp"
#include "core/ops_table.hpp"
#include "core/scheduler_state.hpp"
#include "core/weight.hpp"

namespace scx {

namespace {

// Tasks that are not none. Atomic, no lock: tasks change their states under locks of their own.
long known_tasks = 0;

} // namespace

void set_task_state(task_struct& p, u32 state)
{
	u32 const before = task_state(p);

	CXXRT_ASSERT(state != SCX_TASK_INIT || before == SCX_TASK_NONE);
	CXXRT_ASSERT(state != SCX_TASK_READY || before != SCX_TASK_NONE);
	CXXRT_ASSERT(state != SCX_TASK_ENABLED || before == SCX_TASK_READY);
	p.scx.flags = (p.scx.flags & ~SCX_TASK_STATE_MASK) | state << SCX_TASK_STATE_SHIFT;

	// Last: an unload that waits for the end of this task goes on.
	if ((before == SCX_TASK_NONE) != (state == SCX_TASK_NONE))
		cxxrt::fetch_add(known_tasks, state == SCX_TASK_NONE ? -1 : 1);
}

Errno checked_errno(char const* op, s32 result)
{
	if (result < 0 && result >= -4095)
		return Errno::from_negative(result);

	// As a pointer or a system call's result it would be taken for success.
	error("ops.%s() returned %d, which is not 0 or an error number", op, result);
	return Errno{71}; // EPROTO
}

namespace {

// The task never enters the class: a policy that asks for it is refused, now and later.
void refuse(task_struct& p, bool fork)
{
	if (fork) {
		if (static_cast<s32>(p.policy) == SCHED_EXT)
			error("ops.init_task() set disallow for %s[%d] during its fork, when its "
			      "policy cannot be changed any more",
			      p.comm, p.pid);
		return;
	}

	TaskRqLock lock{p};

	if (static_cast<s32>(p.policy) == SCHED_EXT) {
		p.policy = SCHED_NORMAL;
		scheduler.count_rejected();
	}
}

} // namespace

Result<void> init_task(task_struct& p, task_group* group, bool fork)
{
	p.scx.disallow = false;

	if (auto* op = ops.get<&sched_ext_ops::init_task>()) {
		scx_init_task_args args{fork, kshim_group_cgroup(group)};

		if (s32 const failed = call(SCX_KF_UNLOCKED, op, &p, &args))
			return cxxrt::fail(checked_errno(ops.dialect().init_task, failed));
	}
	set_task_state(p, SCX_TASK_INIT);

	if (p.scx.disallow)
		refuse(p, fork);
	p.scx.flags |= SCX_TASK_RESET_RUNNABLE_AT;
	return cxxrt::ok();
}

void enable_task(task_struct& p)
{
	// ops.enable() may look at it.
	p.scx.weight = weight_of(p);

	if (auto* op = ops.get<&sched_ext_ops::enable>())
		call_for_task(SCX_KF_REST, op, p);
	set_task_state(p, SCX_TASK_ENABLED);
	if (auto* op = ops.get<&sched_ext_ops::set_weight>())
		call_for_task(SCX_KF_REST, op, p, p.scx.weight);
}

void disable_task(task_struct& p)
{
	CXXRT_ASSERT(task_state(p) == SCX_TASK_ENABLED);

	// A wakeup on its way may carry a verdict, which the next scheduler must not inherit.
	drop_direct_verdict(p);
	if (auto* op = ops.get<&sched_ext_ops::disable>())
		call_for_task(SCX_KF_REST, op, p);
	set_task_state(p, SCX_TASK_READY);
}

void exit_task(task_struct& p)
{
	u32 const state = task_state(p);

	if (state == SCX_TASK_NONE)
		return;
	if (state == SCX_TASK_ENABLED)
		disable_task(p);

	if (auto* op = ops.get<&sched_ext_ops::exit_task>()) {
		scx_exit_task_args args{state == SCX_TASK_INIT};

		call_for_task(SCX_KF_REST, op, p, &args);
	}
	set_task_state(p, SCX_TASK_NONE);
}

void wait_until_no_task_is_known()
{
	while (cxxrt::load_acquire(known_tasks) != 0)
		synchronize_rcu();
}

} // namespace scx

// ---- Fork: scx_fork_rwsem is read-held from before these until after them ----

int scx_entry_fork(task_struct* p)
{
	using namespace scx;

	return scheduler.inits_tasks() ? init_task(*p, kshim_task_group(p), true).to_int() : 0;
}

void scx_entry_post_fork(task_struct* p)
{
	using namespace scx;

	if (!scheduler.inits_tasks())
		return;
	set_task_state(*p, SCX_TASK_READY);

	auto* const admit = ops.dialect().admit;

	if (!admit && !is_ext(*p))
		return;

	TaskRqLock lock{*p};

	if (admit)
		admit(*p);
	if (is_ext(*p))
		enable_task(*p);
}

void scx_entry_cancel_fork(task_struct* p)
{
	using namespace scx;

	if (!scheduler.inits_tasks())
		return;

	TaskRqLock lock{*p};

	CXXRT_ASSERT(task_state(*p) < SCX_TASK_READY);
	exit_task(*p);
}

// The last reference is gone; nobody finds the task any more.
void scx_entry_task_free(task_struct* p)
{
	scx::TaskRqLock lock{*p};

	scx::exit_task(*p);
}

// ---- Class changes and weight; the runqueue is locked. A dead task may have been exited already,
// and its class and nice value may still be changed ----

void scx_entry_switching_to(struct rq*, task_struct* p)
{
	using namespace scx;

	if (unlikely(task_state(*p) == SCX_TASK_NONE))
		return;
	enable_task(*p);
	// Changes of affinity are not told about tasks of other classes.
	if (auto* op = ops.get<&sched_ext_ops::set_cpumask>())
		call_for_task(SCX_KF_REST, op, *p, p->cpus_ptr);
}

void scx_entry_switched_from(struct rq*, task_struct* p)
{
	if (scx::task_state(*p) != SCX_TASK_NONE)
		scx::disable_task(*p);
}

void scx_entry_reweight_task(struct rq*, task_struct* p, load_weight const* weight)
{
	using namespace scx;

	p->scx.weight = cgroup_weight_of(scaled_down(weight->weight));
	if (auto* op = ops.get<&sched_ext_ops::set_weight>(); op && task_state(*p) != SCX_TASK_NONE)
		call_for_task(SCX_KF_REST, op, *p, p->scx.weight);
}
