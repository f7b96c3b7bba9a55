// SPDX-License-Identifier: GPL-2.0
/*
 * scx_pair: CPUs of a set, the siblings of a core as a rule, run tasks of one
 * cgroup at a time.
 *
 * Each set has a group whose turn it is. A CPU of the set that may be running a
 * task of the group holds it, from the moment at which the task is taken until
 * the kernel has switched to something that is none of ours. Only when nobody
 * else holds a group the turn passes to another: then the CPU that finds this
 * out chooses the next group with tasks that wait, in order of their slots, and
 * calls the others of its set. If it comes from a task of the group before, it
 * does not call them, nor do they take anything, until it has switched. When a
 * turn is over while another group waits, the holders take nothing more and are
 * called off the CPU: the set drains.
 *
 * Of what the set must not do none is left to chance: with ENQ_LAST the core
 * never keeps a task by itself, with ENQ_EXITING exiting tasks come here too,
 * and a CPU that is lost to a higher class gives back what it had been given.
 * The tasks of one CPU, kernel threads above all, are tasks of their group like
 * all others; so that those of the kernel do not wait for long, they cut a turn
 * short.
 *
 * Invariants, under the set's lock:
 *  - holders is not empty while a CPU of the set runs a task that was taken here,
 *    and all such tasks are of `group`;
 *  - `group` changes only while no CPU but the one that changes it is a holder;
 *  - nobody else takes a task while a CPU is `leaving`.
 *
 * Bounds: a dispatch tries DISPATCH_TRIES groups, and looks at a bit per slot to
 * find each. A group waits for as many turns as there are groups.
 */
#include <scx/affinity.bpf.h>
#include <scx/common.bpf.h>
#include <scx/counts.bpf.h>

#include "pair/sets.bpf.h"

char LICENSE[] SEC("license") = "GPL";

enum { DISPATCH_TRIES = 8 };

/* What the user half sums over CPUs. */
enum happening {
	PAIR_QUEUED,	 /* a task waits for its group's turn */
	PAIR_TURNS,	 /* a set went on to another group */
	PAIR_TAKEN,	 /* a CPU took a task */
	PAIR_KEPT,	 /* a task went on: nobody else of its group waits */
	PAIR_DRAINS,	 /* a set had to stop tasks at the end of a turn */
	PAIR_URGENT,	 /* a turn was cut short for a kernel thread */
	PAIR_MISSED,	 /* a task that waits was still on its way */
	PAIR_GIVEN_BACK, /* tasks of a CPU that a higher class took */
	PAIR_BYPASSED,	 /* a task runs that was not taken here */
	PAIR_VIOLATIONS, /* tasks of two groups ran at once */
	NR_HAPPENINGS,
};

SCX_COUNTS(NR_HAPPENINGS)

/* A CPU whose set is its group's already or nobody's. The task is not dispatched: that is dispatch's. */
s32 BPF_STRUCT_OPS(pair_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	struct task_state *state = state_of(p);
	struct cpu_set *set = set_at(set_of_cpu[cpu_index(prev_cpu)]);
	s32 cpu;

	if (state && set && set->holders && set->group == state->slot && !(set->holders & bit_of(prev_cpu)))
		return prev_cpu;
	cpu = find_idle_set(p);
	return cpu >= 0 ? cpu : prev_cpu;
}

/* A kernel thread of one CPU waits: the running turn ends soon, and the root's is next. */
__noinline int hurry(u32 number)
{
	struct cpu_set *set = set_at(number);
	u64 now = bpf_ktime_get_ns();
	u32 call_off = 0;

	if (!set)
		return -EINVAL;
	bpf_spin_lock(&set->lock);
	if (set->group != GROUP_ROOT || !set->holders) {
		set->urgent = true;
		if (time_before(set->turn_began + SHORTEST_TURN, set->turn_ends))
			set->turn_ends = set->turn_began + SHORTEST_TURN;
		if (!time_before(now, set->turn_ends))
			call_off = set->holders;
	}
	bpf_spin_unlock(&set->lock);
	if (call_off) {
		count(PAIR_URGENT);
		call_set(number, call_off, SCX_KICK_PREEMPT);
	}
	return 0;
}

void BPF_STRUCT_OPS(pair_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 cpu = scx_bpf_task_cpu(p), idle;
	u32 number = set_of_cpu[cpu_index(cpu)];
	struct task_state *state = state_of(p);
	struct cpu_set *set = set_at(number);
	bool anywhere = runs_anywhere(p);

	if (!state || !set) {
		scx_bpf_error("%s[%d] has no state, or CPU %d no set", p->comm, p->pid, cpu);
		return;
	}
	count(PAIR_QUEUED);
	state->set = number;
	begin_wait(state, set, anywhere);
	scx_bpf_dsq_insert(p, state->slot, turn_ns, enq_flags);

	if ((p->flags & PF_KTHREAD) && p->nr_cpus_allowed == 1)
		hurry(number);

	/* Whoever has nothing to do may have now. */
	call_set(number, ~set->holders, SCX_KICK_IDLE);
	if (anywhere && !(set->holders && set->group == state->slot)) {
		idle = find_idle_set(p);
		if (idle >= 0)
			scx_bpf_kick_cpu(idle, SCX_KICK_IDLE);
	}
}

void BPF_STRUCT_OPS(pair_dispatch, s32 cpu, struct task_struct *prev)
{
	u32 number = set_of_cpu[cpu_index(cpu)], me = bit_of(cpu), skip = NO_GROUP, next, try;
	struct task_state *state = prev ? state_of(prev) : NULL;
	bool goes_on = state && (prev->scx.flags & SCX_TASK_QUEUED);
	struct cpu_set *set = set_at(number);
	struct decision decision = { .leaves = state ? state->slot : NO_GROUP };

	if (!set)
		return;
	bpf_for(try, 0, DISPATCH_TRIES) {
		next = set->urgent ? GROUP_ROOT : next_group(number, skip < NO_GROUP ? skip : set->last);
		if (skip < NO_GROUP && (next == skip || next == NO_GROUP))
			goto nothing;
		if (decide(number, me, next, skip, &decision))
			return;
		if (decision.call_off) {
			count(PAIR_DRAINS);
			call_set(number, decision.call_off, SCX_KICK_PREEMPT);
		}
		if (decision.turned)
			count(PAIR_TURNS);
		if (decision.group == NO_GROUP)
			goto nothing;
		mark_idle(number, false);

		if (scx_bpf_dsq_move_to_local(decision.group)) {
			count(PAIR_TAKEN);
			if (waits(set, decision.group) && !(set->leaving & me))
				call_set(number, decision.others, SCX_KICK_IDLE);
			if (next < NO_GROUP && next != decision.group && waiting_anywhere[group_index(next)] > 0)
				call_idle_set();
			return;
		}
		if (goes_on && state->slot == decision.group) {
			count(PAIR_KEPT);
			scx_bpf_task_set_slice(prev, decision.slice);
			return;
		}
		if (!waits(set, decision.group) && next == NO_GROUP)
			goto nothing;

		/* Its tasks are for other CPUs of the set, or still on their way here. */
		count(PAIR_MISSED);
		call_set(number, decision.others, SCX_KICK_IDLE);
		if (set->holders & ~me)
			goto nothing;
		skip = decision.group;
	}
	scx_bpf_kick_cpu(cpu, 0);

nothing:
	/* Else pair_switched() is told when the task has left. */
	if (!prev)
		let_go(number, cpu);
}

void BPF_STRUCT_OPS(pair_running, struct task_struct *p)
{
	s32 cpu = scx_bpf_task_cpu(p);
	u32 number = set_of_cpu[cpu_index(cpu)], me = bit_of(cpu), index, i, mine;
	struct task_state *state = state_of(p);
	struct cpu_set *set = set_at(number);
	bool taken, violation = false;
	u64 now = bpf_ktime_get_ns(), left = 1;

	runs_ours[cpu_index(cpu)] = true;
	if (!state || !set)
		return;
	end_wait(state);

	index = index_in_set[cpu_index(cpu)] & (SET_CPUS - 1);
	mine = state->slot + 1;
	bpf_spin_lock(&set->lock);
	taken = (set->holders & me) && set->group == state->slot;
	for (i = 0; i < SET_CPUS; i++)
		violation = violation || (i != index && set->runs[i] && set->runs[i] != mine);
	set->runs[index] = mine;
	if (time_before(now, set->turn_ends))
		left = set->turn_ends - now;
	if (!taken) {
		/* While the core bypasses the scheduler, or moved to another group while it runs. */
		set->holders |= me;
		set->draining = true;
	}
	bpf_spin_unlock(&set->lock);

	if (taken)
		scx_bpf_task_set_slice(p, left);
	else
		count(PAIR_BYPASSED);
	if (violation)
		count(PAIR_VIOLATIONS);
}

void BPF_STRUCT_OPS(pair_stopping, struct task_struct *p, bool runnable)
{
	runs_ours[cpu_index(scx_bpf_task_cpu(p))] = false;
}

/* Turns end on time also when one was cut short after the slice was given. */
void BPF_STRUCT_OPS(pair_tick, struct task_struct *p)
{
	struct cpu_set *set = set_at(set_of_cpu[cpu_index(scx_bpf_task_cpu(p))]);

	if (set && (set->draining || set->urgent) && !time_before(bpf_ktime_get_ns(), set->turn_ends))
		scx_bpf_task_set_slice(p, 0);
}

/* What was taken for the CPU and did not run yet, or not to its end, waits again. */
void BPF_STRUCT_OPS(pair_cpu_release, s32 cpu, struct scx_cpu_release_args *args)
{
	count_times(PAIR_GIVEN_BACK, scx_bpf_reenqueue_local());
}

/*
 * The only point after which a task of ours has surely left its CPU: the
 * callbacks that say so come before. What was taken and has not run yet is held.
 */
SEC("tp_btf/sched_switch")
int BPF_PROG(pair_switched, bool preempted, struct task_struct *prev, struct task_struct *next)
{
	s32 cpu = (s32)bpf_get_smp_processor_id();
	u32 number = set_of_cpu[cpu_index(cpu)];
	struct cpu_set *set = set_at(number);

	if (!set)
		return 0;
	if (!runs_ours[cpu_index(cpu)] && (set->holders & bit_of(cpu)) &&
	    !scx_bpf_dsq_nr_queued(SCX_DSQ_LOCAL_ON | (u32)cpu))
		let_go(number, cpu);
	/* Only the CPU itself changes its bit. */
	if (set->leaving & bit_of(cpu))
		has_left(number, cpu);
	return 0;
}

void BPF_STRUCT_OPS(pair_quiescent, struct task_struct *p, u64 deq_flags)
{
	struct task_state *state = state_of(p);

	if (state)
		end_wait(state);
}

static void join(struct task_state *state, struct cgroup *cgrp)
{
	u32 slot = group_slot_of(cgrp);

	group_slot_get(slot);
	state->slot = slot;
}

s32 BPF_STRUCT_OPS(pair_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	struct task_state *state = make_state(p);

	if (!state)
		return -ENOMEM;
	join(state, args->cgroup);
	return 0;
}

void BPF_STRUCT_OPS(pair_exit_task, struct task_struct *p, struct scx_exit_task_args *args)
{
	struct task_state *state = state_of(p);

	if (state)
		group_slot_put(state->slot);
}

void BPF_STRUCT_OPS(pair_cgroup_move, struct task_struct *p, struct cgroup *from, struct cgroup *to)
{
	struct task_state *state = state_of(p);
	u32 left;

	if (!state)
		return;
	left = state->slot;
	join(state, to);
	group_slot_put(left);
	/* If it runs it has to wait for its new group's turn. */
	scx_bpf_kick_cpu(scx_bpf_task_cpu(p), SCX_KICK_PREEMPT);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(pair_cgroup_init, struct cgroup *cgrp, struct scx_cgroup_init_args *args)
{
	bool own;
	u32 slot;
	s32 code;

	code = group_slot_create(cgrp, &slot, &own);
	if (code || !own)
		return code;
	/* The queue stays with the slot. */
	code = scx_bpf_create_dsq(slot, -1);
	return code == -EEXIST ? 0 : code;
}

void BPF_STRUCT_OPS(pair_cgroup_exit, struct cgroup *cgrp)
{
	group_slot_leave(cgrp);
}

void BPF_STRUCT_OPS(pair_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(pair_ops,
	       .select_cpu = (void *)pair_select_cpu,
	       .enqueue = (void *)pair_enqueue,
	       .dispatch = (void *)pair_dispatch,
	       .running = (void *)pair_running,
	       .stopping = (void *)pair_stopping,
	       .tick = (void *)pair_tick,
	       .quiescent = (void *)pair_quiescent,
	       .cpu_release = (void *)pair_cpu_release,
	       .init_task = (void *)pair_init_task,
	       .exit_task = (void *)pair_exit_task,
	       .cgroup_init = (void *)pair_cgroup_init,
	       .cgroup_exit = (void *)pair_cgroup_exit,
	       .cgroup_move = (void *)pair_cgroup_move,
	       .exit = (void *)pair_exit,
	       .flags = SCX_OPS_ENQ_LAST | SCX_OPS_ENQ_EXITING,
	       .name = "pair");
