// SPDX-License-Identifier: GPL-2.0
// How busy domains are: what decides whether strangers may use their idle CPUs.
#pragma once

#include <cstdint>
#include <istream>
#include <map>
#include <vector>

#include "atropos/topology.h"

namespace scx::atropos {

// Time in the kernel's ticks since boot.
struct CpuTime {
	std::uint64_t busy = 0;
	std::uint64_t total = 0;
};

// Of each online CPU, from the text of /proc/stat.
std::map<unsigned, CpuTime> parse_cpu_times(std::istream& stat);

class CpuUse {
public:
	explicit CpuUse(std::vector<Cpus> domains);

	// Takes the times of now. Domains whose CPUs did not change since the last ones, not even
	// by a tick, keep what they had.
	void update(const std::map<unsigned, CpuTime>& now);

	// In percent, since the update before the last one; 0 before the second update.
	double percent(std::size_t domain) const { return percent_[domain]; }

	// A bit for each domain that is less busy than `under` percent. 100 means always.
	std::uint64_t domains_under(double under) const;

private:
	std::vector<Cpus> domains_;
	std::vector<double> percent_;
	std::vector<CpuTime> before_;
};

} // namespace scx::atropos
