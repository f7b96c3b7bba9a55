// SPDX-License-Identifier: GPL-2.0
// Which CPU a waking or new task goes to.
#include "core/direct_dispatch.hpp"
#include "core/events.hpp"
#include "core/exit_control.hpp"
#include "core/idle_cpus.hpp"
#include "core/ops_table.hpp"
#include "core/task_state.hpp"

namespace scx {

namespace {

template <typename Op>
s32 ask_scheduler_for_cpu(Op* op, task_struct& p, s32 prev_cpu, u64 wake_flags)
{
	DirectDispatchScope direct{p};
	s32 const cpu =
		call_for_task(SCX_KF_ENQUEUE | SCX_KF_SELECT_CPU, op, p, prev_cpu, wake_flags);

	// Those that a task may use exist.
	if (likely(static_cast<u32>(cpu) < nr_cpus() && mask_test(*p.cpus_ptr, cpu) &&
		   cpu_active(cpu)))
		return cpu;
	if (!check_cpu(cpu, "returned by ops.select_cpu()"))
		return prev_cpu;
	count_event<&scx_event_stats::SCX_EV_SELECT_CPU_FALLBACK>();
	return cpu;
}

} // namespace

} // namespace scx

// pi_lock of `p` held, interrupts off, no runqueue locked.
int scx_entry_select_task_rq(task_struct* p, int prev_cpu, int wake_flags)
{
	using namespace scx;

	// An exec is a good moment to change CPUs for classes that bind tasks to one. Here the
	// scheduler places the task at each dispatch, and moving it now would only cost.
	if (unlikely(static_cast<u32>(wake_flags) & WF_EXEC))
		return prev_cpu;

	u64 const flags = static_cast<u32>(wake_flags);

	if (auto* op = ops.get<&sched_ext_ops::select_cpu>(); op && !rq_bypassing(task_rq(*p)))
		return ask_scheduler_for_cpu(op, *p, prev_cpu, flags);

	IdleCpus::Choice const choice = idle_cpus.select(*p, prev_cpu, flags);

	if (choice.idle) {
		p->scx.slice = SCX_SLICE_DFL;
		p->scx.ddsp_dsq_id = SCX_DSQ_LOCAL;
	}
	return choice.cpu;
}

void scx_entry_set_cpus_allowed(task_struct* p, affinity_context* context)
{
	using namespace scx;

	set_cpus_allowed_common(p, context);

	// The mask that counts now, which may differ from the one asked for.
	if (auto* op = ops.get<&sched_ext_ops::set_cpumask>();
	    op && task_state(*p) != SCX_TASK_NONE)
		call_for_task(SCX_KF_REST, op, *p, p->cpus_ptr);
}
