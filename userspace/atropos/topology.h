// SPDX-License-Identifier: GPL-2.0
// Which CPUs make a domain: those that share a cache, or those that the user says.
#pragma once

#include <string>
#include <vector>

#include "lib/result.h"

namespace scx::atropos {

using Cpus = std::vector<unsigned>; // ascending

struct Topology {
	std::vector<Cpus> domains;   // online CPUs only, none empty, by their first CPU
	std::vector<unsigned> nodes; // the NUMA node of each domain's first CPU
	unsigned possible = 0;       // CPUs have numbers below it
	bool smt = false;            // some share a core
	std::string origin;          // what made the domains, for a person
};

// "0-3,8" as the kernel writes it; with a 0x in front a mask, where _ may stand between digits.
Result<Cpus> parse_cpus(const std::string& text);

// "0-3,8"
std::string format_cpus(const Cpus& cpus);

// Domains from `masks`, each as for parse_cpus(); where there are none, from the caches of
// `cache_level` (1 to 4), or, on a machine that tells of none, the level below that it tells of.
// Errors: masks that name a CPU twice or leave an online one out, or too many domains.
// `sysfs` is /sys outside tests.
Result<Topology> read_topology(const std::vector<std::string>& masks, unsigned cache_level,
			       const std::string& sysfs = "/sys");

} // namespace scx::atropos
