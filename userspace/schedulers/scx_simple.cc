// SPDX-License-Identifier: GPL-2.0
// scx_simple's user half: chooses the order and the reach, shows the counters.
#include <bpf/libbpf.h>

#include <array>

#include "lib/command_line.h"
#include "lib/ops_table.h"
#include "lib/per_cpu.h"
#include "lib/program.h"
#include "lib/run.h"
#include "scx_simple.skel.h"

namespace {

// What the BPF half counts, in the order of its keys.
constexpr std::array kPlacements = {"local", "global"};

class Simple final : public scx::SkeletonProgram<scx_simple_bpf> {
public:
	Simple(const scx::RunOptions& run_options, bool fifo)
		: run_options_(run_options), fifo_(fifo)
	{}

	void statistics(scx::Statistics& figures) override
	{
		scx::add_counts(figures, skeleton().maps.counts, kPlacements);
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
