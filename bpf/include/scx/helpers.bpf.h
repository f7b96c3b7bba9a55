/* SPDX-License-Identifier: GPL-2.0 */
/* Small answers that most schedulers need: about tasks, time, numbers, CPUs. */
#ifndef SCX_HELPERS_BPF_H
#define SCX_HELPERS_BPF_H

/*
 * Whether @p stays on its CPU for now. BPF programs themselves run with
 * migration disabled, so for the current task a count of 1 is our own.
 */
static inline bool is_migration_disabled(const struct task_struct *p)
{
	if (!bpf_core_field_exists(p->migration_disabled))
		return false;
	return p->migration_disabled > (bpf_get_current_task_btf() == p);
}

/* @value in proportion to the weight of @p, where 100 is a task of nice 0; and its inverse. */
static inline u64 scale_by_task_weight(const struct task_struct *p, u64 value)
{
	return value * p->scx.weight / 100;
}

static inline u64 scale_by_task_weight_inverse(const struct task_struct *p, u64 value)
{
	return value * 100 / p->scx.weight;
}

/* Moments are u64 that wrap: half of all values lie before a moment, half after it. */
static inline bool time_before(u64 a, u64 b)
{
	return (s64)(a - b) < 0;
}

static inline bool time_after(u64 a, u64 b)
{
	return time_before(b, a);
}

static inline bool time_before_eq(u64 a, u64 b)
{
	return !time_before(b, a);
}

static inline bool time_after_eq(u64 a, u64 b)
{
	return !time_before(a, b);
}

/* From @begin to @end; the second kind leaves @end itself out. */
static inline bool time_in_range(u64 moment, u64 begin, u64 end)
{
	return time_after_eq(moment, begin) && time_before_eq(moment, end);
}

static inline bool time_in_range_open(u64 moment, u64 begin, u64 end)
{
	return time_after_eq(moment, begin) && time_before(moment, end);
}

/* 0 if clocks of two CPUs disagree about what came first. */
static inline s64 time_delta(u64 after, u64 before)
{
	s64 passed = (s64)(after - before);

	return passed < 0 ? 0 : passed;
}

/* The highest bit of @value, from 0; 0 for 0. Without loops or tables. */
static inline u32 log2_u32(u32 value)
{
	u32 bit = 0, half;

#pragma unroll
	for (half = 16; half; half /= 2)
		if (value >> half) {
			value >>= half;
			bit += half;
		}
	return bit;
}

/* One more than the highest bit, so that 0 is told from 1: as its users know it. */
static inline u32 log2_u64(u64 value)
{
	u32 high = (u32)(value >> 32);

	return (high ? 32 + log2_u32(high) : log2_u32((u32)value)) + 1;
}

/* The square root, to within a few units in the last place after eight steps of Newton's. */
static inline u64 __sqrt_u64(u64 square)
{
	u64 root = square >> 32 ? 1ULL << 32 : square;
	int step;

	if (square < 2)
		return square;
	for (step = 0; step < 8; step++) {
		u64 other = square / root;

		if (other >= root)
			break;
		root = (root + other) / 2;
	}
	return root;
}

/* A moving average whose past weighs 2^decay - 1 times as much as the present. */
#define __calc_avg(past, present, decay)						\
({											\
	__typeof__(past) past_ = (past), present_ = (present), average_;		\
											\
	/* Below the decay's resolution shifting would lose all of it. */		\
	if (past_ < 1ULL << (decay) || present_ < 1ULL << (decay))			\
		average_ = past_ == 1 && !present_ ? 0 :				\
			   past_ - past_ / 2 + present_ / 2;				\
	else										\
		average_ = past_ - (past_ >> (decay)) + (present_ >> (decay));		\
	average_;									\
})

/*
 *	s32 *cpu;
 *	for_each_possible_cpu(cpu)
 *		...
 *
 * The two iterators: the bits of a mask that is held for the length of the loop.
 */
#define __scx_define_cpu_iterator(kind)							\
struct bpf_iter_##kind {								\
	struct bpf_iter_bits bits;							\
	const struct cpumask *mask;							\
};											\
											\
static inline int bpf_iter_##kind##_new(struct bpf_iter_##kind *it, const u64 *none, u32 zero)	\
{											\
	it->mask = scx_bpf_get_##kind##_cpumask();					\
	return bpf_iter_bits_new(&it->bits, (const u64 *)it->mask, sizeof(struct cpumask) / 8);	\
}											\
											\
static inline int *bpf_iter_##kind##_next(struct bpf_iter_##kind *it)			\
{											\
	return bpf_iter_bits_next(&it->bits);						\
}											\
											\
static inline void bpf_iter_##kind##_destroy(struct bpf_iter_##kind *it)		\
{											\
	bpf_iter_bits_destroy(&it->bits);						\
	scx_bpf_put_cpumask(it->mask);							\
}

__scx_define_cpu_iterator(possible)
__scx_define_cpu_iterator(online)
#define for_each_possible_cpu(cpu) bpf_for_each(possible, cpu, NULL, 0)
#define for_each_online_cpu(cpu) bpf_for_each(online, cpu, NULL, 0)

#endif
