/* SPDX-License-Identifier: GPL-2.0 */
/* Tasks that may run on some CPUs only, for schedulers whose queues are not all read by all CPUs. */
#ifndef SCX_AFFINITY_BPF_H
#define SCX_AFFINITY_BPF_H

#include <scx/common.bpf.h>

static inline bool must_stay(const struct task_struct *p)
{
	return p->nr_cpus_allowed == 1 || is_migration_disabled(p);
}

/*
 * Whether @p may run on every CPU that is online. Its own mask may lack others: that of a cgroup does,
 * where the machine could have more CPUs than it has.
 */
static inline bool runs_anywhere(const struct task_struct *p)
{
	const struct cpumask *online;
	bool all;

	if (must_stay(p))
		return false;
	if ((u32)p->nr_cpus_allowed >= scx_bpf_nr_cpu_ids())
		return true;
	online = scx_bpf_get_online_cpumask();
	all = bpf_cpumask_subset(online, p->cpus_ptr);
	scx_bpf_put_cpumask(online);
	return all;
}

/* Wakes an idle CPU that @p may run on; it counts as busy until it has looked. Negative if there is none. */
static inline s32 wake_idle_cpu_for(const struct task_struct *p)
{
	s32 idle = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (idle >= 0)
		scx_bpf_kick_cpu(idle, SCX_KICK_IDLE);
	return idle;
}

/* Any of the CPUs that @p may run on and that are online, the next one each time. */
static inline s32 any_cpu_of(const struct task_struct *p)
{
	const struct cpumask *online;
	u32 cpu;

	online = scx_bpf_get_online_cpumask();
	cpu = bpf_cpumask_any_and_distribute(p->cpus_ptr, online);
	scx_bpf_put_cpumask(online);
	return cpu < scx_bpf_nr_cpu_ids() ? (s32)cpu : scx_bpf_task_cpu(p);
}

#endif
