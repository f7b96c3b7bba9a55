/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How CPUs take tasks of other domains: for want of work, or because their domain has less than its
 * part to do and the user half could not divide the tasks any better.
 *
 * Lending: of each CPU's time a part is the others'. It adds up while the CPU runs its own tasks, and
 * when it has become a slice, the next turn is one of a borrower's tasks.
 */
#ifndef SCX_ATROPOS_STEAL_BPF_H
#define SCX_ATROPOS_STEAL_BPF_H

/* Set by the user half before loading: how many must wait in a queue before others take from it. */
const volatile s32 greedy_threshold = 1;

/* Set while running: what part of its CPUs' time each domain lends, and which domains may borrow. */
u32 lent_parts[ATROPOS_MAX_DOMAINS];
u64 borrowers;

struct lender {
	u64 since;	/* when the last turn ended */
	u64 due;	/* ns for others, two slices at most: what was not asked for is lost */
	bool lends;	/* this turn is one of them: nobody takes it back */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct lender);
} lenders SEC(".maps");

/* One of @among, of which at least @least tasks wait; near ones first. */
static bool steal(u32 own, u64 among, s32 least)
{
	u32 step;

	bpf_for(step, 1, nr_neighbour_steps()) {
		u32 other = neighbour(own, step);

		if (other < ATROPOS_MAX_DOMAINS && among & (1ULL << other) &&
		    scx_bpf_dsq_nr_queued(other) >= least && scx_bpf_consume(other))
			return true;
	}
	return false;
}

static struct lender *lender_at(s32 cpu)
{
	u32 zero = 0;

	return bpf_map_lookup_percpu_elem(&lenders, &zero, (u32)cpu);
}

/* In ops.dispatch(), once each time: whether the next turn on @cpu of domain @own is a borrower's. */
static bool lend_turn(s32 cpu, u32 own, u64 slice)
{
	struct lender *lender = lender_at(cpu);
	u32 *part = MEMBER_VPTR(lent_parts, [own]);
	u64 now;

	if (!lender || !part)
		return false;
	lender->lends = false;
	if (likely(!*part)) {
		lender->since = 0;
		return false;
	}
	now = bpf_ktime_get_ns();
	if (lender->since) {
		lender->due += ((now - lender->since) * *part) >> ATROPOS_PART_SHIFT;
		if (lender->due > 2 * slice)
			lender->due = 2 * slice;
	}
	lender->since = now;
	if (lender->due < slice || !steal(own, borrowers, 1))
		return false;
	lender->due -= slice;
	lender->lends = true;
	return true;
}

#endif
