/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How CPUs take tasks of other domains: for want of work, or because their domain has less than its
 * part to do and the user half could not divide the tasks any better.
 *
 * Lending: of the time that a CPU has for its own tasks a part is the others'. It adds up while the CPU
 * runs its own tasks, and when it has become a slice, a turn of a borrower's task follows one of them.
 * What others do with a CPU that has no work of its own costs nobody anything, and does not count.
 */
#ifndef SCX_ATROPOS_STEAL_BPF_H
#define SCX_ATROPOS_STEAL_BPF_H

/* Set by the user half before loading: how many must wait in a queue before others take from it. */
const volatile s32 greedy_threshold = 1;

/* Set while running: what part of its tasks' time each domain lends, and which domains may borrow. */
u32 lent_parts[ATROPOS_MAX_DOMAINS];
u64 borrowers;

struct lender {
	s64 due;	/* ns for others, two slices at most: what was not asked for is lost */
	u64 counted;	/* ns of the turn that is on, as far as they are in `due` */
	bool lends_next;
	bool lends;	/* the turn that is on is a borrower's: nobody takes it back */
	u64 apart[5];	/* those of two CPUs share no cache line */
};

/* Of each CPU: written under its runqueue's lock, sometimes by another one. */
static struct lender lenders[ATROPOS_MAX_CPUS];

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
	return MEMBER_VPTR(lenders, [cpu]);
}

/* In ops.running(). Whoever is to have a lent turn is a stranger. */
static void begin_turn(struct lender *lender, bool is_own)
{
	lender->counted = 0;
	lender->lends = lender->lends_next && !is_own;
	if (lender->lends)
		lender->lends_next = false;
}

/* The turn that is on, on a CPU of domain @own, has taken @ran ns so far and is over, or prolonged. */
static void account_turn(struct lender *lender, u32 own, bool is_own, u64 ran)
{
	const u32 *part = MEMBER_VPTR(lent_parts, [own]);
	u64 more = ran - lender->counted;

	lender->counted = ran;
	if (lender->lends)
		lender->due -= (s64)more;
	else if (is_own && part)
		lender->due += (s64)(more * *part / (ATROPOS_WHOLE_PART - *part));
	lender->lends = false;
}

/* In ops.dispatch() of a CPU of domain @own that has work of its own: whether a borrower goes first. */
static bool lend_turn(struct lender *lender, u32 own)
{
	const u32 *part = MEMBER_VPTR(lent_parts, [own]);

	if (!part || likely(!*part))
		return false;
	if (lender->due > 2 * (s64)slice_ns)
		lender->due = 2 * (s64)slice_ns;
	if (lender->due < (s64)slice_ns || !steal(own, borrowers, 1))
		return false;
	lender->lends_next = true;
	return true;
}

#endif
