// SPDX-License-Identifier: GPL-2.0
// scx_flatcg's user half: chooses the order within groups, shows what happens.
#include <sys/sysinfo.h>

#include <array>

#include "lib/command_line.h"
#include "lib/ops_table.h"
#include "lib/per_cpu.h"
#include "lib/program.h"
#include "lib/run.h"
#include "scx_flatcg.skel.h"

namespace {

// As the BPF half's enum event has them.
constexpr std::array kEvents = {"local",  "group",     "cpu",        "kthread",
				"picks",  "cpu_picks", "kept",       "overdue",
				"misses", "activated", "deactivated"};

struct FlatcgOptions {
	bool fifo = false;
	std::uint64_t slice_us = 20000;
};

class Flatcg final : public scx::SkeletonProgram<scx_flatcg_bpf> {
public:
	Flatcg(const scx::RunOptions& run_options, const FlatcgOptions& options)
		: run_options_(run_options), options_(options)
	{}

	void statistics(scx::Statistics& figures) override
	{
		scx::add_counts(figures, skeleton().maps.counts, kEvents);
	}

private:
	scx::Outcome configure(const scx::Kernel& kernel) override
	{
		skeleton().rodata->fifo_order = options_.fifo;
		skeleton().rodata->slice_ns = options_.slice_us * 1000;
		skeleton().rodata->nr_cpus = static_cast<u32>(get_nprocs());
		return scx::complete_table(*skeleton().struct_ops.flatcg_ops, kernel, run_options_);
	}

	const scx::RunOptions& run_options_;
	FlatcgOptions options_;
};

} // namespace

int main(int argc, char** argv)
{
	scx::RunOptions run_options{.name = "scx_flatcg"};
	FlatcgOptions options;

	scx::CommandLine command_line(
		"CPU time by the weights of a hierarchy of cgroups, scheduled flat", run_options);
	command_line.flag(
		"-f,--fifo", options.fifo,
		"First come, first served within a group instead of by the weights of tasks");
	command_line.number("-s,--slice-us", options.slice_us, 1000, 100000, "MICROSECONDS",
			    "How long a task runs at a time");
	command_line.reach();
	if (const auto status = command_line.parse(argc, argv))
		return *status;

	Flatcg flatcg(run_options, options);
	return scx::run(flatcg, run_options);
}
