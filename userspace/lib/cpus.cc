// SPDX-License-Identifier: GPL-2.0
#include "lib/cpus.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>

namespace scx {
namespace {

// No machine has more; keeps a wrong list from becoming a huge set.
constexpr std::uint32_t kMostCpus = 8192;

// Takes a number off the front of `text`.
std::optional<std::uint32_t> take_number(std::string_view& text)
{
	std::uint32_t number = 0;
	const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
	if (problem != std::errc{} || number >= kMostCpus)
		return std::nullopt;
	text.remove_prefix(static_cast<std::size_t>(end - text.data()));
	return number;
}

bool take(std::string_view& text, char wanted)
{
	if (text.empty() || text.front() != wanted)
		return false;
	text.remove_prefix(1);
	return true;
}

constexpr std::size_t kMaskElements = kMostCpus / (8 * sizeof(cpu_set_t));

} // namespace

std::optional<std::set<std::uint32_t>> parse_cpu_list(std::string_view text)
{
	std::set<std::uint32_t> cpus;
	while (!text.empty()) {
		const auto first = take_number(text);
		const auto last = first && take(text, '-') ? take_number(text) : first;
		if (!first || !last || *last < *first)
			return std::nullopt;
		for (std::uint32_t cpu = *first; cpu <= *last; ++cpu)
			cpus.insert(cpu);
		if (!text.empty() && (!take(text, ',') || text.empty()))
			return std::nullopt;
	}
	return cpus;
}

std::optional<std::set<std::uint32_t>> read_cpu_list(const std::string& path)
{
	std::ifstream file(path);
	std::string line;
	if (!std::getline(file, line))
		return std::nullopt;
	return parse_cpu_list(line);
}

Result<PinnedTo> PinnedTo::cpus(const std::set<std::uint32_t>& cpus)
{
	Mask before(kMaskElements);
	const std::size_t bytes = before.size() * sizeof(cpu_set_t);
	Mask wanted(kMaskElements);
	for (const std::uint32_t cpu : cpus)
		CPU_SET_S(cpu, bytes, wanted.data());
	if (sched_getaffinity(0, bytes, before.data()) != 0 ||
	    sched_setaffinity(0, bytes, wanted.data()) != 0)
		return Error{fmt::format("cannot run on CPU {} ({}); is it online, and in this "
					 "program's cpuset?",
					 fmt::join(cpus, ","), std::strerror(errno))};
	return PinnedTo(std::move(before));
}

PinnedTo::~PinnedTo()
{
	if (!before_.empty())
		sched_setaffinity(0, before_.size() * sizeof(cpu_set_t), before_.data());
}

} // namespace scx
