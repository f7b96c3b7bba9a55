/* SPDX-License-Identifier: GPL-2.0 */
/* What the two halves of scx_atropos tell each other. Shared by C for BPF and C++. */
#ifndef SCX_ATROPOS_H
#define SCX_ATROPOS_H

#include <scx/decaying_average.h>

enum {
	ATROPOS_MAX_CPUS = 1024,
	/* The queue of a domain has the domain's number, and sets of domains are 64-bit masks. */
	ATROPOS_MAX_DOMAINS = 64,
	/* In place of a domain: of a CPU that came after the scheduler was loaded. */
	ATROPOS_NO_DOMAIN = 255,
	/* The duty of a task that always wants to run. */
	ATROPOS_DUTY_SHIFT = 10,
	ATROPOS_WHOLE_DUTY = 1 << ATROPOS_DUTY_SHIFT,
	/* All of a CPU's time. */
	ATROPOS_PART_SHIFT = 10,
	ATROPOS_WHOLE_PART = 1 << ATROPOS_PART_SHIFT,
};

/* Keys of the map `counts`: how often, since the scheduler was loaded. */
enum atropos_count {
	/* Where tasks that became runnable went: straight to a CPU … */
	ATROPOS_TO_WAKER,	/* of the domain, that of the task that woke it */
	ATROPOS_TO_PREVIOUS,	/* of the domain, idle, where it was last */
	ATROPOS_TO_IDLE,	/* of the domain, idle */
	ATROPOS_DIRECT_GREEDY,	/* of another domain, idle */
	ATROPOS_LOCAL_KTHREAD,	/* its only one: a kernel thread that does not queue */
	ATROPOS_PINNED,		/* where it is bound to be: no other CPU would find it */
	/* … or into the queue of their domain. */
	ATROPOS_QUEUED,
	/* Who took them from a queue. */
	ATROPOS_TAKEN,		/* a CPU of the domain */
	ATROPOS_STOLEN,		/* a CPU of another one that had nothing to do */
	ATROPOS_LENT,		/* the same, but it had: its domain has less than its part to do */
	ATROPOS_KICK_GREEDY,	/* idle CPUs of other domains that were woken to look */
	ATROPOS_KEPT,		/* turns prolonged: nobody who waits is owed more */
	ATROPOS_GIVEN_BACK,	/* turns of strangers cut short: the CPU's own domain has work */
	ATROPOS_CUT_SHORT,	/* turns cut short for who is owed more than one */
	ATROPOS_MOVED,		/* tasks that changed their domain: as the balancer wished */
	ATROPOS_FORCED,		/*	because their affinity left the old one */
	ATROPOS_NR_COUNTS,
};

/*
 * What the runnable tasks of a domain weigh: the part that one CPU saw. The two versions differ
 * while that CPU writes; a reader that goes through the struct from its start to its end and finds
 * them equal has seen one state.
 */
struct atropos_load {
	__u64 version_after;
	__u64 at;			 /* ns, CLOCK_MONOTONIC: when the averages were true */
	struct decaying_average weights; /* of the runnable tasks, added up */
	struct decaying_average duties;	 /* runnable tasks * ATROPOS_WHOLE_DUTY */
	__u64 version_before;
};

/* What the program `report_tasks` writes about each task that had something to do lately. */
struct atropos_task {
	__u64 domains;	/* a bit for each that has a CPU which the task may use */
	__u64 duty;	/* of now; ATROPOS_WHOLE_DUTY << DECAYING_AVERAGE_SHIFT: always runnable */
	__s32 tid;
	__u32 weight;	/* 1..10000 */
	__u8 domain;
	__u8 wanted;	/* where the balancer wants it: differs until it runs again */
	__u8 kworker;	/* a worker thread of the kernel */
	__u8 reserved[5];
};

/*
 * How far behind the clock of its new domain (ns of virtual time) a task begins that was @lag behind
 * that of its old one: what it is owed, or owes, goes with it, but no more than @slice is owed to
 * anybody. A task too heavy for the machine runs all the time, and stays behind a clock that lighter
 * ones drive without being owed anything. Were it let catch up elsewhere, who is there would wait: 50 ms
 * cost one of nice -20 four seconds.
 */
static inline __s64 atropos_lag_elsewhere(__s64 lag, __u64 slice, __u32 weight)
{
	const __s64 most = (__s64)(slice * 100 / weight);

	return lag < most ? lag : most;
}

/* The argument of the program `move_task`, which answers 0 or -ESRCH. */
struct atropos_move {
	__s32 tid;
	__u32 domain;
};

#endif
