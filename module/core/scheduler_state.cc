// SPDX-License-Identifier: GPL-2.0
#include "core/scheduler_state.hpp"

#include "core/locks.hpp"
#include "core/ops_table.hpp"

namespace scx {

constinit SchedulerState scheduler;

char const* SchedulerState::name() const noexcept
{
	switch (state()) {
	case SCX_OPS_ENABLING:
		return "enabling";
	case SCX_OPS_ENABLED:
		return "enabled";
	case SCX_OPS_DISABLING:
		return "disabling";
	case SCX_OPS_DISABLED:
		break;
	}
	return "disabled";
}

void SchedulerState::set_enabled(bool enabled) noexcept
{
	write_once(enabled_, enabled);
	kshim_set_enabled(enabled);
}

void SchedulerState::set_switched_all(bool all) noexcept
{
	write_once(switched_all_, all);
	kshim_set_switched_all(all);
}

namespace {

// How long ago, in ms; negative: a wait that goes on.
long wait_ms(unsigned long since)
{
	long const passed = static_cast<long>(jiffies - since);

	return passed < 0
		       ? static_cast<long>(jiffies_to_msecs(static_cast<unsigned long>(-passed)))
		       : -static_cast<long>(jiffies_to_msecs(static_cast<unsigned long>(passed)));
}

} // namespace

} // namespace scx

// Which class a task of the NORMAL, BATCH, IDLE or EXT policy belongs to.
bool scx_entry_should_scx(int policy)
{
	using namespace scx;

	if (unlikely(scheduler.state() == SCX_OPS_DISABLING))
		return false;
	return scheduler.switching_all() || policy == SCHED_EXT;
}

int scx_entry_check_setscheduler(task_struct* p, int policy)
{
	bool const entering = policy == SCHED_EXT && static_cast<int>(p->policy) != policy;

	return entering && scx::read_once(p->scx.disallow) ? cxxrt::kEacces.negative() : 0;
}

char const* scx_entry_state_name(void)
{
	return scx::scheduler.name();
}

bool scx_entry_switching_all(void)
{
	return scx::scheduler.switching_all();
}

long scx_entry_nr_rejected(void)
{
	return scx::scheduler.rejected();
}

long scx_entry_enable_seq(void)
{
	return scx::scheduler.enable_seq();
}

char const* scx_entry_ops_name(void)
{
	return scx::ops.loaded().name;
}

// The first documentation of sched_ext describes this file.
void scx_entry_summary(char* buffer, size_t size)
{
	using namespace scx;

	bool const preparing = scheduler.state() == SCX_OPS_ENABLING && !scheduler.enabled();

	scnprintf(buffer, size, "%-30s: %s\n%-30s: %d\n%-30s: %d\n%-30s: %d\n%-30s: %s\n", "ops",
		  ops.loaded().name, "enabled", scheduler.enabled(), "switching_all",
		  scheduler.switching_all(), "switched_all", scheduler.switched_all(),
		  "enable_state", preparing ? ops.dialect().preparing : scheduler.name());
}

// One line about a task in a kernel's own dump, which may come when little can be trusted: the
// task's memory is read with faults caught, and a mixture of old and new is fine.
void scx_entry_print_info(char const* level, task_struct* p)
{
	using namespace scx;

	if (scheduler.state() == SCX_OPS_DISABLED)
		return;

	char const* all = scheduler.switching_all() ? "+all" : "";
	sched_class const* task_class = nullptr;
	unsigned long since = 0;

	if (!kshim_copy_from_kernel(&task_class, &p->sched_class, sizeof(task_class)) ||
	    task_class != &ext_sched_class ||
	    !kshim_copy_from_kernel(&since, &p->scx.runnable_at, sizeof(since)))
		kshim_print_raw(level, "Sched_ext: %s (%s%s)", ops.loaded().name, scheduler.name(),
				all);
	else
		kshim_print_raw(level, "Sched_ext: %s (%s%s), task: runnable_at=%+ldms",
				ops.loaded().name, scheduler.name(), all, wait_ms(since));
}
