// SPDX-License-Identifier: GPL-2.0
// A task's life under a scheduler:
//
//	none ──► init ──► ready ◄──► enabled
//	  ▲        │        │           │
//	  └────────┴────────┴───────────┘  exit
//
// init: ops.init_task() has succeeded, the fork or load may still fail. ready: the scheduler knows
// the task, which is in another class. enabled: in this class, between ops.enable() and
// ops.disable(). The state is in sched_ext_entity::flags and changes under the runqueue lock, but
// for the first two steps, when nobody else knows the task.
#pragma once

#include "core/locks.hpp"

namespace scx {

[[nodiscard]] inline u32 task_state(task_struct const& p)
{
	return (p.scx.flags & SCX_TASK_STATE_MASK) >> SCX_TASK_STATE_SHIFT;
}

// `state` is SCX_TASK_*; a step that the picture does not have warns and is done.
void set_task_state(task_struct& p, u32 state);

// none -> init. May sleep. The error of ops.init_task(), whose range is checked.
[[nodiscard]] Result<void> init_task(task_struct& p, task_group* group, bool fork);

// ready -> enabled, and back. The runqueue of `p` is locked.
void enable_task(task_struct& p);
void disable_task(task_struct& p);

// any -> none. The runqueue of `p` is locked.
void exit_task(task_struct& p);

// Until all are none: after a walk that has exited those on the list of all tasks, those are left
// that lost their last reference during it, left the list, and are on their way to
// scx_entry_task_free(). No task becomes init meanwhile. Sleeps.
void wait_until_no_task_is_known();

// A callback's result as an error number: one out of range ejects the scheduler and is EPROTO.
// `result` is not 0.
[[nodiscard]] Errno checked_errno(char const* op, s32 result);

// pi_lock and runqueue lock of a task for a scope, from any context.
class TaskRqLock {
public:
	explicit TaskRqLock(task_struct& p) noexcept : task_{p}, rq_{*task_rq_lock(&p, &flags_)} {}
	TaskRqLock(TaskRqLock const&) = delete;
	TaskRqLock& operator=(TaskRqLock const&) = delete;
	~TaskRqLock() { kshim_task_rq_unlock(&rq_, &task_, &flags_); }

private:
	rq_flags flags_;
	task_struct& task_;
	struct rq& rq_;
};

} // namespace scx
