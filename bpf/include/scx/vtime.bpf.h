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

/*
 * A clock follows the largest vtime that has started to run, by `step` at most each time: who weighs
 * little gets far ahead within one slice, and whoever joins at the clock would wait as long as it.
 */
static __always_inline void vtime_advance(u64 *clock, u64 vtime, u64 step)
{
	u64 now = *clock;

	if (vtime_before(now, vtime))
		*clock = vtime_before(now + step, vtime) ? now + step : vtime;
}

#endif
