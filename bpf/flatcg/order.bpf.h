/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The order of scx_flatcg's groups: a heap of those whose tasks wait, by the
 * virtual time at which each would have used one turn more. scx_flatcg.bpf.c
 * says what the order is good for, and which invariants it has.
 *
 * Bounds: each change costs the logarithm of the number of groups.
 */
#ifndef FLATCG_ORDER_BPF_H
#define FLATCG_ORDER_BPF_H

#include "groups.bpf.h"

enum {
	RETIRE_TRIES = 4,
	HEAP_LEVELS = 13, /* 2^13 > GROUP_SLOTS */
};

#define MILLISECOND 1000000ULL
/* Turns get shorter when more tasks than this wait for each CPU, down to a limit. */
#define CROWD 32
#define SHORTEST_SLICE MILLISECOND
/* How far a group may be ahead of the clock: in time of one CPU, and in turns besides those it uses. */
#define LEAD_LIMIT (4000 * MILLISECOND)
#define LEAD_TURNS 4

/* Guards the heap, the clock, and what struct group says is under it. A leaf: BPF holds one such lock at a time. */
private(order) struct bpf_spin_lock order_lock;
private(order) u32 heap[GROUP_SLOTS];
private(order) u32 heap_size;
private(order) u64 vtime_clock;


/* Tasks that wait in any queue. */
static s32 total_waiting;

/*
 * The index in the heap that is being worked on. In memory, because the verifier
 * forgets there what it found out about a number: else it would follow each way
 * through the heap on its own.
 */
private(order) u32 heap_cursor;

static __always_inline void heap_put(u32 index, u32 slot)
{
	heap[group_index(index)] = slot;
	group_at(slot)->heap_index = index;
}

static __always_inline u64 place_at(u32 index)
{
	return group_at(heap[group_index(index)])->place;
}

/* Moves the group to where its place says. */
static __noinline void heap_settle(u32 slot)
{
	u64 place = group_at(slot)->place;
	u32 step;

	WRITE_ONCE(heap_cursor, group_at(slot)->heap_index);
	for (step = 0; step < HEAP_LEVELS; step++) {
		u32 index = READ_ONCE(heap_cursor), parent = (index - 1) / 2;

		if (!index || !vtime_before(place, place_at(parent)))
			break;
		heap_put(index, heap[group_index(parent)]);
		WRITE_ONCE(heap_cursor, parent);
	}
	for (step = 0; step < HEAP_LEVELS; step++) {
		u32 index = READ_ONCE(heap_cursor), child = 2 * index + 1;

		if (child >= heap_size)
			break;
		if (child + 1 < heap_size && vtime_before(place_at(child + 1), place_at(child)))
			child++;
		if (!vtime_before(place_at(child), place))
			break;
		heap_put(index, heap[group_index(child)]);
		WRITE_ONCE(heap_cursor, child);
	}
	heap_put(READ_ONCE(heap_cursor), slot);
}

static __noinline void heap_add(u32 slot)
{
	struct group *group = group_at(slot);

	group->in_heap = true;
	group->heap_index = heap_size++;
	heap_settle(slot);
}

static __noinline void heap_remove_first(void)
{
	u32 last = heap[group_index(heap_size - 1)];

	group_at(heap[0])->in_heap = false;
	heap_size--;
	if (heap_size) {
		group_at(last)->heap_index = 0;
		heap_settle(last);
	}
}

/* How long a turn is now. */
static u64 slice_now(void)
{
	u64 crowd = (u64)nr_cpus * CROWD, slice;
	s32 waiting = total_waiting;

	if (waiting <= 0 || (u64)waiting <= crowd)
		return slice_ns;
	slice = slice_ns * crowd / (u64)waiting;
	return slice > SHORTEST_SLICE ? slice : SHORTEST_SLICE;
}

/* In virtual time. @ran is at most a second or so. */
static __always_inline u64 cost_of(u64 ran, u64 share)
{
	return ran * (WHOLE >> 12) / (share >> 12 ? share >> 12 : 1);
}

/* For the holder of order_lock: the group's place after its vtime, share or running tasks changed. */
static __always_inline void find_place(struct group *group, u64 share, u64 slice)
{
	u64 running = (u64)group->nr_running, ahead, limit;

	/* Not of `slice`: in a crowd that shrinks with each group, and all would have the same place. */
	group->turn = cost_of(group->burst, share);

	limit = cost_of(slice, share) * (running + LEAD_TURNS);
	if (limit > nr_cpus * LEAD_LIMIT)
		limit = nr_cpus * LEAD_LIMIT;
	if (vtime_before(vtime_clock + limit, group->vtime))
		group->vtime = vtime_clock + limit;

	ahead = group->turn * (running + 1);
	if (ahead > nr_cpus * LEAD_LIMIT)
		ahead = nr_cpus * LEAD_LIMIT;
	if (vtime_before(group->vtime + ahead, vtime_clock))
		group->vtime = vtime_clock - ahead;
	group->place = group->vtime + ahead;
}

/*
 * Functions that are not static are verified once, on their own, instead of
 * anew for each way that leads to them. Such a function returns a number.
 */

enum {
	RAN_A_TURN = 1, /* from its beginning to its end */
	RAN_AND_STOPS = 2,
};

/* A task of the group has run for @ran ns. */
__noinline int group_ran(u32 slot, u64 ran, u32 flags)
{
	struct group *group = group_at(slot);
	u64 slice = slice_now(), share = share_of(slot), cost;

	if (ran > 1000 * MILLISECOND)
		ran = 1000 * MILLISECOND;
	cost = cost_of(ran, share);
	if (flags & RAN_AND_STOPS)
		__sync_fetch_and_add(&group->nr_running, -1);

	bpf_spin_lock(&order_lock);
	group->vtime += cost;
	if (flags & RAN_A_TURN)
		group->burst = (3 * group->burst + ran) / 4;
	find_place(group, share, slice);
	if (group->in_heap)
		heap_settle(slot);
	bpf_spin_unlock(&order_lock);
	return 0;
}

/* The group's first runnable task: what it did not use while it slept is gone. */
static void group_wakes(u32 slot)
{
	struct group *group = group_at(slot);

	settle_weight(slot, 0);
	bpf_spin_lock(&order_lock);
	if (vtime_before(group->vtime, vtime_clock))
		group->vtime = vtime_clock;
	bpf_spin_unlock(&order_lock);
}

/* A task of the group is about to wait in its queue. */
__noinline int group_awaits_turn(u32 slot, u64 slice)
{
	struct group *group = group_at(slot);
	u64 share = share_of(slot);

	bpf_spin_lock(&order_lock);
	__sync_fetch_and_add(&group->nr_waiting, 1);
	if (!group->in_heap) {
		find_place(group, share, slice);
		heap_add(slot);
	}
	bpf_spin_unlock(&order_lock);
	return 0;
}

/* The place of a task that waits on its CPU: its group's, after its siblings that do the same. */
__noinline u64 place_on_cpu(u32 slot, u64 slice)
{
	struct group *group = group_at(slot);
	u64 share = share_of(slot), place, waiting;

	waiting = (u64)__sync_fetch_and_add(&group->nr_waiting_on_cpus, 1);
	if (waiting > LEAD_TURNS)
		waiting = LEAD_TURNS;

	bpf_spin_lock(&order_lock);
	find_place(group, share, slice);
	if (group->in_heap)
		heap_settle(slot);
	place = group->place + group->turn * waiting;
	bpf_spin_unlock(&order_lock);
	return place;
}

/* For the holder of order_lock: a turn begins at this vtime, and others wait for theirs. */
static __always_inline void advance_clock(u64 start)
{
	if (vtime_before(vtime_clock, start))
		vtime_clock = start;
}

/* What there is to choose from besides the first group of the heap. */
enum {
	CONTENDER = 1, /* at @place, of a group whose vtime is @start */
	CONTENDED = 2, /* it has won against another one already */
};

/*
 * The first group whose tasks wait, unless a contender comes before it; then -1.
 * The group takes its next place at once, so that other CPUs see it.
 */
__noinline s64 pick_group(u64 place, u64 start, u32 contender)
{
	s64 picked = -1;
	u32 attempt;

	bpf_spin_lock(&order_lock);
	for (attempt = 0; attempt < RETIRE_TRIES; attempt++) {
		struct group *group;
		u32 slot;

		if (!heap_size)
			break;
		slot = heap[0];
		group = group_at(slot);
		if (group->nr_waiting <= 0) {
			heap_remove_first();
			continue;
		}
		if (contender && !vtime_before(group->place, place))
			break;
		advance_clock(group->vtime);
		group->place += group->turn;
		heap_settle(slot);
		picked = slot;
		break;
	}
	if (picked < 0 && contender && (heap_size || (contender & CONTENDED)))
		advance_clock(start);
	bpf_spin_unlock(&order_lock);
	return picked;
}

#endif
