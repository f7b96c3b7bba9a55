/* SPDX-License-Identifier: GPL-2.0 */
/* Virtual time: unsigned nanoseconds scaled by weight, compared modulo 2^64. */
#ifndef SCX_VTIME_BPF_H
#define SCX_VTIME_BPF_H

/* The weight, in cgroup units, of a task at nice 0: its vtime runs like the clock. */
#define SCX_WEIGHT_DEFAULT 100

static __always_inline bool vtime_before(u64 left, u64 right)
{
	return (s64)(left - right) < 0;
}

/* What `ran` nanoseconds on a CPU cost a task of `weight` (1..10000) in virtual time. */
static __always_inline u64 vtime_charge(u64 ran, u32 weight)
{
	return ran * SCX_WEIGHT_DEFAULT / weight;
}

#endif
