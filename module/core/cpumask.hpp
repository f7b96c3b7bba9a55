// SPDX-License-Identifier: GPL-2.0
// CPU masks shared between CPUs without a lock: single bits are set and cleared atomically, whole
// masks word by word.
#pragma once

#include "core/kernel.hpp"

namespace scx {

enum : u32 { kBitsPerWord = 64 };

[[nodiscard]] inline u32 mask_words()
{
	return (nr_cpus() + kBitsPerWord - 1) / kBitsPerWord;
}

[[nodiscard]] constexpr unsigned long mask_bit(s32 cpu)
{
	return 1UL << (static_cast<u32>(cpu) % kBitsPerWord);
}

inline void mask_set(cpumask& mask, s32 cpu)
{
	cxxrt::fetch_or(mask.bits[static_cast<u32>(cpu) / kBitsPerWord], mask_bit(cpu));
}

// True if the CPU was in the mask.
inline bool mask_test_and_clear(cpumask& mask, s32 cpu)
{
	unsigned long& word = mask.bits[static_cast<u32>(cpu) / kBitsPerWord];

	// Mostly it is not: do not make the line ours for that.
	if (!(read_once(word) & mask_bit(cpu)))
		return false;
	return cxxrt::fetch_and(word, ~mask_bit(cpu)) & mask_bit(cpu);
}

[[nodiscard]] inline bool mask_empty(cpumask const& mask)
{
	for (u32 i = 0; i < mask_words(); ++i)
		if (read_once(mask.bits[i]))
			return false;
	return true;
}

[[nodiscard]] inline bool masks_intersect(cpumask const& a, cpumask const& b)
{
	for (u32 i = 0; i < mask_words(); ++i)
		if (read_once(a.bits[i]) & read_once(b.bits[i]))
			return true;
	return false;
}

[[nodiscard]] inline bool mask_contains(cpumask const& all, cpumask const& some)
{
	for (u32 i = 0; i < mask_words(); ++i)
		if (read_once(some.bits[i]) & ~read_once(all.bits[i]))
			return false;
	return true;
}

inline void mask_add(cpumask& to, cpumask const& what)
{
	for (u32 i = 0; i < mask_words(); ++i)
		if (unsigned long const bits = read_once(what.bits[i]))
			cxxrt::fetch_or(to.bits[i], bits);
}

inline void mask_remove(cpumask& from, cpumask const& what)
{
	for (u32 i = 0; i < mask_words(); ++i)
		if (read_once(from.bits[i]) & read_once(what.bits[i]))
			cxxrt::fetch_and(from.bits[i], ~read_once(what.bits[i]));
}

// Not atomic against the others.
inline void mask_copy(cpumask& to, cpumask const& from)
{
	for (u32 i = 0; i < mask_words(); ++i)
		write_once(to.bits[i], read_once(from.bits[i]));
}

// Calls visit(s32 cpu) for each CPU of the mask as it is when its word is reached, in rising order.
template <typename Visit>
void for_each_cpu(cpumask const& mask, Visit&& visit)
{
	for (u32 i = 0; i < mask_words(); ++i)
		for (unsigned long bits = read_once(mask.bits[i]); bits; bits &= bits - 1)
			visit(static_cast<s32>(i * kBitsPerWord) + __builtin_ctzl(bits));
}

} // namespace scx
