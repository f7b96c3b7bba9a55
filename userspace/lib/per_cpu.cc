// SPDX-License-Identifier: GPL-2.0
#include "lib/per_cpu.h"

#include <bpf/libbpf.h>

#include <numeric>
#include <vector>

namespace scx {

std::uint64_t sum_per_cpu(const bpf_map* counters, std::uint32_t key)
{
	const int cpus = libbpf_num_possible_cpus();
	if (cpus < 1)
		return 0;

	std::vector<std::uint64_t> values(static_cast<std::size_t>(cpus));
	const int code = bpf_map__lookup_elem(counters, &key, sizeof(key), values.data(),
					      values.size() * sizeof(values[0]), 0);
	if (code < 0)
		return 0;
	return std::accumulate(values.begin(), values.end(), std::uint64_t{0});
}

void add_counts(Statistics& figures, const bpf_map* counts, std::span<const char* const> names)
{
	for (std::uint32_t key = 0; key < names.size(); ++key)
		figures.add(names[key], sum_per_cpu(counts, key));
}

} // namespace scx
