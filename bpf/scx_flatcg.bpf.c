// SPDX-License-Identifier: GPL-2.0
/*
 * scx_flatcg: CPU time by the weights of a hierarchy of cgroups, scheduled flat.
 *
 * Every level of a hierarchy divides what it gets among those below it that
 * are active, by weight. Compounded from the root down, that makes each group a
 * share of the machine, and all groups can be ordered in one heap however they
 * are nested. A group is active while a task of its own is runnable or a group
 * below it is active; its own tasks count as one more group of default weight.
 *
 * Order of groups: a group's vtime is what its tasks ran divided by its share.
 * Its place in the heap is the vtime at which it would have used one turn more,
 * on top of those that its running tasks are using now. Ordered by the end of
 * the turn instead of its beginning, a herd of groups that wakes up at once
 * gets no more than a single group with its share would: of k such groups each
 * has a kth of the share, and so the kth turn ends k times as late.
 *
 * Order within a group: virtual time by weight of the task, or first come,
 * first served where the user half says so. Tasks that may run on some CPUs
 * only wait in a queue of one of these, at the place in which their group would be,
 * and among each other in order of arrival. When it is such a task's turn, one
 * that waits in the queue of the same group goes instead if it is before that
 * one in the order of the group: the place of a group moves on with each of its
 * turns, that of a task in the queue of its CPU does not.
 *
 * Whatever the order says, after some seconds of waiting a task goes first
 * (scx/overdue.bpf.h): of many in a group of small share, or light beside heavy
 * ones, it might wait for longer than the kernel's watchdog allows. And no CPU
 * goes idle while a task waits that may run on it.
 *
 * Invariants, under order_lock:
 *  - the clock is the largest vtime with which a group won a turn that others
 *    waited for, too; no place in the heap lies before it;
 *  - a group is in the heap if tasks wait in its queue; it may be there without,
 *    and leaves when it comes to the top;
 *  - a vtime is at most a few turns and at most LEAD_LIMIT ahead of the clock, so
 *    that running on an idle machine costs nothing later, and no group, however
 *    small its share, waits for longer than the kernel's watchdog allows.
 *
 * Bounds: a dispatch asks for a group PICK_TRIES times at most, and each time
 * looks at RETIRE_TRIES at most, at a cost that grows with the logarithm of
 * their number; a charge walks up GROUP_LEVELS groups.
 */
#include <scx/affinity.bpf.h>
#include <scx/common.bpf.h>
#include <scx/counts.bpf.h>
#include <scx/overdue.bpf.h>
#include <scx/task_states.bpf.h>

char LICENSE[] SEC("license") = "GPL";

/* Set by the user half before loading. */
const volatile bool fifo_order;
const volatile u64 slice_ns = 20000000;
const volatile u32 nr_cpus = 1;

#include "flatcg/order.bpf.h"
#include "flatcg/queues.bpf.h"

enum { PICK_TRIES = 8 };

enum waiting {
	WAITS_NOT,
	WAITS_IN_GROUP,
	WAITS_ON_CPU,
};

struct task_state {
	u64 vtime;
	u64 charged; /* how much of its CPU time was charged */
	u64 since;   /* ns: when it began to wait */
	u32 slot;
	bool turn_charged; /* with the end of its turn, but it has not stopped yet */
	enum waiting waiting;
};

SCX_TASK_STATES(struct task_state)

/* What the user half sums over CPUs. */
enum event {
	FLATCG_LOCAL,	  /* went to an idle CPU */
	FLATCG_GROUP,	  /* waits in its group's queue */
	FLATCG_CPU,	  /* waits in a CPU's queue */
	FLATCG_KTHREAD,	  /* a kernel thread of one CPU: went there */
	FLATCG_PICK,	  /* a CPU took a task of the first group */
	FLATCG_PICK_CPU,	  /* a CPU took a task of its own queue */
	FLATCG_KEEP,	  /* the running task stays: its group is first */
	FLATCG_OVERDUE,	  /* a CPU took one that had waited for too long */
	FLATCG_MISS,	  /* the first group's task was still on its way */
	FLATCG_ACTIVATE,	  /* a group became active */
	FLATCG_DEACTIVATE,
	NR_EVENTS,
};

SCX_COUNTS(NR_EVENTS)

s32 BPF_STRUCT_OPS(flatcg_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool found_idle = false;
	s32 target = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &found_idle);

	if (found_idle) {
		count(FLATCG_LOCAL);
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, slice_now(), 0);
	}
	return target;
}

void BPF_STRUCT_OPS(flatcg_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_state *state = state_of(p);
	u64 slice = slice_now(), earliest, latest;
	bool woke = enq_flags & SCX_ENQ_WAKEUP;
	struct group *group;

	if (!state || ((p->flags & PF_KTHREAD) && p->nr_cpus_allowed == 1)) {
		count(FLATCG_KTHREAD);
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, slice, enq_flags);
		return;
	}

	/* Who slept has saved up a slice at most; nobody owes more than one of the lightest task. */
	group = group_at(state->slot);
	earliest = group->vtime_clock - slice_ns;
	latest = group->vtime_clock + slice_ns * SCX_WEIGHT_DEFAULT;
	if (woke && vtime_before(state->vtime, earliest))
		state->vtime = earliest;
	if (vtime_before(latest, state->vtime))
		state->vtime = latest;

	state->since = bpf_ktime_get_ns();
	__sync_fetch_and_add(&total_waiting, 1);
	if (!runs_anywhere(p)) {
		count(FLATCG_CPU);
		state->waiting = WAITS_ON_CPU;
		scx_bpf_dsq_insert_vtime(p, queue_of_cpu(cpu_to_wait_for(p, woke)), slice,
					 place_on_cpu(state->slot, slice), enq_flags);
		return;
	}

	count(FLATCG_GROUP);
	state->waiting = WAITS_IN_GROUP;
	group_awaits_turn(state->slot, slice);
	if (fifo_order)
		scx_bpf_dsq_insert(p, queue_of_group(state->slot), slice, enq_flags);
	else
		scx_bpf_dsq_insert_vtime(p, queue_of_group(state->slot), slice, state->vtime, enq_flags);

	/* A wakeup has looked for an idle CPU already. */
	if (!woke)
		wake_idle_cpu_for(p);
}

/* The task has run: its own vtime and its group's follow. @flags are group_ran()'s. */
static void charge(struct task_struct *p, struct task_state *state, u32 flags)
{
	u64 ran = p->se.sum_exec_runtime - state->charged;

	state->charged = p->se.sum_exec_runtime;
	state->vtime += vtime_charge(ran, p->scx.weight);
	group_ran(state->slot, ran, flags);
}

/* It waits no longer: it runs, or it was taken off. */
static void end_wait(struct task_state *state)
{
	struct group *group = group_at(state->slot);

	if (state->waiting == WAITS_NOT)
		return;
	if (state->waiting == WAITS_IN_GROUP)
		__sync_fetch_and_add(&group->nr_waiting, -1);
	else
		__sync_fetch_and_add(&group->nr_waiting_on_cpus, -1);
	__sync_fetch_and_add(&total_waiting, -1);
	state->waiting = WAITS_NOT;
}

/* What competes with the first group: the running task and the first in the CPU's queue. */
struct contenders {
	u64 place; /* the better one's */
	u64 start; /* the vtime of its group */
	u32 kind;  /* 0, or as pick_group() wants it */
	u32 slot;  /* of the running task */
	bool on_cpu; /* it is the one in the CPU's queue */
};

static void find_contenders(struct contenders *found, s32 cpu, struct task_struct *prev)
{
	struct task_struct *first = __COMPAT_scx_bpf_dsq_peek(queue_of_cpu(cpu));
	struct task_state *state = prev ? state_of(prev) : NULL;
	struct group *group;

	if (state) {
		/* The turn that it is using counts as the one it asks for. */
		charge(prev, state, RAN_A_TURN);
		state->turn_charged = true;
		group = group_at(state->slot);
		found->place = group->place - group->turn;
		found->start = group->vtime;
		found->slot = state->slot;
		found->kind = CONTENDER;
	}
	state = first ? state_of(first) : NULL;
	if (!state)
		return;
	if (found->kind)
		found->kind |= CONTENDED;
	if (!found->kind || vtime_before(first->scx.dsq_vtime, found->place)) {
		found->place = first->scx.dsq_vtime;
		found->start = group_at(state->slot)->vtime;
		if (vtime_before(found->place, found->start))
			found->start = found->place;
		found->on_cpu = true;
		found->kind |= CONTENDER;
	}
}

/* In the order of their group. */
static bool comes_before(const struct task_state *left, const struct task_state *right)
{
	return fifo_order ? left->since < right->since : vtime_before(left->vtime, right->vtime);
}

/* It is the turn of the first task in the CPU's queue; takes one of its group's queue that comes before it. */
static bool take_sibling(s32 cpu)
{
	struct task_struct *first = __COMPAT_scx_bpf_dsq_peek(queue_of_cpu(cpu)), *other;
	struct task_state *state = first ? state_of(first) : NULL, *sibling;

	if (!state)
		return false;
	other = __COMPAT_scx_bpf_dsq_peek(queue_of_group(state->slot));
	sibling = other ? state_of(other) : NULL;
	return sibling && comes_before(sibling, state) && scx_bpf_dsq_move_to_local(queue_of_group(state->slot));
}

/* The running task's group is first; whether it is the running task's turn within it. */
static bool goes_on(struct task_struct *prev, u32 slot)
{
	struct task_struct *first = __COMPAT_scx_bpf_dsq_peek(queue_of_group(slot));
	struct task_state *state = state_of(prev);

	if (!first || !state)
		return true;
	return !fifo_order && vtime_before(state->vtime, first->scx.dsq_vtime);
}

static void begin_turn(struct task_struct *p)
{
	struct task_state *state = state_of(p);

	if (state)
		state->turn_charged = false;
}

void BPF_STRUCT_OPS(flatcg_dispatch, s32 cpu, struct task_struct *prev)
{
	struct contenders contenders = {};
	u32 try;

	if (overdue_look_begins())
		look_for_overdue();
	if (overdue_take()) {
		count(FLATCG_OVERDUE);
		return;
	}
	if (prev && !(prev->scx.flags & SCX_TASK_QUEUED))
		prev = NULL;
	find_contenders(&contenders, cpu, prev);

	bpf_for(try, 0, PICK_TRIES) {
		s64 slot = pick_group(contenders.place, contenders.start, contenders.kind);

		if (slot < 0)
			break;
		if (scx_bpf_dsq_move_to_local(queue_of_group((u32)slot))) {
			count(FLATCG_PICK);
			return;
		}
		count(FLATCG_MISS);
	}
	if (contenders.on_cpu) {
		if (take_sibling(cpu)) {
			count(FLATCG_PICK);
			return;
		}
		if (scx_bpf_dsq_move_to_local(queue_of_cpu(cpu))) {
			count(FLATCG_PICK_CPU);
			return;
		}
	}
	if (!prev) {
		if (total_waiting > 0 && take_from_other_cpus(cpu))
			count(FLATCG_PICK_CPU);
		return;
	}
	if (contenders.kind && !contenders.on_cpu && !goes_on(prev, contenders.slot) &&
	    scx_bpf_dsq_move_to_local(queue_of_group(contenders.slot))) {
		count(FLATCG_PICK);
		return;
	}
	count(FLATCG_KEEP);
	begin_turn(prev);
	scx_bpf_task_set_slice(prev, slice_now());
}

void BPF_STRUCT_OPS(flatcg_tick, struct task_struct *p)
{
	overdue_tick();
}

void BPF_STRUCT_OPS(flatcg_runnable, struct task_struct *p, u64 enq_flags)
{
	struct task_state *state = state_of(p);

	if (state && !__sync_fetch_and_add(&group_at(state->slot)->nr_runnable, 1)) {
		count(FLATCG_ACTIVATE);
		group_wakes(state->slot);
	}
}

void BPF_STRUCT_OPS(flatcg_running, struct task_struct *p)
{
	struct task_state *state = state_of(p);
	struct group *group;

	if (!state)
		return;
	group = group_at(state->slot);
	end_wait(state);
	state->charged = p->se.sum_exec_runtime;
	__sync_fetch_and_add(&group->nr_running, 1);
	if (vtime_before(group->vtime_clock, state->vtime))
		group->vtime_clock = state->vtime;
}

void BPF_STRUCT_OPS(flatcg_stopping, struct task_struct *p, bool runnable)
{
	struct task_state *state = state_of(p);

	if (!state)
		return;
	charge(p, state, RAN_AND_STOPS | (state->turn_charged ? 0 : RAN_A_TURN));
	state->turn_charged = false;
}

void BPF_STRUCT_OPS(flatcg_quiescent, struct task_struct *p, u64 deq_flags)
{
	struct task_state *state = state_of(p);

	if (!state)
		return;
	end_wait(state);
	if (__sync_fetch_and_add(&group_at(state->slot)->nr_runnable, -1) == 1) {
		count(FLATCG_DEACTIVATE);
		settle_weight(state->slot, 0);
	}
}

static void join(struct task_state *state, struct cgroup *cgrp)
{
	u32 slot = group_slot_of(cgrp);

	group_slot_get(slot);
	state->slot = slot;
	state->vtime = group_at(slot)->vtime_clock;
}

s32 BPF_STRUCT_OPS(flatcg_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	struct task_state *state = make_state(p);

	if (!state)
		return -ENOMEM;
	join(state, args->cgroup);
	return 0;
}

void BPF_STRUCT_OPS(flatcg_exit_task, struct task_struct *p, struct scx_exit_task_args *args)
{
	struct task_state *state = state_of(p);

	if (state)
		group_slot_put(state->slot);
}

void BPF_STRUCT_OPS(flatcg_cgroup_move, struct task_struct *p, struct cgroup *from, struct cgroup *to)
{
	struct task_state *state = state_of(p);
	u32 left;

	if (!state)
		return;
	left = state->slot;
	join(state, to);
	group_slot_put(left);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(flatcg_cgroup_init, struct cgroup *cgrp, struct scx_cgroup_init_args *args)
{
	struct group *group;
	bool own;
	u32 slot;
	s32 code;

	code = group_slot_create(cgrp, &slot, &own);
	if (code || !own)
		return code;
	group = group_at(slot);
	group->vtime = vtime_clock;
	group->burst = slice_ns;
	group->vtime_clock = 0;
	group->weight = args->weight;

	/* The queue stays with the slot. */
	code = scx_bpf_create_dsq(queue_of_group(slot), -1);
	return code == -EEXIST ? 0 : code;
}

void BPF_STRUCT_OPS(flatcg_cgroup_exit, struct cgroup *cgrp)
{
	group_slot_leave(cgrp);
}

void BPF_STRUCT_OPS(flatcg_cgroup_set_weight, struct cgroup *cgrp, u32 weight)
{
	u32 slot = group_slot_of(cgrp);

	/* A group that shares the slot of the one above has no weight of its own. */
	if (group_slots[group_index(slot)].level == (u32)cgrp->level)
		settle_weight(slot, weight);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(flatcg_init)
{
	return create_queues();
}

void BPF_STRUCT_OPS(flatcg_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(flatcg_ops,
	       .select_cpu = (void *)flatcg_select_cpu,
	       .enqueue = (void *)flatcg_enqueue,
	       .dispatch = (void *)flatcg_dispatch,
	       .tick = (void *)flatcg_tick,
	       .runnable = (void *)flatcg_runnable,
	       .running = (void *)flatcg_running,
	       .stopping = (void *)flatcg_stopping,
	       .quiescent = (void *)flatcg_quiescent,
	       .init_task = (void *)flatcg_init_task,
	       .exit_task = (void *)flatcg_exit_task,
	       .cgroup_init = (void *)flatcg_cgroup_init,
	       .cgroup_exit = (void *)flatcg_cgroup_exit,
	       .cgroup_move = (void *)flatcg_cgroup_move,
	       .cgroup_set_weight = (void *)flatcg_cgroup_set_weight,
	       .init = (void *)flatcg_init,
	       .exit = (void *)flatcg_exit,
	       .flags = SCX_OPS_HAS_CGROUP_WEIGHT,
	       .name = "flatcg");

