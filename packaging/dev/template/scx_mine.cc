// SPDX-License-Identifier: GPL-2.0
// scx_mine's user half.
#include <bpf/libbpf.h>

#include <lib/command_line.h>
#include <lib/ops_table.h>
#include <lib/program.h>
#include <lib/run.h>

#include "scx_mine.skel.h"

namespace {

class Mine final : public scx::SkeletonProgram<scx_mine_bpf> {
public:
	explicit Mine(const scx::RunOptions& run_options) : run_options_(run_options) {}

	void statistics(scx::Statistics& figures) override
	{
		figures.add("queued", std::uint64_t{skeleton().bss->queued});
	}

private:
	scx::Outcome configure(const scx::Kernel& kernel) override
	{
		return scx::complete_table(*skeleton().struct_ops.mine_ops, kernel, run_options_);
	}

	const scx::RunOptions& run_options_;
};

} // namespace

int main(int argc, char** argv)
{
	scx::RunOptions run_options{.name = "scx_mine"};
	scx::CommandLine command_line("First come, first served, on all CPUs", run_options);
	command_line.reach();
	if (const auto status = command_line.parse(argc, argv))
		return *status;

	Mine mine(run_options);
	return scx::run(mine, run_options);
}
