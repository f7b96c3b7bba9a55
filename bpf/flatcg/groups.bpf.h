/* SPDX-License-Identifier: GPL-2.0 */
/*
 * scx_flatcg's groups, and what share of the machine each has: its weight among
 * the active groups beside it, times the share of the group above.
 */
#ifndef FLATCG_GROUPS_BPF_H
#define FLATCG_GROUPS_BPF_H

#include <scx/group_slots.bpf.h>
#include <scx/vtime.bpf.h>

/* Shares in 1/2^32; less than a millionth is rounded up to that. */
#define WHOLE (1ULL << 32)
#define LEAST_SHARE (WHOLE >> 20)

struct group {
	/* Under order_lock. */
	u64 vtime;
	u64 place; /* in the heap's order */
	u64 turn;  /* what one turn costs in virtual time, as last computed */
	u64 burst; /* how long its tasks run at a time: a moving average in ns */
	u32 heap_index;
	bool in_heap;

	/* Under weight_lock. */
	bool active_itself; /* a task of its own is runnable */
	u32 weight;
	u32 counted; /* what of its weight is in active_weight of the group above */
	u32 active_weight; /* of the active groups below, and of its own tasks */

	/* Atomic. */
	s32 nr_runnable;
	s32 nr_running;
	s32 nr_waiting; /* in the group's queue */
	s32 nr_waiting_on_cpus; /* in queues of CPUs */
	u64 vtime_clock; /* of its tasks; written as in scx_simple */
};

static struct group groups[GROUP_SLOTS];

/* Guards what struct group says is under it, of all groups. A leaf: BPF holds one such lock at a time. */
private(weights) struct bpf_spin_lock weight_lock;

static __always_inline struct group *group_at(u32 slot)
{
	return &groups[group_index(slot)];
}

/* Of the machine, for the tasks of the group itself. Without a lock: what changes meanwhile counts next time. */
__noinline u64 share_of(u32 slot)
{
	u64 share = WHOLE, all, part;
	u32 level;

	all = group_at(slot)->active_weight;
	if (all > SCX_WEIGHT_DEFAULT)
		share = share * SCX_WEIGHT_DEFAULT / all;
	bpf_for(level, 0, GROUP_LEVELS) {
		u32 above;

		if (slot == GROUP_ROOT)
			break;
		above = group_slots[group_index(slot)].above;
		part = group_at(slot)->weight;
		all = group_at(above)->active_weight;
		if (all > part)
			share = share * part / all;
		slot = above;
	}
	return share > LEAST_SHARE ? share : LEAST_SHARE;
}

/* Carries a change of a group's weight or activity up to where it makes no difference. */
__noinline int settle_weight(u32 slot, u32 new_weight)
{
	u32 level;
	bool active;
	struct group *group = group_at(slot);

	bpf_spin_lock(&weight_lock);
	if (new_weight)
		group->weight = new_weight;
	active = group->nr_runnable > 0;
	if (active != group->active_itself) {
		group->active_itself = active;
		if (active)
			group->active_weight += SCX_WEIGHT_DEFAULT;
		else
			group->active_weight -= SCX_WEIGHT_DEFAULT;
	}
	for (level = 0; level < GROUP_LEVELS; level++) {
		struct group *above;
		u32 wanted;

		if (slot == GROUP_ROOT)
			break;
		group = group_at(slot);
		wanted = group->active_weight ? group->weight : 0;
		if (wanted == group->counted)
			break;
		slot = group_slots[group_index(slot)].above;
		above = group_at(slot);
		above->active_weight += wanted - group->counted;
		group->counted = wanted;
	}
	bpf_spin_unlock(&weight_lock);
	return 0;
}

#endif
