// SPDX-License-Identifier: GPL-2.0
#include "atropos/topology.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <optional>
#include <set>

#include "bpf/scx_atropos.h"

namespace scx::atropos {
namespace {

// The first line of a file; nothing where there is none.
std::optional<std::string> read_line(const std::string& path)
{
	std::ifstream file(path);
	std::string line;
	if (!std::getline(file, line))
		return std::nullopt;
	return line;
}

std::optional<unsigned> parse_number(const std::string& text)
{
	unsigned value = 0;
	const char* end = text.data() + text.size();
	const auto parsed = std::from_chars(text.data(), end, value);
	if (parsed.ec != std::errc{} || parsed.ptr != end)
		return std::nullopt;
	return value;
}

std::optional<Cpus> parse_list(const std::string& text)
{
	std::set<unsigned> cpus;
	for (std::size_t begin = 0; begin <= text.size();) {
		const std::size_t end = std::min(text.find(',', begin), text.size());
		const std::string part = text.substr(begin, end - begin);
		const std::size_t dash = std::min(part.find('-'), part.size());
		const auto first = parse_number(part.substr(0, dash));
		const auto last = dash < part.size() ? parse_number(part.substr(dash + 1)) : first;
		if (!first || !last || *last < *first || *last >= ATROPOS_MAX_CPUS)
			return std::nullopt;
		for (unsigned cpu = *first; cpu <= *last; ++cpu)
			cpus.insert(cpu);
		begin = end + 1;
	}
	return Cpus(cpus.begin(), cpus.end());
}

std::optional<Cpus> parse_mask(const std::string& digits)
{
	Cpus cpus;
	unsigned base = 0;
	for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
		if (*digit == '_')
			continue;
		unsigned value = 0;
		if (std::from_chars(&*digit, &*digit + 1, value, 16).ec != std::errc{})
			return std::nullopt;
		for (unsigned bit = 0; bit < 4; ++bit)
			if (value >> bit & 1)
				cpus.push_back(base + bit);
		base += 4;
	}
	if (cpus.empty() || cpus.back() >= ATROPOS_MAX_CPUS)
		return std::nullopt;
	return cpus;
}

bool has(const Cpus& cpus, unsigned cpu)
{
	return std::binary_search(cpus.begin(), cpus.end(), cpu);
}

class Reader {
public:
	explicit Reader(const std::string& sysfs) : system_(sysfs + "/devices/system") {}

	std::optional<Cpus> cpus(const std::string& file) const
	{
		const auto line = read_line(system_ + file);
		return line ? parse_list(*line) : std::nullopt;
	}

	// The CPUs that share the cache of this level with `cpu`, that for data where there are
	// two.
	std::optional<Cpus> sharers(unsigned cpu, unsigned level) const
	{
		for (unsigned index = 0;; ++index) {
			const std::string cache =
				fmt::format("/cpu/cpu{}/cache/index{}", cpu, index);
			const auto found = read_line(system_ + cache + "/level");
			if (!found)
				return std::nullopt;
			if (*found == std::to_string(level) &&
			    read_line(system_ + cache + "/type") != "Instruction")
				return cpus(cache + "/shared_cpu_list");
		}
	}

	unsigned node_of(unsigned cpu) const
	{
		const auto nodes = cpus("/node/online");
		for (const unsigned node : nodes.value_or(Cpus{})) {
			const auto members = cpus(fmt::format("/node/node{}/cpulist", node));
			if (members && has(*members, cpu))
				return node;
		}
		return 0;
	}

	bool shares_core(unsigned cpu) const
	{
		const auto siblings =
			cpus(fmt::format("/cpu/cpu{}/topology/thread_siblings_list", cpu));
		return siblings && siblings->size() > 1;
	}

private:
	std::string system_;
};

Result<std::vector<Cpus>> by_masks(const std::vector<std::string>& masks, const Cpus& online)
{
	std::vector<Cpus> domains;
	std::set<unsigned> seen;
	for (const std::string& mask : masks) {
		const auto cpus = parse_cpus(mask);
		if (!cpus)
			return cpus.error();
		Cpus domain;
		for (const unsigned cpu : *cpus) {
			if (!seen.insert(cpu).second)
				return Error{fmt::format("--cpumasks {}: CPU {} is in another "
							 "domain already; give each CPU once",
							 mask, cpu)};
			if (has(online, cpu))
				domain.push_back(cpu);
		}
		// All of its CPUs may be offline for now.
		if (!domain.empty())
			domains.push_back(domain);
	}
	Cpus left;
	std::copy_if(online.begin(), online.end(), std::back_inserter(left),
		     [&seen](unsigned cpu) { return !seen.contains(cpu); });
	if (!left.empty())
		return Error{
			fmt::format("--cpumasks leaves out CPU {}; put every CPU into a domain",
				    format_cpus(left))};
	return domains;
}

// Each CPU with those it shares a cache of `level` with; alone, if its cache says nothing.
std::vector<Cpus> by_cache(const Reader& reader, unsigned level, const Cpus& online)
{
	std::vector<Cpus> domains;
	std::set<unsigned> done;
	for (const unsigned cpu : online) {
		if (done.contains(cpu))
			continue;
		Cpus domain;
		for (const unsigned other : reader.sharers(cpu, level).value_or(Cpus{cpu}))
			if (has(online, other) && done.insert(other).second)
				domain.push_back(other);
		domains.push_back(domain);
	}
	return domains;
}

std::optional<unsigned> told_level(const Reader& reader, unsigned level, const Cpus& online)
{
	for (; level; --level)
		for (const unsigned cpu : online)
			if (reader.sharers(cpu, level))
				return level;
	return std::nullopt;
}

} // namespace

Result<Cpus> parse_cpus(const std::string& text)
{
	const bool is_mask = text.starts_with("0x") || text.starts_with("0X");
	const auto cpus = is_mask ? parse_mask(text.substr(2)) : parse_list(text);
	if (!cpus)
		return Error{
			fmt::format("--cpumasks wants CPUs below {} as 0-3,8 or as a mask like "
				    "0x10f, not `{}`",
				    int{ATROPOS_MAX_CPUS}, text)};
	return *cpus;
}

std::string format_cpus(const Cpus& cpus)
{
	std::string text;
	for (std::size_t first = 0; first < cpus.size();) {
		std::size_t last = first;
		while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1)
			++last;
		text += text.empty() ? "" : ",";
		text += first == last ? fmt::format("{}", cpus[first])
				      : fmt::format("{}-{}", cpus[first], cpus[last]);
		first = last + 1;
	}
	return text;
}

Result<Topology> read_topology(const std::vector<std::string>& masks, unsigned cache_level,
			       const std::string& sysfs)
{
	const Reader reader(sysfs);
	const auto online = reader.cpus("/cpu/online");
	const auto possible = reader.cpus("/cpu/possible");
	if (!online || !possible)
		return Error{fmt::format("cannot read which CPUs there are, at most {}, from "
					 "{}/devices/system/cpu",
					 int{ATROPOS_MAX_CPUS}, sysfs)};

	Topology topology;
	topology.possible = possible->back() + 1;
	if (!masks.empty()) {
		const auto domains = by_masks(masks, *online);
		if (!domains)
			return domains.error();
		topology.domains = *domains;
		topology.origin = "--cpumasks";
	} else if (const auto level = told_level(reader, cache_level, *online)) {
		topology.domains = by_cache(reader, *level, *online);
		topology.origin = fmt::format("caches of level {}", *level);
	} else {
		topology.domains = {*online};
		topology.origin = "all CPUs: this machine tells of no caches";
	}

	if (topology.domains.size() > ATROPOS_MAX_DOMAINS)
		return Error{fmt::format("{} make {} domains, at most {} are possible; choose a "
					 "higher --cache-level, or --cpumasks",
					 topology.origin, topology.domains.size(),
					 int{ATROPOS_MAX_DOMAINS})};
	for (const Cpus& domain : topology.domains)
		topology.nodes.push_back(reader.node_of(domain.front()));
	topology.smt = std::any_of(online->begin(), online->end(),
				   [&reader](unsigned cpu) { return reader.shares_core(cpu); });
	return topology;
}

} // namespace scx::atropos
