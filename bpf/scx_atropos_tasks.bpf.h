/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tasks of scx_atropos: what each has to do, which domain it belongs to, which it may go to.
 *
 * A task's state is written by callbacks that hold its pi_lock or its runqueue's lock; `wanted` alone
 * by the user half.
 */
#ifndef SCX_ATROPOS_TASKS_BPF_H
#define SCX_ATROPOS_TASKS_BPF_H

#include <scx/counts.bpf.h>
#include <scx/task_states.bpf.h>

struct task_state {
	u64 domains;	/* a bit for each that has a CPU which the task may use */
	u64 ran_before;	/* se.sum_exec_runtime when its turn began */
	u64 queued_at;	/* when it was put into its domain's queue last */
	u64 lag;	/* how far it was behind its domain's clock then */
	u64 duty_at;	/* when the average was true */
	struct decaying_average duty;
	u32 weight;
	u32 domain;
	u32 wanted;	/* the balancer's: taken up when the task is enqueued next */
	bool enabled;	/* in the class */
	bool yielded;
};

SCX_TASK_STATES(struct task_state)

SCX_COUNTS(ATROPOS_NR_COUNTS)

/* ---- Load ---- */

static void advance_duty(struct task_state *task, u64 now)
{
	decaying_average_advance(&task->duty,
				 decaying_average_loss(now - task->duty_at, load_half_life_ns));
	task->duty_at = now;
}

/* Adds what @task is and was to a domain's load, or with @sign -1 takes it away. */
static void account_task(u32 domain, const struct task_state *task, s64 sign)
{
	s64 weight = sign * task->weight;
	const struct atropos_change change = {
		.weight = task->duty.value ? weight : 0,
		.duty = sign * task->duty.value,
		.past_weight = (weight * task->duty.average) >> ATROPOS_DUTY_SHIFT,
		.past_duty = sign * task->duty.average,
	};

	account(domain, task->duty_at, &change);
}

static void set_runnable(struct task_state *task, bool runnable)
{
	const s64 sign = runnable ? 1 : -1;
	const struct atropos_change change = {
		.weight = sign * task->weight,
		.duty = sign * ATROPOS_WHOLE_DUTY,
	};

	if (!task->duty.value == !runnable)
		return;
	advance_duty(task, bpf_ktime_get_ns());
	task->duty.value += change.duty;
	account(task->domain, task->duty_at, &change);
}

/* ---- Domains of tasks ---- */

/* A bit for each domain in which @p may run. A task that cannot migrate right now may so later. */
static u64 domains_of(struct task_struct *p)
{
	u64 found = 0;
	u32 i;

	bpf_for(i, 0, nr_domains) {
		struct domain *domain = domain_at(i);
		struct bpf_cpumask *cpus;

		if (!domain)
			break;
		cpus = domain->cpus;
		if (cpus && bpf_cpumask_intersects(cast_mask(cpus), &p->cpus_mask))
			found |= 1ULL << i;
	}
	return found;
}

static bool may_use(const struct task_state *task, u32 domain)
{
	return domain < ATROPOS_MAX_DOMAINS && task->domains & (1ULL << domain);
}

/* Takes @p, which is in no queue, to another domain with its past and what it is owed. */
static void change_domain(struct task_struct *p, struct task_state *task, u32 to)
{
	struct domain *old = domain_at(task->domain), *new = domain_at(to);
	u32 from = task->domain;
	s64 lag;

	task->domain = to;
	task->wanted = to;
	if (!old || !new || from == to)
		return;
	lag = atropos_lag_elsewhere((s64)(old->clock - p->scx.dsq_vtime), slice_ns, p->scx.weight);
	p->scx.dsq_vtime = new->clock - (u64)lag;
	if (task->enabled) {
		advance_duty(task, bpf_ktime_get_ns());
		account_task(from, task, -1);
		account_task(to, task, 1);
	}
}

/* What the balancer asked for, if it still can be. */
static void follow_wish(struct task_struct *p, struct task_state *task)
{
	u32 wanted = READ_ONCE(task->wanted);

	if (likely(wanted == task->domain))
		return;
	if (!may_use(task, wanted)) {
		task->wanted = task->domain;
		return;
	}
	change_domain(p, task, wanted);
	count(ATROPOS_MOVED);
}

/* Where a task begins: where it was last, or its parent is. */
static u32 first_domain(struct task_struct *p, const struct task_state *task)
{
	u32 domain = domain_of_cpu(scx_bpf_task_cpu(p)), i;

	if (may_use(task, domain))
		return domain;
	bpf_for(i, 0, nr_domains)
		if (may_use(task, i))
			return i;
	return 0;
}

#endif
