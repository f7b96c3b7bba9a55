// SPDX-License-Identifier: GPL-2.0
// scx_simple's user half: chooses the order and the reach, shows the counters.
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include "lib/command_line.h"
#include "lib/per_cpu.h"
#include "lib/program.h"
#include "lib/run.h"
#include "scx_simple.skel.h"

namespace {

// Keys of the BPF half's map `placements`.
constexpr std::uint32_t kPlacedLocal = 0;
constexpr std::uint32_t kPlacedShared = 1;

struct SimpleOptions {
	bool fifo = false;
	bool partial = false;
};

class Simple final : public scx::SkeletonProgram<scx_simple_bpf> {
public:
	explicit Simple(const SimpleOptions& options) : options_(options) {}

	void report() override
	{
		const bpf_map* placements = skeleton().maps.placements;
		scx::print_line(fmt::format("local={} global={}",
					    scx::sum_per_cpu(placements, kPlacedLocal),
					    scx::sum_per_cpu(placements, kPlacedShared)));
	}

private:
	scx::Outcome configure(const scx::Kernel& kernel) override
	{
		skeleton().rodata->fifo_order = options_.fifo;

		auto* ops = skeleton().struct_ops.simple_ops;
		const auto hotplug_sequence = kernel.hotplug_sequence();
		if (!hotplug_sequence)
			return hotplug_sequence.error();
		ops->hotplug_seq = *hotplug_sequence;

		if (options_.partial) {
			const auto flag =
				kernel.constant("scx_ops_flags", "SCX_OPS_SWITCH_PARTIAL");
			if (!flag)
				return flag.error();
			ops->flags |= *flag;
		}
		return scx::Done{};
	}

	SimpleOptions options_;
};

} // namespace

int main(int argc, char** argv)
{
	scx::RunOptions run_options{.name = "scx_simple"};
	SimpleOptions options;

	scx::CommandLine command_line(
		"One shared queue for all CPUs, ordered by weighted virtual time", run_options);
	command_line.flag("-f,--fifo", options.fifo, "First come, first served instead");
	command_line.flag("-p,--partial", options.partial,
			  "Schedule only tasks with the policy SCHED_EXT, not all normal ones");
	if (const auto status = command_line.parse(argc, argv))
		return *status;

	Simple simple(options);
	return scx::run(simple, run_options);
}
