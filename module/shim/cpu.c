// SPDX-License-Identifier: GPL-2.0
/* CPUs: masks, topology, interrupts. */
#include <linux/sched/isolation.h>

#include "internal.h"

u32 kshim_nr_node_ids(void) { return nr_node_ids; }
s32 kshim_cpu_to_node(s32 cpu) { return cpu_to_node(cpu); }
bool kshim_node_possible(s32 node) { return (u32)node < nr_node_ids && node_possible(node); }
bool kshim_smt_active(void) { return sched_smt_active(); }
const struct cpumask *kshim_smt_mask(s32 cpu) { return topology_sibling_cpumask(cpu); }
struct cpumask *kshim_cpumask_alloc(void) { return kzalloc(cpumask_size(), GFP_KERNEL); }
void kshim_cpumask_free(struct cpumask *mask) { kfree(mask); }

bool kshim_domains_isolated(void)
{
	return !cpumask_equal(housekeeping_cpumask(HK_TYPE_DOMAIN), cpu_possible_mask);
}

unsigned long kshim_irq_save(void)
{
	unsigned long flags;

	local_irq_save(flags);
	return flags;
}

void kshim_irq_restore(unsigned long flags) { local_irq_restore(flags); }
void kshim_irq_enable(void) { local_irq_enable(); }
void kshim_irq_disable(void) { local_irq_disable(); }
void kshim_preempt_disable(void) { preempt_disable(); }
void kshim_preempt_enable(void) { preempt_enable(); }
void kshim_cond_resched(void)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RT) && rt_task(current))
		yield();
	else
		cond_resched();
}
