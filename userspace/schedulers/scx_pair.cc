// SPDX-License-Identifier: GPL-2.0
// scx_pair's user half: says which CPUs belong together, shows what happens.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <vector>

#include "lib/command_line.h"
#include "lib/ops_table.h"
#include "lib/per_cpu.h"
#include "lib/program.h"
#include "lib/run.h"
#include "scx_pair.skel.h"

namespace {

// As the BPF half's enum happening has them.
constexpr std::array kHappenings = {"queued", "turns",  "taken",      "kept",     "drains",
				    "urgent", "missed", "given_back", "bypassed", "violations"};

struct PairOptions {
	std::uint64_t stride = 0; // 0: the siblings of a core
	std::uint64_t turn_us = 20000;
};

using CpuSet = std::vector<unsigned>;

// The numbers of a list such as "0-3,8", as the kernel writes them; empty if it is none.
CpuSet read_cpu_list(const std::string& path)
{
	CpuSet cpus;
	std::ifstream file(path);
	std::string range;
	while (std::getline(file, range, ',')) {
		std::istringstream text(range);
		unsigned first = 0;
		if (!(text >> first))
			return {};
		unsigned last = first;
		if (text.peek() == '-')
			text.ignore() >> last;
		for (unsigned cpu = first; cpu <= last; ++cpu)
			cpus.push_back(cpu);
	}
	return cpus;
}

CpuSet siblings_of(unsigned cpu)
{
	CpuSet siblings = read_cpu_list(
		fmt::format("/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list", cpu));
	return siblings.empty() ? CpuSet{cpu} : siblings;
}

// The first of the two that CPUs are paired by; the other is `stride` further on.
CpuSet strided(unsigned cpu, unsigned stride)
{
	const unsigned first = cpu - cpu % (2 * stride) + cpu % stride;
	return {first, first + stride};
}

// Disjoint sets that together are `cpus`. Without a stride the siblings of each core; on a machine
// where no core has any, halves of the machine are paired.
std::vector<CpuSet> divide(const CpuSet& cpus, unsigned stride)
{
	const bool has_siblings = std::any_of(
		cpus.begin(), cpus.end(), [](unsigned cpu) { return siblings_of(cpu).size() > 1; });
	if (stride == 0 && !has_siblings)
		stride = std::max(1U, (cpus.back() + 1) / 2);

	std::vector<CpuSet> sets;
	CpuSet left = cpus;
	while (!left.empty()) {
		CpuSet set;
		for (const unsigned cpu :
		     stride ? strided(left.front(), stride) : siblings_of(left.front())) {
			const auto found = std::find(left.begin(), left.end(), cpu);
			if (found == left.end())
				continue;
			set.push_back(cpu);
			left.erase(found);
		}
		sets.push_back(std::move(set));
	}
	return sets;
}

class Pair final : public scx::SkeletonProgram<scx_pair_bpf> {
public:
	Pair(const scx::RunOptions& run_options, const PairOptions& options)
		: run_options_(run_options), options_(options)
	{}

	void close() override
	{
		switched_.reset();
		SkeletonProgram::close();
	}

	// The tracepoint comes first: a task that has been taken is let go there.
	scx::Outcome prepare() override
	{
		switched_.reset(bpf_program__attach(skeleton().progs.pair_switched));
		if (!switched_)
			return scx::Error{"cannot follow the tracepoint sched_switch; use a kernel "
					  "with CONFIG_BPF_EVENTS=y"};
		return scx::Done{};
	}

	void statistics(scx::Statistics& figures) override
	{
		scx::add_counts(figures, skeleton().maps.counts, kHappenings);
	}

private:
	struct Destroy {
		void operator()(bpf_link* link) const { bpf_link__destroy(link); }
	};

	scx::Outcome configure(const scx::Kernel& kernel) override
	{
		const CpuSet cpus = read_cpu_list("/sys/devices/system/cpu/online");
		if (cpus.empty())
			return scx::Error{"cannot read which CPUs are online from "
					  "/sys/devices/system/cpu/online; mount /sys"};
		auto& constants = *skeleton().rodata;
		if (cpus.back() >= std::size(constants.set_of_cpu))
			return scx::Error{
				fmt::format("can follow CPUs 0 to {} only, and {} is online",
					    std::size(constants.set_of_cpu) - 1, cpus.back())};
		if (const auto written =
			    write_sets(divide(cpus, static_cast<unsigned>(options_.stride)));
		    !written)
			return written.error();
		constants.turn_ns = options_.turn_us * 1000;
		return scx::complete_table(*skeleton().struct_ops.pair_ops, kernel, run_options_);
	}

	scx::Outcome write_sets(const std::vector<CpuSet>& sets)
	{
		auto& constants = *skeleton().rodata;
		for (std::size_t number = 0; number < sets.size(); ++number) {
			const CpuSet& set = sets[number];
			auto& row = constants.cpus_of_set[number];
			if (set.size() > std::size(row))
				return scx::Error{fmt::format("CPU {} has {} siblings, more than "
							      "{}; pair CPUs with --stride",
							      set.front(), set.size() - 1,
							      std::size(row) - 1)};
			std::fill(std::begin(row), std::end(row), s16{-1});
			for (std::size_t i = 0; i < set.size(); ++i) {
				row[i] = static_cast<s16>(set[i]);
				constants.set_of_cpu[set[i]] = static_cast<u16>(number);
				constants.index_in_set[set[i]] = static_cast<u8>(i);
			}
		}
		constants.nr_sets = static_cast<u32>(sets.size());
		if (bpf_map__set_max_entries(skeleton().maps.sets, constants.nr_sets) != 0)
			return scx::Error{
				"cannot make room for the sets of CPUs; run with -v to see why"};
		return scx::Done{};
	}

	const scx::RunOptions& run_options_;
	PairOptions options_;
	std::unique_ptr<bpf_link, Destroy> switched_;
};

} // namespace

int main(int argc, char** argv)
{
	scx::RunOptions run_options{.name = "scx_pair"};
	PairOptions options;

	scx::CommandLine command_line("Sibling CPUs run tasks of one cgroup at a time",
				      run_options);
	command_line.number(
		"-S,--stride", options.stride, 0, 2048, "N",
		"Pair each CPU with the one N further on; 0: the siblings of each core, "
		"or halves of a machine that has none");
	command_line.number("-t,--turn-us", options.turn_us, 4000, 1000000, "MICROSECONDS",
			    "How long a group has a set of CPUs while others wait");
	command_line.reach();
	if (const auto status = command_line.parse(argc, argv))
		return *status;

	Pair pair(run_options, options);
	return scx::run(pair, run_options);
}
