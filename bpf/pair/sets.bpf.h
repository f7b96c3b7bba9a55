/* SPDX-License-Identifier: GPL-2.0 */
/*
 * scx_pair's sets of CPUs: which groups wait for one, and whose turn it is.
 * scx_pair.bpf.c says how turns pass on, and which invariants hold.
 */
#ifndef PAIR_SETS_BPF_H
#define PAIR_SETS_BPF_H

#include <scx/group_slots.bpf.h>
#include <scx/task_states.bpf.h>

enum {
	MAX_CPUS = 4096,
	MAX_SETS = 4096,
	SET_CPUS = 8, /* at most in one set */
	SLOT_WORDS = GROUP_SLOTS / 64,
	SET_WORDS = MAX_SETS / 64,
	STALE_GROUPS = 128, /* to forget in one search */
	NO_GROUP = GROUP_SLOTS,
};

/* Set by the user half before loading. */
const volatile u64 turn_ns = 20000000;
const volatile u32 nr_sets = 1;
/* Of each CPU: its set, and which of the set's CPUs it is. */
const volatile u16 set_of_cpu[MAX_CPUS];
const volatile u8 index_in_set[MAX_CPUS];
/* The CPUs of each set; -1 behind the last. */
const volatile s16 cpus_of_set[MAX_SETS][SET_CPUS];

/* A turn is not cut short before it has lasted for so long. */
#define SHORTEST_TURN 2000000ULL

struct cpu_set {
	/* Guards what follows, runs included. A leaf: BPF holds one such lock at a time. */
	struct bpf_spin_lock lock;
	u32 group;
	u32 last; /* the group of the last full turn: the next one comes after it */
	u32 holders; /* a bit for each CPU */
	u32 leaving; /* CPUs still on a task of another group than the one they took the turn for */
	u64 turn_began;
	u64 turn_ends;
	bool draining;
	bool urgent; /* a kernel thread waits: the root's turn is next */

	/* The group, plus one, of the task that each CPU runs; 0 for none of ours. */
	u32 runs[SET_CPUS];

	/* Atomic. Tasks that wait and may run on this set alone, and the groups that have some. */
	u64 groups_here[SLOT_WORDS];
	s32 waiting_here[GROUP_SLOTS];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1); /* the user half makes it nr_sets */
	__type(key, u32);
	__type(value, struct cpu_set);
} sets SEC(".maps");

/* Atomic. Tasks that wait and may run anywhere, by group, and the groups that have some. */
static s32 waiting_anywhere[GROUP_SLOTS];
static u64 groups_anywhere[SLOT_WORDS];

/* Atomic. Sets that no CPU holds: a hint. */
static u64 idle_sets[SET_WORDS];

/* By CPU: its current task is one of ours. */
static bool runs_ours[MAX_CPUS];

enum waiting {
	WAITS_NOT,
	WAITS_ANYWHERE,
	WAITS_HERE,
};

struct task_state {
	u32 slot;
	u32 set; /* where it waits */
	enum waiting waiting;
};

SCX_TASK_STATES(struct task_state)

static __always_inline u32 cpu_index(s32 cpu)
{
	return (u32)cpu & (MAX_CPUS - 1);
}

static struct cpu_set *set_at(u32 set)
{
	return bpf_map_lookup_elem(&sets, &set);
}

static u32 bit_of(s32 cpu)
{
	return 1U << (index_in_set[cpu_index(cpu)] & (SET_CPUS - 1));
}

static bool waits(struct cpu_set *set, u32 slot)
{
	return waiting_anywhere[group_index(slot)] > 0 || set->waiting_here[group_index(slot)] > 0;
}

static void begin_wait(struct task_state *state, struct cpu_set *set, bool anywhere)
{
	u32 slot = group_index(state->slot), word = slot / 64;
	u64 bit = 1ULL << (slot % 64);

	state->waiting = anywhere ? WAITS_ANYWHERE : WAITS_HERE;
	if (anywhere) {
		__sync_fetch_and_add(&waiting_anywhere[slot], 1);
		__sync_fetch_and_or(&groups_anywhere[word & (SLOT_WORDS - 1)], bit);
	} else {
		__sync_fetch_and_add(&set->waiting_here[slot], 1);
		__sync_fetch_and_or(&set->groups_here[word & (SLOT_WORDS - 1)], bit);
	}
}

/* It waits no longer: it runs, or it was taken off. */
static void end_wait(struct task_state *state)
{
	u32 slot = group_index(state->slot);
	struct cpu_set *set;

	if (state->waiting == WAITS_ANYWHERE) {
		__sync_fetch_and_add(&waiting_anywhere[slot], -1);
	} else if (state->waiting == WAITS_HERE) {
		set = set_at(state->set);
		if (set)
			__sync_fetch_and_add(&set->waiting_here[slot], -1);
	}
	state->waiting = WAITS_NOT;
}

/* Clears the bit of a group of which nobody waits; who comes meanwhile sets it again. */
static void forget(struct cpu_set *set, u32 slot)
{
	u32 word = (slot / 64) & (SLOT_WORDS - 1);
	u64 bit = 1ULL << (slot % 64);

	slot = group_index(slot);
	__sync_fetch_and_and(&groups_anywhere[word], ~bit);
	__sync_fetch_and_and(&set->groups_here[word], ~bit);
	if (__sync_fetch_and_add(&waiting_anywhere[slot], 0) > 0)
		__sync_fetch_and_or(&groups_anywhere[word], bit);
	if (__sync_fetch_and_add(&set->waiting_here[slot], 0) > 0)
		__sync_fetch_and_or(&set->groups_here[word], bit);
}

/*
 * Functions that are not static are verified once, on their own, instead of
 * anew for each way that leads to them. Such a function returns a number.
 */

/* The first group after @last that the set could run a task of; @last itself comes last. */
__noinline u32 next_group(u32 number, u32 last)
{
	struct cpu_set *set = set_at(number);
	u32 at = last + 1, words = (group_slots_ever + 63) / 64, step;

	if (!set)
		return NO_GROUP;
	bpf_for(step, 0, 2 * words + STALE_GROUPS) {
		u32 word = (at / 64) & (SLOT_WORDS - 1), slot;
		u64 bits = (groups_anywhere[word] | set->groups_here[word]) & (~0ULL << (at % 64));

		if (!bits) {
			at = word + 1 < words ? (word + 1) * 64 : 0;
			continue;
		}
		slot = word * 64 + (u32)__builtin_ctzll(bits);
		if (waits(set, slot))
			return slot;
		forget(set, slot);
		at = slot + 1;
	}
	return NO_GROUP;
}

/* Lets idle CPUs of the set look for work; @flags may call them off what they do, too. */
__noinline int call_set(u32 set, u32 which, u64 flags)
{
	u32 i;

	bpf_for(i, 0, SET_CPUS) {
		s32 cpu = cpus_of_set[set & (MAX_SETS - 1)][i & (SET_CPUS - 1)];

		if (cpu < 0)
			break;
		if (which & (1U << i))
			scx_bpf_kick_cpu(cpu, flags);
	}
	return 0;
}

static void mark_idle(u32 set, bool idle)
{
	u64 bit = 1ULL << (set % 64), *word = &idle_sets[(set / 64) & (SET_WORDS - 1)];

	if (idle && !(*word & bit))
		__sync_fetch_and_or(word, bit);
	else if (!idle && (*word & bit))
		__sync_fetch_and_and(word, ~bit);
}

struct decision {
	u32 leaves;  /* given: the group of the task that the CPU comes from, NO_GROUP if of none */
	u32 group;   /* to take a task of; NO_GROUP: of none */
	u32 call_off; /* CPUs that have to stop */
	u32 others;  /* CPUs that may join */
	bool turned;
	u64 slice;
};

/*
 * Whether the CPU may take a task, and of which group. @next is a group that
 * waits, @skip one that has nothing for this CPU; NO_GROUP: none.
 */
__noinline int decide(u32 number, u32 me, u32 next, u32 skip, struct decision *decision)
{
	struct cpu_set *set = set_at(number);
	u64 now = bpf_ktime_get_ns();
	u32 others, group;
	bool over;

	if (!set || !decision)
		return -EINVAL;
	decision->group = NO_GROUP;
	decision->call_off = 0;
	decision->turned = false;

	bpf_spin_lock(&set->lock);
	group = set->group;
	others = set->holders & ~me;
	over = set->draining || !time_before(now, set->turn_ends);
	if (others && over && next != group && next != NO_GROUP) {
		if (!set->draining)
			decision->call_off = others;
		set->draining = true;
	} else if (!(set->leaving & ~me)) {
		if (!others && next != NO_GROUP && next != group &&
		    (over || group == skip ||
		     !(waiting_anywhere[group_index(group)] > 0 ||
		       set->waiting_here[group_index(group)] > 0))) {
			group = next;
			over = true;
			decision->turned = true;
		}
		if (over) {
			set->draining = false;
			set->turn_began = now;
			set->turn_ends = now + turn_ns;
			if (set->urgent && group == GROUP_ROOT)
				set->turn_ends = now + SHORTEST_TURN;
			else
				set->last = group;
		}
		if (group == GROUP_ROOT)
			set->urgent = false;
		set->group = group;
		set->holders |= me;
		/* Until it has switched the others would run beside the task that it comes from. */
		if (decision->leaves < NO_GROUP && decision->leaves != group)
			set->leaving |= me;
		else
			set->leaving &= ~me;
		decision->group = group;
		decision->slice = set->turn_ends - now;
	}
	decision->others = ~(set->holders | me);
	bpf_spin_unlock(&set->lock);
	return 0;
}

/* The CPU runs none of ours any longer. Who waited for that is called. */
__noinline int let_go(u32 number, s32 cpu)
{
	struct cpu_set *set = set_at(number);
	u32 bit = bit_of(cpu);
	bool drained, empty;

	if (!set)
		return -EINVAL;
	bpf_spin_lock(&set->lock);
	set->holders &= ~bit;
	set->runs[index_in_set[cpu_index(cpu)] & (SET_CPUS - 1)] = 0;
	empty = !set->holders;
	drained = empty && set->draining;
	bpf_spin_unlock(&set->lock);

	if (empty)
		mark_idle(number, true);
	if (drained)
		call_set(number, ~0U, SCX_KICK_IDLE);
	return 0;
}

/* The CPU has switched from a task of the group before: the others of its set may follow. */
__noinline int has_left(u32 number, s32 cpu)
{
	struct cpu_set *set = set_at(number);
	bool none = !runs_ours[cpu_index(cpu)];
	u32 bit = bit_of(cpu), others;

	if (!set)
		return -EINVAL;
	bpf_spin_lock(&set->lock);
	set->leaving &= ~bit;
	others = ~set->holders;
	if (none)
		set->runs[index_in_set[cpu_index(cpu)] & (SET_CPUS - 1)] = 0;
	bpf_spin_unlock(&set->lock);
	call_set(number, others, SCX_KICK_IDLE);
	return 0;
}

/* A set that nobody holds, if there is one, looks for work. */
__noinline int call_idle_set(void)
{
	u32 word;

	bpf_for(word, 0, (nr_sets + 63) / 64) {
		u64 bits = idle_sets[word & (SET_WORDS - 1)];

		if (bits)
			return call_set(word * 64 + (u32)__builtin_ctzll(bits), ~0U, SCX_KICK_IDLE);
	}
	return 0;
}

/* A set that nobody holds, for a task that may run there: one of its CPUs, else -1. */
static __noinline s32 find_idle_set(struct task_struct *p)
{
	u32 word, try, i;

	bpf_for(word, 0, (nr_sets + 63) / 64) {
		u64 bits = idle_sets[word & (SET_WORDS - 1)];

		bpf_for(try, 0, 8) {
			u32 set;

			if (!bits)
				break;
			set = word * 64 + (u32)__builtin_ctzll(bits);
			bits &= bits - 1;
			bpf_for(i, 0, SET_CPUS) {
				s32 cpu = cpus_of_set[set & (MAX_SETS - 1)][i & (SET_CPUS - 1)];

				if (cpu < 0)
					break;
				if (bpf_cpumask_test_cpu((u32)cpu, p->cpus_ptr))
					return cpu;
			}
		}
	}
	return -1;
}

#endif
