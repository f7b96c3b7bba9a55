// SPDX-License-Identifier: GPL-2.0
#include "core/cgroups.hpp"

#include "core/all_tasks.hpp"
#include "core/exit_control.hpp"
#include "core/ops_table.hpp"
#include "core/scheduler_state.hpp"
#include "core/task_state.hpp"

namespace scx::cgroups {

namespace {

// Groups are told to the scheduler. Changes under scx_cgroup_rwsem held for writing.
bool tracking;
bool weight_noted;
bool idle_noted;

// A person sets weights and nothing happens: once per scheduler, say why.
void note_missing_weight(task_group& group)
{
	if (weight_noted || scheduler.state() == SCX_OPS_DISABLED ||
	    (ops.loaded().flags & SCX_OPS_HAS_CGROUP_WEIGHT) || !kshim_group_has_parent(&group))
		return;
	kshim_print(KSHIM_WARNING, "\"%s\" does not implement cgroup cpu.weight",
		    ops.loaded().name);
	weight_noted = true;
}

void note_missing_idle(task_group& group)
{
	if (idle_noted || !tracking || !group.idle)
		return;
	kshim_print(KSHIM_WARNING, "\"%s\" does not implement cgroup cpu.idle", ops.loaded().name);
	idle_noted = true;
}

// 0, or the error number of ops.cgroup_init().
int init_group(task_group* group)
{
	if (auto* op = ops.get<&sched_ext_ops::cgroup_init>()) {
		scx_cgroup_init_args args{group->scx_weight};

		if (s32 const failed = call(SCX_KF_UNLOCKED, op, kshim_group_cgroup(group), &args))
			return checked_errno("cgroup_init", failed).negative();
	}
	group->scx_flags |= SCX_TG_INITED;
	return 0;
}

int init_online_group(task_group* group)
{
	note_missing_weight(*group);
	note_missing_idle(*group);
	if ((group->scx_flags & (SCX_TG_ONLINE | SCX_TG_INITED)) != SCX_TG_ONLINE)
		return 0;
	return init_group(group);
}

int exit_group(task_group* group)
{
	if (!(group->scx_flags & SCX_TG_INITED))
		return 0;
	group->scx_flags &= ~SCX_TG_INITED;
	if (auto* op = ops.get<&sched_ext_ops::cgroup_exit>())
		call(SCX_KF_UNLOCKED, op, kshim_group_cgroup(group));
	return 0;
}

// The kernel changes the flags with scx_cgroup_rwsem held for reading, one group at a time
// (cgroup_mutex): they stand still for who loads a scheduler, and for the group that goes offline.
// Any other answer, to scx_bpf_task_cgroup(), may be out of date as soon as it is given.
task_group& nearest_online(task_group& group)
{
	task_group* found = &group;

	while (!(found->scx_flags & SCX_TG_ONLINE) && found->parent)
		found = found->parent;
	return *found;
}

bool is_dead(task_struct const& p)
{
	// In this order: it is on a CPU when it dies, and leaves that afterwards. What else it did
	// is ordered by its runqueue's lock.
	return load_acquire(p.__state) == TASK_DEAD && !read_once(p.on_cpu);
}

// Tasks leave their group when they exit, and the kernel keeps them for longer than the group
// if somebody has a reference: their ops.exit_task() comes before the group's ops.cgroup_exit().
void exit_dead_tasks(task_group const& group)
{
	AllTasks tasks;

	while (task_struct* p = tasks.next()) {
		if (&nearest_online(*kshim_task_group(p)) != &group || !is_dead(*p))
			continue;

		TaskRqLock lock{*p};

		exit_task(*p);
	}
}

// A move within the same cgroup is none: neither prepared nor carried out.
int prepare_move(task_struct* p, cgroup* to)
{
	cgroup* const from = kshim_group_cgroup(kshim_task_group(p));

	CXXRT_ASSERT(!p->scx.cgrp_moving_from);
	if (from == to)
		return 0;
	if (auto* op = ops.get<&sched_ext_ops::cgroup_prep_move>())
		if (s32 const failed = call(SCX_KF_UNLOCKED, op, p, from, to))
			return checked_errno("cgroup_prep_move", failed).negative();
	p->scx.cgrp_moving_from = from;
	return 0;
}

int cancel_move(task_struct* p, cgroup* to)
{
	cgroup* const from = cxxrt::take(p->scx.cgrp_moving_from, nullptr);

	if (from)
		if (auto* op = ops.get<&sched_ext_ops::cgroup_cancel_move>())
			call(SCX_KF_UNLOCKED, op, p, from, to);
	return 0;
}

} // namespace

task_group* live_group_of(task_struct& p)
{
	return &nearest_online(*kshim_task_group(&p));
}

cgroup* live_cgroup_of(task_struct& p)
{
	return kshim_group_cgroup(live_group_of(p));
}

Result<void> init_all()
{
	weight_noted = false;
	idle_noted = false;

	auto const done = Result<void>::from_int(kshim_for_each_group(true, init_online_group));

	if (done.ok())
		tracking = true;
	return done;
}

void exit_all()
{
	tracking = false;
	kshim_for_each_group(false, exit_group);
}

} // namespace scx::cgroups

int scx_entry_tg_online(task_group* group)
{
	using namespace scx::cgroups;

	note_missing_weight(*group);
	return tracking ? init_group(group) : 0;
}

void scx_entry_tg_offline(task_group* group)
{
	using namespace scx;

	if (cgroups::tracking && ops.has<&sched_ext_ops::cgroup_exit>() &&
	    ops.has<&sched_ext_ops::exit_task>())
		cgroups::exit_dead_tasks(*group);
	cgroups::exit_group(group);
}

void scx_entry_group_set_weight(task_group* group, unsigned long weight)
{
	using namespace scx;

	if (!cgroups::tracking || group->scx_weight == weight)
		return;
	if (auto* op = ops.get<&sched_ext_ops::cgroup_set_weight>())
		call(SCX_KF_UNLOCKED, op, kshim_group_cgroup(group), static_cast<u32>(weight));
}

void scx_entry_group_set_idle(task_group* group, bool)
{
	scx::cgroups::note_missing_idle(*group);
}

int scx_entry_cgroup_can_attach(cgroup_taskset* set)
{
	using namespace scx::cgroups;

	if (!tracking)
		return 0;

	int const failed = kshim_for_each_moving_task(set, prepare_move);

	if (failed)
		kshim_for_each_moving_task(set, cancel_move);
	return failed;
}

void scx_entry_cgroup_cancel_attach(cgroup_taskset* set)
{
	using namespace scx::cgroups;

	if (tracking)
		kshim_for_each_moving_task(set, cancel_move);
}

// The move itself. The runqueue is locked and the task is off it.
void scx_entry_cgroup_move_task(task_struct* p)
{
	using namespace scx;

	if (!cgroups::tracking)
		return;

	// Migration goes by subsystem state: a task may come here whose cgroup did not change.
	cgroup* const from = cxxrt::take(p->scx.cgrp_moving_from, nullptr);

	if (from)
		if (auto* op = ops.get<&sched_ext_ops::cgroup_move>())
			call_for_task(SCX_KF_REST, op, *p, from,
				      kshim_group_cgroup(kshim_task_group(p)));
}
