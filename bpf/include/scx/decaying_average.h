/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The average of a quantity that changes in steps, in which the past fades: what lies one
 * half-life back counts half. Shared by C for BPF and C++.
 *
 * While `value` holds for a time, average = average * keep + value * (1 - keep), where keep is
 * 2^-(time / half-life). This is linear: averages of the parts of a sum, kept apart on different
 * CPUs, say, add up to the average of the sum, and a part may be negative.
 *
 * Bounds: |value| < 2^40; half-lives up to 2^37 ns (137 s). Between the 65 values of its table
 * keep is interpolated, which makes a half-life at most 0.6 % longer where steps are tiny.
 */
#ifndef SCX_DECAYING_AVERAGE_H
#define SCX_DECAYING_AVERAGE_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

enum { DECAYING_AVERAGE_SHIFT = 20 };

struct decaying_average {
	__s64 value;	/* of now */
	__s64 average;	/* << DECAYING_AVERAGE_SHIFT */
};

/* 2^32 * (1 - 2^-(i/64)) */
static const __u32 decaying_average_lost[65] = {
	0, 46265331, 92032293, 137306253, 182092523, 226396356, 270222948, 313577441,
	356464920, 398890416, 440858905, 482375309, 523444500, 564071294, 604260456, 644016702,
	683344693, 722249044, 760734318, 798805029, 836465643, 873720577, 910574202, 947030839,
	983094767, 1018770214, 1054061366, 1088972362, 1123507297, 1157670222, 1191465145, 1224896029,
	1257966796, 1290681325, 1323043454, 1355056979, 1386725654, 1418053194, 1449043275, 1479699531,
	1510025558, 1540024914, 1569701117, 1599057648, 1628097951, 1656825433, 1685243462, 1713355373,
	1741164462, 1768673993, 1795887191, 1822807249, 1849437324, 1875780541, 1901839989, 1927618725,
	1953119772, 1978346123, 2003300735, 2027986537, 2052406424, 2076563260, 2100459879, 2124099084,
	2147483648,
};

/* How much of the past `passed` ns make an average forget: 2^32 * (1 - keep), 2^32 for all. */
static inline __u64 decaying_average_loss(__u64 passed, __u64 half_life)
{
	const __u64 all = 1ULL << 32;
	__u64 half_lives, fraction, lost; /* half_lives << 32 */
	__u32 index;

	if (passed >= half_life * 32)
		return all;
	half_lives = passed < all ? (passed << 32) / half_life : ((passed << 20) / half_life) << 12;

	fraction = half_lives & (all - 1);
	index = (__u32)(fraction >> 26) & 63;
	fraction &= (1ULL << 26) - 1;
	lost = decaying_average_lost[index];
	lost += ((__u64)(decaying_average_lost[index + 1] - decaying_average_lost[index]) *
		 fraction) >> 26;
	return all - ((all - lost) >> (half_lives >> 32));
}

/* Lets the time pass in which `value` held. @loss: of that time. */
static inline void decaying_average_advance(struct decaying_average *of, __u64 loss)
{
	/* BPF multiplies 64 bits by 64 into 64, and divides without a sign. */
	const __s64 distance = (of->value << DECAYING_AVERAGE_SHIFT) - of->average;
	const __u64 size = (__u64)(distance < 0 ? -distance : distance);
	const __s64 step = (__s64)((size >> 32) * loss + (((size & 0xffffffffULL) * loss) >> 32));

	of->average += distance < 0 ? -step : step;
}

#endif
