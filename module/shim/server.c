// SPDX-License-Identifier: GPL-2.0
/* The deadline server of each runqueue, which runs tasks that real-time ones starve. */
#include "internal.h"

static dl_server_pick_f pick_fair;

static struct task_struct *pick(struct sched_dl_entity *server)
{
	return pick_fair(server) ?: scx_entry_server_pick(server->rq);
}

static void set_pick(dl_server_pick_f function)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct rq *rq = cpu_rq(cpu);

		guard(rq_lock_irqsave)(rq);
		rq->fair_server.server_pick_task = function;
	}
}

int shim_server_join(void)
{
	pick_fair = cpu_rq(cpumask_first(cpu_possible_mask))->fair_server.server_pick_task;
	set_pick(pick);
	return 0;
}

void shim_server_leave(void) { set_pick(pick_fair); }

bool kshim_server_active(struct rq *rq) { return dl_server_active(&rq->fair_server); }
void kshim_server_start(struct rq *rq) { dl_server_start(&rq->fair_server); }
void kshim_server_charge(struct rq *rq, s64 ns) { dl_server_update(&rq->fair_server, ns); }
