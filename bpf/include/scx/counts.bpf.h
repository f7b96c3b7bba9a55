/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a scheduler counts, each CPU for itself; the user half adds the CPUs up
 * (scx::sum_per_cpu of the map `counts`).
 *
 *	enum event { PLACED, STOLEN, NR_EVENTS };
 *	SCX_COUNTS(NR_EVENTS)
 *	...
 *		count(STOLEN);
 *
 * In any context, and from any program of the scheduler.
 */
#ifndef SCX_COUNTS_BPF_H
#define SCX_COUNTS_BPF_H

#define SCX_COUNTS(nr)								\
struct {									\
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);				\
	__uint(max_entries, nr);						\
	__type(key, u32);							\
	__type(value, u64);							\
} counts SEC(".maps");								\
										\
static inline void count_times(u32 what, u64 times)				\
{										\
	u64 *counter = bpf_map_lookup_elem(&counts, &what);			\
										\
	if (counter)								\
		*counter += times;						\
}										\
										\
static inline void count(u32 what)						\
{										\
	count_times(what, 1);							\
}

#endif
