/* SPDX-License-Identifier: GPL-2.0 */
/* Where scx_atropos finds an idle CPU for a task. One that is found is taken: no longer idle to others. */
#ifndef SCX_ATROPOS_IDLE_BPF_H
#define SCX_ATROPOS_IDLE_BPF_H

const volatile bool smt; /* set by the user half before loading */

/* A mask to compute in. Interrupts are off wherever it is used. */
struct scratch {
	struct bpf_cpumask __kptr *mask;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

static s32 make_scratch(s32 cpu)
{
	u32 zero = 0;
	struct scratch *scratch = bpf_map_lookup_percpu_elem(&scratches, &zero, (u32)cpu);
	struct bpf_cpumask *mask;

	if (!scratch)
		return -EINVAL;
	mask = bpf_cpumask_create();
	if (!mask)
		return -ENOMEM;
	mask = bpf_kptr_xchg(&scratch->mask, mask);
	if (mask)
		bpf_cpumask_release(mask);
	return 0;
}

/* The CPUs of @domain that @p may use, in this CPU's scratch mask; NULL if there is none. */
static const struct cpumask *cpus_in(u32 domain_index, struct task_struct *p)
{
	struct domain *domain = domain_at(domain_index);
	u32 zero = 0;
	struct scratch *scratch = bpf_map_lookup_elem(&scratches, &zero);
	struct bpf_cpumask *cpus, *mask;

	if (!domain || !scratch)
		return NULL;
	cpus = domain->cpus;
	mask = scratch->mask;
	if (!cpus || !mask || !bpf_cpumask_and(mask, p->cpus_ptr, cast_mask(cpus)))
		return NULL;
	return cast_mask(mask);
}

static s32 this_cpu(void)
{
	return (s32)bpf_get_smp_processor_id();
}

static u64 local_queue_of(s32 cpu)
{
	return SCX_DSQ_LOCAL_ON | (u64)cpu;
}

static bool is_whole_core_idle(s32 cpu)
{
	const struct cpumask *cores = scx_bpf_get_idle_smtmask();
	bool idle = has_cpu(cores, cpu);

	scx_bpf_put_idle_cpumask(cores);
	return idle;
}

static bool has_idle(const struct cpumask *cpus)
{
	const struct cpumask *idle = scx_bpf_get_idle_cpumask();
	bool has = bpf_cpumask_intersects(cpus, idle);

	scx_bpf_put_idle_cpumask(idle);
	return has;
}

/*
 * Whether this CPU, whose task wakes @p up and then sleeps itself, suits @p. Only while its domain
 * has idle CPUs: else those who wait would be passed over.
 */
static bool waker_suits(struct task_struct *p, const struct task_state *task,
			const struct cpumask *home, u64 wake_flags)
{
	s32 cpu = this_cpu();

	return wake_flags & SCX_WAKE_SYNC && domain_of_cpu(cpu) == task->domain &&
	       has_cpu(home, cpu) && has_idle(home) &&
	       !(bpf_get_current_task_btf()->flags & PF_EXITING) &&
	       !scx_bpf_dsq_nr_queued(local_queue_of(cpu));
}

/* An idle CPU among @home, taken; else negative. A whole core first, then the one with the cache. */
static s32 take_idle_at_home(const struct cpumask *home, s32 prev_cpu)
{
	bool prev_is_home = has_cpu(home, prev_cpu);
	s32 cpu;

	if (smt) {
		if (prev_is_home && is_whole_core_idle(prev_cpu) &&
		    scx_bpf_test_and_clear_cpu_idle(prev_cpu))
			return prev_cpu;
		cpu = scx_bpf_pick_idle_cpu(home, SCX_PICK_IDLE_CORE);
		if (cpu >= 0)
			return cpu;
	}
	if (prev_is_home && scx_bpf_test_and_clear_cpu_idle(prev_cpu))
		return prev_cpu;
	return scx_bpf_pick_idle_cpu(home, 0);
}

/* An idle CPU of one of the domains @among that @p may use, near ones first, taken; else negative. */
static s32 take_idle_abroad(struct task_struct *p, const struct task_state *task, u64 among)
{
	const struct cpumask *idle;
	bool none;
	u32 step;

	among &= task->domains & ~(1ULL << task->domain);
	if (!among)
		return -EBUSY;
	idle = scx_bpf_get_idle_cpumask();
	none = bpf_cpumask_empty(idle);
	scx_bpf_put_idle_cpumask(idle);
	if (none)
		return -EBUSY;

	bpf_for(step, 1, nr_neighbour_steps()) {
		u32 other = neighbour(task->domain, step);
		const struct cpumask *cpus;
		s32 cpu;

		if (other >= ATROPOS_MAX_DOMAINS || !(among & (1ULL << other)))
			continue;
		cpus = cpus_in(other, p);
		cpu = cpus ? scx_bpf_pick_idle_cpu(cpus, 0) : -EBUSY;
		if (cpu >= 0)
			return cpu;
	}
	return -EBUSY;
}

#endif
