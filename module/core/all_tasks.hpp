// SPDX-License-Identifier: GPL-2.0
// Visiting every task there is, exiting ones included, swappers excluded.
//
// The kernel keeps the list from fork to free. A visitor leaves a cursor in it, so the list's lock
// is dropped every SCX_OPS_TASK_ITER_BATCH tasks, or interrupts would be off for as long as the
// list is. Tasks that were there at the start and still exist are all visited; scx_fork_rwsem, held
// for writing by those who visit, keeps new ones out.
#pragma once

#include "core/task_state.hpp"

namespace scx {

class AllTasks {
public:
	// Takes the list's lock; interrupts are off.
	AllTasks() noexcept;
	AllTasks(AllTasks const&) = delete;
	AllTasks& operator=(AllTasks const&) = delete;
	~AllTasks();

	// The next one, or null. Drops and retakes the list's lock now and then.
	[[nodiscard]] task_struct* next();

	// Around something that sleeps: the caller has a reference to the task it works on.
	void unlock() { kshim_tasks_unlock_irq(); }
	void relock() { kshim_tasks_lock_irq(); }

	// Calls visit(task_struct&) for each with its runqueue locked.
	template <typename Visit>
	static void for_each_locked(Visit&& visit)
	{
		AllTasks tasks;

		while (task_struct* p = tasks.next()) {
			TaskRqLock lock{*p};

			visit(*p);
		}
	}

private:
	sched_ext_entity cursor_{};
	u32 visited_ = 0;
};

} // namespace scx
