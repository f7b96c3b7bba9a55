/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Places in virtual time, by CPU, for tasks that must stay on one. They share only that CPU with each
 * other, and it may be far behind a clock that follows many CPUs: one that joined them at the clock
 * would wait until all of them are as far, which the watchdog does not.
 *
 * Written without a lock: a lost update costs a little fairness for an instant, never correctness.
 */
#ifndef SCX_VTIME_PLACES_BPF_H
#define SCX_VTIME_PLACES_BPF_H

#include <scx/vtime.bpf.h>

enum { VTIME_PLACES = 1024 /* further CPUs share them */ };

/* The vtime of what has started last on each CPU. */
static u64 vtime_places[VTIME_PLACES];

/* Whether @p goes by the place of its CPU. */
static __always_inline bool vtime_goes_by_place(const struct task_struct *p)
{
	return p->nr_cpus_allowed == 1;
}

/* Of the CPU that @p is on. */
static __always_inline u64 *vtime_place_of(const struct task_struct *p)
{
	return &vtime_places[(u32)scx_bpf_task_cpu(p) % VTIME_PLACES];
}

/*
 * Where @p, which goes by the place of its CPU, waits: behind what runs there by what its @slice (ns)
 * can cost at most, and before it, if it has slept, by a slice at most.
 */
static __always_inline u64 vtime_by_place(const struct task_struct *p, bool woke, u64 slice)
{
	u64 here = *vtime_place_of(p), vtime = p->scx.dsq_vtime;
	u64 latest = here + vtime_charge(slice, p->scx.weight);

	if (woke && vtime_before(vtime, here - slice))
		return here - slice;
	return vtime_before(latest, vtime) ? latest : vtime;
}

#endif
