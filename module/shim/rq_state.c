// SPDX-License-Identifier: GPL-2.0
/*
 * The part of every runqueue's scx_rq that belongs to the module. The kernel
 * leaves it zero; it is filled before hooks are attached and zero again
 * before the module goes.
 */
#include <linux/irq_work.h>

#include "internal.h"

static void run_deferred(struct irq_work *work)
{
	struct rq *rq = container_of(work, struct rq, scx.deferred_irq_work);

	raw_spin_rq_lock(rq);
	scx_entry_run_deferred(rq);
	raw_spin_rq_unlock(rq);
}

static void kick_cpus(struct irq_work *work)
{
	scx_entry_kick_cpus(container_of(work, struct rq, scx.kick_cpus_irq_work));
}

int shim_rq_state_create(void)
{
	s32 cpu;

	for_each_possible_cpu(cpu) {
		struct scx_rq *scx = &cpu_rq(cpu)->scx;

		scx->deferred_irq_work = IRQ_WORK_INIT_HARD(run_deferred);
		scx->kick_cpus_irq_work = IRQ_WORK_INIT_HARD(kick_cpus);
		if (!zalloc_cpumask_var(&scx->cpus_to_kick, GFP_KERNEL) ||
		    !zalloc_cpumask_var(&scx->cpus_to_kick_if_idle, GFP_KERNEL) ||
		    !zalloc_cpumask_var(&scx->cpus_to_preempt, GFP_KERNEL) ||
		    !zalloc_cpumask_var(&scx->cpus_to_wait, GFP_KERNEL)) {
			shim_rq_state_destroy();
			return -ENOMEM;
		}
	}
	return 0;
}

void shim_rq_state_destroy(void)
{
	s32 cpu;

	for_each_possible_cpu(cpu) {
		struct rq *rq = cpu_rq(cpu);

		free_cpumask_var(rq->scx.cpus_to_kick);
		free_cpumask_var(rq->scx.cpus_to_kick_if_idle);
		free_cpumask_var(rq->scx.cpus_to_preempt);
		free_cpumask_var(rq->scx.cpus_to_wait);

		guard(rq_lock_irqsave)(rq);
		rq->scx.flags &= SCX_RQ_ONLINE;
		rq->scx.cpu_released = false;
		/* The masks and all that follows them: callbacks and irq_work. */
		memset_startat(&rq->scx, 0, cpus_to_kick);
	}
}

void shim_rq_state_settle(void)
{
	s32 cpu;

	for_each_possible_cpu(cpu) {
		irq_work_sync(&cpu_rq(cpu)->scx.deferred_irq_work);
		irq_work_sync(&cpu_rq(cpu)->scx.kick_cpus_irq_work);
	}
}
