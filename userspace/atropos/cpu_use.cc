// SPDX-License-Identifier: GPL-2.0
#include "atropos/cpu_use.h"

#include <charconv>
#include <sstream>
#include <string>

namespace scx::atropos {

std::map<unsigned, CpuTime> parse_cpu_times(std::istream& stat)
{
	std::map<unsigned, CpuTime> times;
	for (std::string line; std::getline(stat, line);) {
		std::istringstream words(line);
		std::string name;
		words >> name;
		unsigned cpu = 0;
		if (!name.starts_with("cpu") ||
		    std::from_chars(name.data() + 3, name.data() + name.size(), cpu).ec !=
			    std::errc{})
			continue;
		// user nice system idle iowait irq softirq steal; guest time is in user's already.
		CpuTime time;
		std::uint64_t value = 0;
		for (unsigned column = 0; column < 8 && words >> value; ++column) {
			time.total += value;
			if (column != 3 && column != 4)
				time.busy += value;
		}
		times[cpu] = time;
	}
	return times;
}

CpuUse::CpuUse(std::vector<Cpus> domains)
	: domains_(std::move(domains)), percent_(domains_.size()), before_(domains_.size())
{}

void CpuUse::update(const std::map<unsigned, CpuTime>& now)
{
	for (std::size_t i = 0; i < domains_.size(); ++i) {
		CpuTime sum;
		for (const unsigned cpu : domains_[i]) {
			const auto found = now.find(cpu);
			if (found == now.end())
				continue;
			sum.busy += found->second.busy;
			sum.total += found->second.total;
		}
		// A CPU that is gone takes its past along.
		const CpuTime& before = before_[i];
		if (before.total && sum.total > before.total && sum.busy >= before.busy)
			percent_[i] = 100.0 * static_cast<double>(sum.busy - before.busy) /
				      static_cast<double>(sum.total - before.total);
		before_[i] = sum;
	}
}

std::uint64_t CpuUse::domains_under(double under) const
{
	std::uint64_t found = 0;
	for (std::size_t i = 0; i < domains_.size(); ++i)
		if (under >= 100 || percent_[i] < under)
			found |= std::uint64_t{1} << i;
	return found;
}

} // namespace scx::atropos
