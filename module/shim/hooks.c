// SPDX-License-Identifier: GPL-2.0
/* The hooks of the kernel: each is the C++ entry of the same name. */
#include "internal.h"

/* Balancing may drop the lock, which the scheduler core has pinned. */
static int balance(struct rq *rq, struct task_struct *prev, struct rq_flags *rf)
{
	int result;

	rq_unpin_lock(rq, rf);
	result = scx_entry_balance(rq, prev);
	rq_repin_lock(rq, rf);
	return result;
}

#define ENTRY(ret, none, name, proto, args)	.name = scx_entry_##name,

static const struct sched_ext_hooks hooks = {
	SCX_VOID_HOOKS(ENTRY)
	SCX_VALUE_HOOKS(ENTRY)
	.enqueue_task = scx_entry_enqueue_task,
	.dequeue_task = scx_entry_dequeue_task,
	.yield_task = scx_entry_yield_task,
	.yield_to_task = scx_entry_yield_to_task,
	.balance = balance,
	.pick_task = scx_entry_pick_task,
	.put_prev_task = scx_entry_put_prev_task,
	.set_next_task = scx_entry_set_next_task,
	.select_task_rq = scx_entry_select_task_rq,
	.task_woken = scx_entry_task_woken,
	.set_cpus_allowed = scx_entry_set_cpus_allowed,
	.task_tick = scx_entry_task_tick,
	.switching_to = scx_entry_switching_to,
	.switched_from = scx_entry_switched_from,
	.reweight_task = scx_entry_reweight_task,
	.update_curr = scx_entry_update_curr,
};

int shim_hooks_attach(void)
{
	return sched_ext_attach(&hooks);
}

/* On return nothing that a hook has queued is left, and no callback runs. */
void shim_hooks_detach(void)
{
	sched_ext_detach();
	shim_rq_state_settle();
	shim_work_settle();
	synchronize_rcu();
	rcu_barrier();
}
