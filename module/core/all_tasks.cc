// SPDX-License-Identifier: GPL-2.0
#include "core/all_tasks.hpp"

namespace scx {

AllTasks::AllTasks() noexcept
{
	cursor_.flags = SCX_TASK_CURSOR;
	kshim_tasks_lock_irq();
	list::push_front(*kshim_tasks(), cursor_.tasks_node);
}

AllTasks::~AllTasks()
{
	list::remove_init(cursor_.tasks_node);
	kshim_tasks_unlock_irq();
}

task_struct* AllTasks::next()
{
	if (++visited_ % SCX_OPS_TASK_ITER_BATCH == 0) {
		unlock();
		kshim_cond_resched();
		relock();
	}

	list_head* const head = kshim_tasks();

	for (list_head* node = cursor_.tasks_node.next; node != head; node = node->next) {
		auto* entity = cxxrt::container_of<&sched_ext_entity::tasks_node>(node);

		if (entity->flags & SCX_TASK_CURSOR)
			continue;

		auto* p = cxxrt::container_of<&task_struct::scx>(entity);

		// Swappers, told by their class: PF_IDLE is set late on CPUs to come, and is also
		// set on tasks that only play idle. They share pid 0 and never change class.
		if (is_idle(*p))
			continue;
		list::move_after(*node, cursor_.tasks_node);
		return p;
	}
	return nullptr;
}

} // namespace scx
