/* SPDX-License-Identifier: GPL-2.0 */
/* Whose turn it is in scx_atropos: what a turn costs, who waits, and whether that one is owed more. */
#ifndef SCX_ATROPOS_TURNS_BPF_H
#define SCX_ATROPOS_TURNS_BPF_H

/* Set by the user half before loading. */
const volatile bool fifo_order;

enum {
	/* How many entries at the head of a queue are looked at for one that this CPU may run. */
	LOOK_AHEAD = 4,
	/* Who is first in the queue for so long has its turn, whatever others are owed. */
	OVERDUE_NS = LONGEST_WAIT_PERIODS * (u64)PACE_PERIOD_NS,
};

static u64 ran_so_far(const struct task_struct *p, const struct task_state *task)
{
	return p->se.sum_exec_runtime - task->ran_before;
}

/*
 * The virtual time of @p if its turn ended now. Who yields pays for all of the turn. Who runs falls
 * back no further, whatever runs on the other CPUs: only by waiting is a task owed something.
 */
static u64 vtime_after_turn(const struct task_struct *p, const struct task_state *task)
{
	u64 ran = ran_so_far(p, task), vtime, earliest;
	struct domain *domain = domain_at(task->domain);

	if (task->yielded && ran < slice_ns)
		ran = slice_ns;
	vtime = p->scx.dsq_vtime + vtime_charge(ran, p->scx.weight);
	if (!domain)
		return vtime;
	earliest = domain->clock - task->lag;
	return vtime_before(vtime, earliest) ? earliest : vtime;
}

struct first_waiting {
	u64 vtime;
	bool overdue;
};

/* The first one in the queue of @domain that may run on @cpu; false if there is none. */
static bool find_first_waiting(u32 domain, s32 cpu, struct first_waiting *first)
{
	struct task_struct *waiting;
	struct task_state *task;
	u32 looked_at = 0;
	bool found = false;

	bpf_for_each(scx_dsq, waiting, domain, 0) {
		if (has_cpu(waiting->cpus_ptr, cpu)) {
			task = state_of(waiting);
			first->vtime = waiting->scx.dsq_vtime;
			first->overdue = task &&
					 bpf_ktime_get_ns() - task->queued_at > OVERDUE_NS;
			found = true;
			break;
		}
		if (++looked_at >= LOOK_AHEAD)
			break;
	}
	return found;
}

static bool is_stranger(const struct task_state *task, s32 cpu)
{
	return task->domain != domain_of_cpu(cpu);
}

/* Whether @prev, at the end of its turn, is owed more than who waits for @cpu. */
static bool comes_first(struct task_struct *prev, const struct task_state *task, s32 cpu)
{
	struct domain *domain = domain_at(task->domain);
	struct first_waiting first;
	u64 vtime;

	if (fifo_order || is_stranger(task, cpu) || task->wanted != task->domain)
		return false;
	if (!domain || !find_first_waiting(task->domain, cpu, &first) || first.overdue)
		return false;
	vtime = vtime_after_turn(prev, task);
	if (!vtime_before(vtime, first.vtime))
		return false;
	*vtime_place_of(prev) = vtime;
	advance_clock(domain, vtime);
	return true;
}

/* Whether the turn of @p ends early on @cpu, of whose domain it is, for who is owed more than a whole one. */
static bool is_cut_short(struct task_struct *p, const struct task_state *task,
			 const struct first_waiting *first)
{
	return !fifo_order && (first->overdue || vtime_before(first->vtime + slice_ns,
							      vtime_after_turn(p, task)));
}

#endif
