// SPDX-License-Identifier: GPL-2.0
// The members of struct sched_ext_ops that all schedulers set in the same way, and what can be
// read of any scheduler's table.
#pragma once

#include <cstdint>
#include <string_view>

#include "lib/kernel.h"
#include "lib/result.h"
#include "lib/run.h"

struct bpf_map;
struct bpf_object;

namespace scx {

// The table that is to be attached: the first of the object, nullptr if it has none.
bpf_map* find_table(const bpf_object* object);

// A member of 32 bits, as both halves have set it. Before loading. 0 if the table is of a kind that
// has no such member.
std::uint32_t table_member(const bpf_object* object, const bpf_map* table, std::string_view name);

// `table` is the skeleton's: struct_ops.NAME. Sets hotplug_seq, so that the kernel notices CPUs
// that changed while the scheduler was made, and in partial mode the flag for it. May come after a
// look at the CPUs: the number is from before open().
template <typename Table>
Outcome complete_table(Table& table, const Kernel& kernel, const RunOptions& options)
{
	const auto hotplug_sequence = kernel.hotplug_sequence();
	if (!hotplug_sequence)
		return hotplug_sequence.error();
	table.hotplug_seq = *hotplug_sequence;

	if (options.partial) {
		const auto flag = kernel.constant("scx_ops_flags", "SCX_OPS_SWITCH_PARTIAL");
		if (!flag)
			return flag.error();
		table.flags |= *flag;
	}
	return Done{};
}

} // namespace scx
