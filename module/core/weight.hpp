// SPDX-License-Identifier: GPL-2.0
// Weights: the kernel's load weights (1024 is nice 0) as cgroup weights (100 is nice 0, 1..10000),
// which is the scale that schedulers see.
#pragma once

#include "core/kernel.hpp"

namespace scx {

[[nodiscard]] constexpr u32 cgroup_weight_of(u64 load_weight)
{
	u64 const weight = (load_weight * 100 + 512) / 1024;

	return static_cast<u32>(weight < 1 ? 1 : weight > 10000 ? 10000 : weight);
}

// load_weight::weight carries 10 more bits of resolution; none of a positive weight becomes 0.
[[nodiscard]] constexpr u64 scaled_down(u64 weight)
{
	u64 const down = weight >> 10;

	return weight && down < 2 ? 2 : down;
}

// The weight that a task's nice value gives it.
[[nodiscard]] inline u32 weight_of(task_struct const& p)
{
	if (static_cast<s32>(p.policy) == SCHED_IDLE)
		return cgroup_weight_of(WEIGHT_IDLEPRIO);
	return cgroup_weight_of(
		static_cast<u64>(sched_prio_to_weight[p.static_prio - MAX_RT_PRIO]));
}

} // namespace scx
