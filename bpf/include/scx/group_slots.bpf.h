/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Cgroups by number: each cgroup with a CPU controller has a slot, so that what
 * a scheduler knows about it stands in plain arrays. Those can be read and
 * written under a BPF spin lock, where no map can be looked up, and walked up
 * to the root without a reference on the way.
 *
 *	struct my_group groups[GROUP_SLOTS];	// groups[group_index(slot)]
 *
 * A slot is kept while anything names it: its cgroup, the slots below it, and
 * tasks, which outlive their cgroup when they exit. The root has slot 0. Groups
 * deeper than GROUP_LEVELS, and those for which no slot is left, share the slot
 * of the group above; groups_merged counts them.
 *
 * From ops.cgroup_init call group_slot_create(), from ops.cgroup_exit
 * group_slot_leave(); a task that is in a group holds group_slot_get(), and
 * lets go with group_slot_put().
 */
#ifndef SCX_GROUP_SLOTS_BPF_H
#define SCX_GROUP_SLOTS_BPF_H

enum {
	GROUP_SLOTS = 4096, /* a power of two */
	GROUP_LEVELS = 16,  /* below the root */
	GROUP_ROOT = 0,
};

struct group_slot {
	s64 references;
	u32 above; /* the slot of the parent */
	u32 level;
};

/* What a cgroup's own storage holds. */
struct group_slot_of {
	u32 slot;
};

struct {
	__uint(type, BPF_MAP_TYPE_CGRP_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct group_slot_of);
} group_slots_of SEC(".maps");

static struct group_slot group_slots[GROUP_SLOTS];

/* Guards what follows: the slots that were used once and are free again, and how many ever were. */
private(group_slots) struct bpf_spin_lock group_slots_lock;
private(group_slots) u32 group_slots_free[GROUP_SLOTS];
private(group_slots) u32 group_slots_nr_free;
private(group_slots) u32 group_slots_ever = 1;

static s64 groups_used, groups_merged;

static __always_inline u32 group_index(u32 slot)
{
	return slot & (GROUP_SLOTS - 1);
}

/* Only while something else holds the slot. */
static __always_inline void group_slot_get(u32 slot)
{
	__sync_fetch_and_add(&group_slots[group_index(slot)].references, 1);
}

/* In any context. A slot that nobody names any more gives up the one above. */
static __noinline void group_slot_put(u32 slot)
{
	u32 step;

	bpf_for(step, 0, GROUP_LEVELS + 1) {
		struct group_slot *left = &group_slots[group_index(slot)];

		if (slot == GROUP_ROOT || __sync_fetch_and_add(&left->references, -1) != 1)
			break;
		bpf_spin_lock(&group_slots_lock);
		group_slots_free[group_index(group_slots_nr_free++)] = slot;
		bpf_spin_unlock(&group_slots_lock);
		__sync_fetch_and_add(&groups_used, -1);
		slot = left->above;
	}
}

/* A slot with one reference; @above if there is none for it. */
static __always_inline u32 group_slot_take(u32 above)
{
	u32 slot = GROUP_ROOT, level = group_slots[group_index(above)].level + 1;
	struct group_slot *taken;

	if (level <= GROUP_LEVELS) {
		bpf_spin_lock(&group_slots_lock);
		if (group_slots_nr_free)
			slot = group_slots_free[group_index(--group_slots_nr_free)];
		else if (group_slots_ever < GROUP_SLOTS)
			slot = group_slots_ever++;
		bpf_spin_unlock(&group_slots_lock);
	}
	group_slot_get(above);
	if (slot == GROUP_ROOT) {
		__sync_fetch_and_add(&groups_merged, 1);
		return above;
	}
	taken = &group_slots[group_index(slot)];
	taken->above = above;
	taken->level = level;
	taken->references = 1;
	__sync_fetch_and_add(&groups_used, 1);
	return slot;
}

/* The root's where the cgroup has none: it came before the scheduler and left meanwhile. */
static __always_inline u32 group_slot_of(struct cgroup *cgrp)
{
	struct group_slot_of *found = bpf_cgrp_storage_get(&group_slots_of, cgrp, NULL, 0);

	return found ? found->slot : GROUP_ROOT;
}

/* Sets *slot. *own is false when the group shares the slot of the one above. May sleep. */
static __always_inline s32 group_slot_create(struct cgroup *cgrp, u32 *slot, bool *own)
{
	struct group_slot_of *entry;
	struct cgroup *parent;
	u32 above = GROUP_ROOT;

	*slot = GROUP_ROOT;
	*own = true;
	entry = bpf_cgrp_storage_get(&group_slots_of, cgrp, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!entry)
		return -ENOMEM;
	if (cgrp->level > 0) {
		parent = bpf_cgroup_ancestor(cgrp, cgrp->level - 1);
		if (parent) {
			above = group_slot_of(parent);
			bpf_cgroup_release(parent);
		}
		*slot = group_slot_take(above);
		*own = *slot != above;
	}
	entry->slot = *slot;
	return 0;
}

static __always_inline void group_slot_leave(struct cgroup *cgrp)
{
	if (cgrp->level > 0)
		group_slot_put(group_slot_of(cgrp));
}

#endif
