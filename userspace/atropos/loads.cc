// SPDX-License-Identifier: GPL-2.0
#include "atropos/loads.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <ctime>

namespace scx::atropos {
namespace {

constexpr double kUnit = 1 << DECAYING_AVERAGE_SHIFT;
constexpr double kWholeDuty = int{ATROPOS_WHOLE_DUTY} * kUnit;

std::uint64_t monotonic_ns()
{
	timespec now{};
	clock_gettime(CLOCK_MONOTONIC, &now);
	return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
	       static_cast<std::uint64_t>(now.tv_nsec);
}

bool is_whole(const atropos_load& part)
{
	return part.version_after == part.version_before;
}

Error cannot_read(int code)
{
	return Error{fmt::format("cannot read the loads ({})", std::strerror(code))};
}

} // namespace

DomainLoad sum_parts(const std::vector<atropos_load>& parts, std::uint64_t now,
		     std::uint64_t half_life_ns)
{
	double weights = 0, duties = 0;
	for (atropos_load part : parts) {
		const std::uint64_t passed = now > part.at ? now - part.at : 0;
		const std::uint64_t loss = decaying_average_loss(passed, half_life_ns);
		decaying_average_advance(&part.weights, loss);
		decaying_average_advance(&part.duties, loss);
		weights += static_cast<double>(part.weights.average);
		duties += static_cast<double>(part.duties.average);
	}
	// Rounding leaves a little of either sign.
	return DomainLoad{.load = std::max(weights / kUnit, 0.0),
			  .duty = std::max(duties / kWholeDuty, 0.0)};
}

void RecentMoves::next_round()
{
	for (auto entry = left_.begin(); entry != left_.end();)
		entry = --entry->second ? std::next(entry) : left_.erase(entry);
}

Snapshot make_snapshot(std::vector<DomainLoad> domains, const std::vector<atropos_task>& tasks,
		       const TaskRules& rules)
{
	Snapshot snapshot{std::move(domains), {}};
	for (const atropos_task& task : tasks) {
		if (task.domain >= snapshot.domains.size() ||
		    task.wanted >= snapshot.domains.size())
			continue;
		const double weight = task.weight;
		const double duty = static_cast<double>(task.duty) / kWholeDuty;
		snapshot.domains[task.domain].load -= weight * duty;
		snapshot.domains[task.domain].duty -= duty;
		snapshot.domains[task.wanted].load += weight * duty;
		snapshot.domains[task.wanted].duty += duty;
		snapshot.tasks.push_back({
			.tid = task.tid,
			.domain = task.wanted,
			.weight = weight,
			.duty = duty,
			.domains = task.domains,
			.movable = std::popcount(task.domains) > 1 &&
				   (rules.balance_kworkers || !task.kworker) &&
				   !(rules.recent && rules.recent->contains(task.tid)),
		});
	}
	return snapshot;
}

void LoadReader::Destroy::operator()(bpf_link* link) const
{
	bpf_link__destroy(link);
}

LoadReader::LoadReader(const bpf_map* loads, Link link, std::vector<unsigned> cpus,
		       std::uint64_t half_life_ns)
	: loads_(loads), link_(std::move(link)), cpus_(std::move(cpus)), half_life_ns_(half_life_ns)
{}

Result<LoadReader> LoadReader::attach(const bpf_map* loads, const bpf_program* report_tasks,
				      const Topology& topology, std::uint64_t half_life_ns)
{
	Link link(bpf_program__attach_iter(report_tasks, nullptr));
	if (!link)
		return cannot_read(errno);
	std::vector<unsigned> cpus;
	for (const Cpus& domain : topology.domains)
		cpus.push_back(static_cast<unsigned>(domain.size()));
	return LoadReader(loads, std::move(link), std::move(cpus), half_life_ns);
}

Result<Snapshot> LoadReader::read(const TaskRules& rules) const
{
	const std::uint64_t now = monotonic_ns();
	std::vector<DomainLoad> domains;
	for (unsigned domain = 0; domain < cpus_.size(); ++domain) {
		const auto parts = read_parts(domain);
		if (!parts)
			return parts.error();
		domains.push_back(sum_parts(*parts, now, half_life_ns_));
		domains.back().cpus = cpus_[domain];
	}
	const auto tasks = read_tasks();
	if (!tasks)
		return tasks.error();
	return make_snapshot(std::move(domains), *tasks, rules);
}

// A part that was read while its CPU wrote it is read again; after a few times it is taken as it
// is: then it is off by one change.
Result<std::vector<atropos_load>> LoadReader::read_parts(unsigned domain) const
{
	constexpr unsigned kTries = 5;

	const int possible = libbpf_num_possible_cpus();
	if (possible < 0)
		return cannot_read(-possible);
	std::vector<atropos_load> parts(static_cast<std::size_t>(possible));
	for (unsigned tries = 0; tries < kTries; ++tries) {
		if (bpf_map__lookup_elem(loads_, &domain, sizeof(domain), parts.data(),
					 parts.size() * sizeof(parts[0]), 0) < 0)
			return cannot_read(errno);
		if (std::all_of(parts.begin(), parts.end(), is_whole))
			break;
	}
	return parts;
}

Result<std::vector<atropos_task>> LoadReader::read_tasks() const
{
	constexpr std::size_t kAtOnce = 256;

	const int file = bpf_iter_create(bpf_link__fd(link_.get()));
	if (file < 0)
		return cannot_read(errno);
	std::vector<atropos_task> tasks;
	std::size_t bytes = 0; // what was read may end within a task
	int code = 0;
	for (;;) {
		tasks.resize(bytes / sizeof(tasks[0]) + kAtOnce);
		auto* const end = reinterpret_cast<char*>(tasks.data()) + bytes;
		const ssize_t got = ::read(file, end, tasks.size() * sizeof(tasks[0]) - bytes);
		if (got > 0) {
			bytes += static_cast<std::size_t>(got);
			continue;
		}
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		code = got < 0 ? errno : 0;
		break;
	}
	close(file);
	if (code)
		return cannot_read(code);
	tasks.resize(bytes / sizeof(tasks[0]));
	return tasks;
}

} // namespace scx::atropos
