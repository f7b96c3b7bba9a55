// SPDX-License-Identifier: GPL-2.0
// Counters that a BPF half keeps once per CPU.
#pragma once

#include <cstdint>
#include <span>

#include "lib/statistics.h"

struct bpf_map;

namespace scx {

// The sum over all CPUs of the 64-bit counter `key` of a per-CPU array; 0 for
// a key that the array does not have. CPUs go on counting meanwhile.
std::uint64_t sum_per_cpu(const bpf_map* counters, std::uint32_t key);

// Adds what the map `counts` of a scheduler holds (scx/counts.bpf.h): names in the order of its
// keys.
void add_counts(Statistics& figures, const bpf_map* counts, std::span<const char* const> names);

} // namespace scx
