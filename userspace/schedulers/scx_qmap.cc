// SPDX-License-Identifier: GPL-2.0
// scx_qmap's user half: how it schedules, how it is to fail, what it counts.
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <unistd.h>

#include <limits>

#include "lib/command_line.h"
#include "lib/ops_table.h"
#include "lib/per_cpu.h"
#include "lib/program.h"
#include "lib/run.h"
#include "scx_qmap.skel.h"

namespace {

// In the order of the BPF half's enum counter; its levels follow.
constexpr const char* kCounters[] = {
	"enqueued", "dispatched", "dequeued", "to_idle",          "overflowed",       "requeued",
	"void",     "boosted",    "stalled",  "core_sched_asked", "core_sched_taken",
};
constexpr std::uint32_t kLevels = 5;

struct Options {
	std::uint64_t slice_us = 20'000;
	std::uint64_t error_after = 0;
	std::uint64_t stall_user = 0;
	std::uint64_t stall_kernel = 0;
	std::uint64_t bad_dispatch = 0;
	std::uint64_t batch = 1;
	std::uint64_t dump_bytes = 0;
	std::int64_t disallowed = 0;
	bool boost = false;
	bool print_queue = false;
	bool suppress_dump = false;
};

class Qmap final : public scx::SkeletonProgram<scx_qmap_bpf> {
public:
	Qmap(const scx::RunOptions& run_options, const Options& options)
		: run_options_(run_options), options_(options)
	{}

	void statistics(scx::Statistics& figures) override
	{
		std::uint32_t key = 0;
		for (const char* name : kCounters)
			figures.add(name, sum(key++));
		scx::Statistics& taken = figures.group("taken_from_level");
		for (std::uint32_t level = 0; level < kLevels; ++level)
			taken.add(fmt::format("{}", level), sum(key++));
	}

private:
	std::uint64_t sum(std::uint32_t key)
	{
		return scx::sum_per_cpu(skeleton().maps.counts, key);
	}

	scx::Outcome configure(const scx::Kernel& kernel) override
	{
		auto& fixed = *skeleton().rodata;
		fixed.slice_ns = options_.slice_us * 1000;
		fixed.error_after = static_cast<u32>(options_.error_after);
		fixed.stall_user_nth = static_cast<u32>(options_.stall_user);
		fixed.stall_kernel_nth = static_cast<u32>(options_.stall_kernel);
		fixed.bad_dispatch_after = options_.bad_dispatch;
		fixed.batch = static_cast<u32>(options_.batch);
		fixed.boost = options_.boost;
		fixed.print_shared = options_.print_queue;
		fixed.suppress_dump = options_.suppress_dump;
		fixed.disallowed_tgid =
			options_.disallowed < 0 ? getpid() : static_cast<s32>(options_.disallowed);

		auto& table = *skeleton().struct_ops.qmap_ops;
		table.exit_dump_len = static_cast<u32>(options_.dump_bytes);
		return scx::complete_table(table, kernel, run_options_);
	}

	const scx::RunOptions& run_options_;
	const Options& options_;
};

void add_options(scx::CommandLine& line, Options& options)
{
	constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();

	line.number("-s,--slice", options.slice_us, 100, 1'000'000, "MICROSECONDS",
		    "How long a task runs before the next one gets its turn");
	line.number("-b,--batch", options.batch, 1, 32, "N",
		    "Tasks that a CPU takes from the levels at a time");
	line.flag("-H,--boost", options.boost,
		  "Let tasks of nice -20 overtake what a CPU has taken; of use with -b");
	line.flag("-P,--print-queue", options.print_queue,
		  "Write what was taken and still waits to the kernel's trace_pipe every second; "
		  "of use with -b");
	line.number("-d,--disallow", options.disallowed, -1,
		    std::numeric_limits<std::int32_t>::max(), "PID",
		    "Keep a process out of SCHED_EXT, -1 for this one, 0 for none; of use with -p");
	line.number("-e,--error-after", options.error_after, 0, kMost, "N",
		    "Call scx_bpf_error() at the Nth enqueue, 0 for never");
	line.number("-t,--stall-user", options.stall_user, 0, kMost, "N",
		    "Lose every Nth enqueued user task, 0 for none, until the watchdog notices");
	line.number(
		"-T,--stall-kernel", options.stall_kernel, 0, kMost, "N",
		"Lose every Nth enqueued kernel thread, 0 for none, until the watchdog notices");
	line.number("-l,--bad-dispatch", options.bad_dispatch, 0, kMost, "N",
		    "After N dispatches of a CPU, dispatch there only a task that does not wait, 0 "
		    "for never");
	line.number("-D,--dump-length", options.dump_bytes, 0, 1 << 20, "BYTES",
		    "Longest dump of the exit report, 0 for the kernel's default");
	line.flag("-S,--suppress-dump", options.suppress_dump,
		  "Add nothing of its own to that dump");
	line.reach();
}

} // namespace

int main(int argc, char** argv)
{
	scx::RunOptions run_options{.name = "scx_qmap"};
	Options options;

	scx::CommandLine command_line(
		"Five queues by weight, each with twice the turns of the one before", run_options);
	add_options(command_line, options);
	if (const auto status = command_line.parse(argc, argv))
		return *status;

	Qmap qmap(run_options, options);
	return scx::run(qmap, run_options);
}
