// SPDX-License-Identifier: GPL-2.0
// CPUs that come and go. A scheduler is told if it wants to know, else it is asked to start anew:
// it decided about CPUs when it was loaded.
#include "core/enqueue.hpp"
#include "core/exit_control.hpp"
#include "core/ops_table.hpp"
#include "core/requeue.hpp"

namespace scx {

namespace {

template <typename Op>
void tell(Op* op, struct rq& rq, char const* where)
{
	if (op)
		call(SCX_KF_UNLOCKED, op, cpu_of(rq));
	else
		exit_of_kind(SCX_EXIT_UNREG_KERN, SCX_ECODE_ACT_RESTART | SCX_ECODE_RSN_HOTPLUG,
			     "cpu %d going %s, exiting scheduler", cpu_of(rq), where);
}

} // namespace

} // namespace scx

void scx_entry_cpu_activate(struct rq* rq)
{
	scx::tell(scx::ops.get<&sched_ext_ops::cpu_online>(), *rq, "online");
}

void scx_entry_cpu_deactivate(struct rq* rq)
{
	scx::tell(scx::ops.get<&sched_ext_ops::cpu_offline>(), *rq, "offline");
}

// The CPU asks the scheduler for nothing any more. What waits for it there is requeued, by the
// rules of an offline CPU to its local queue, from where the kernel pushes it to other CPUs.
void scx_entry_rq_offline(struct rq* rq)
{
	using namespace scx;

	auto const held = RqHeld::assumed(*rq);

	// A rebuild of scheduling domains takes the runqueue off too; the CPU stays.
	if (cpu_active(cpu_of(*rq)))
		return;
	for (task_struct& p : RunnableList{rq->scx.runnable_list}.reversed_removable())
		if (p.scx.dsq != &rq->scx.local_dsq)
			requeue(held, p, DEQUEUE_SAVE | DEQUEUE_MOVE | DEQUEUE_NOCLOCK);
}
