// SPDX-License-Identifier: GPL-2.0
// scx_simple's user half: chooses the order and the reach, shows the counters.
#include <bpf/libbpf.h>

#include "lib/command_line.h"
#include "lib/ops_table.h"
#include "lib/per_cpu.h"
#include "lib/program.h"
#include "lib/run.h"
#include "scx_simple.skel.h"

namespace {

// Keys of the BPF half's map `placements`.
constexpr std::uint32_t kPlacedLocal = 0;
constexpr std::uint32_t kPlacedShared = 1;

class Simple final : public scx::SkeletonProgram<scx_simple_bpf> {
public:
	Simple(const scx::RunOptions& run_options, bool fifo)
		: run_options_(run_options), fifo_(fifo)
	{}

	void statistics(scx::Statistics& figures) override
	{
		const bpf_map* placements = skeleton().maps.placements;
		figures.add("local", scx::sum_per_cpu(placements, kPlacedLocal));
		figures.add("global", scx::sum_per_cpu(placements, kPlacedShared));
	}

private:
	scx::Outcome configure(const scx::Kernel& kernel) override
	{
		skeleton().rodata->fifo_order = fifo_;
		return scx::complete_table(*skeleton().struct_ops.simple_ops, kernel, run_options_);
	}

	const scx::RunOptions& run_options_;
	bool fifo_;
};

} // namespace

int main(int argc, char** argv)
{
	scx::RunOptions run_options{.name = "scx_simple"};
	bool fifo = false;

	scx::CommandLine command_line(
		"One shared queue for all CPUs, ordered by weighted virtual time", run_options);
	command_line.flag("-f,--fifo", fifo, "First come, first served instead");
	command_line.reach();
	if (const auto status = command_line.parse(argc, argv))
		return *status;

	Simple simple(run_options, fifo);
	return scx::run(simple, run_options);
}
