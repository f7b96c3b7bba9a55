// SPDX-License-Identifier: GPL-2.0
/* The hooks of the kernel: each is the C++ entry of the same name. */
#include "internal.h"

/* Balancing may drop the lock, which the scheduler core has pinned. */
static int unpinned_balance(struct rq *rq, struct task_struct *prev, struct rq_flags *rf)
{
	int result;

	rq_unpin_lock(rq, rf);
	result = scx_entry_balance(rq, prev);
	rq_repin_lock(rq, rf);
	return result;
}

/* From here on: it takes the place of its entry in the table. */
#define scx_entry_balance	unpinned_balance
#define ENTRY(ret, none, name, proto, args)	.name = scx_entry_##name,

static const struct sched_ext_hooks hooks = { SCX_HOOKS(ENTRY) };

int shim_hooks_attach(void) { return sched_ext_attach(&hooks); }

/* On return nothing that a hook has queued is left, and no callback runs. */
void shim_hooks_detach(void)
{
	sched_ext_detach();
	shim_rq_state_settle();
	shim_work_settle();
	synchronize_rcu();
	rcu_barrier();
}
