// SPDX-License-Identifier: GPL-2.0
#include "core/core_sched.hpp"

// `a` runs after `b`.
bool scx_entry_prio_less(task_struct const* a, task_struct const* b, bool)
{
	using namespace scx;

	auto* op = ops.get<&sched_ext_ops::core_sched_before>();

	// The question is asked the other way round; the verifier guards what BPF writes.
	if (op && !rq_bypassing(task_rq(*a)))
		return call_for_tasks(SCX_KF_REST, op, const_cast<task_struct&>(*b),
				      const_cast<task_struct*>(a));
#ifdef SCX_HAS_sched_ext_entity__core_sched_at
	return before(b->scx.core_sched_at, a->scx.core_sched_at);
#else
	return false;
#endif
}
