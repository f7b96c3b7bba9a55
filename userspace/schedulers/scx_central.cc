// SPDX-License-Identifier: GPL-2.0
// scx_central's user half: chooses the central CPU and starts the timer on it.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <cstdio>
#include <cstring>
#include <optional>
#include <set>

#include "lib/command_line.h"
#include "lib/cpus.h"
#include "lib/ops_table.h"
#include "lib/per_cpu.h"
#include "lib/program.h"
#include "lib/run.h"
#include "scx_central.skel.h"

namespace {

// In the order of the BPF half's enum counter.
constexpr std::uint32_t kTimerElsewhere = 7;
constexpr const char* kCounters[] = {
	"queued",         "sent",       "kept",        "decided_elsewhere",
	"kernel_threads", "lost_races", "timer_fired", "timer_elsewhere",
	"preempted",
};

struct Options {
	std::uint64_t slice_us = 20'000;
	std::uint64_t central = 0;
};

class Central final : public scx::SkeletonProgram<scx_central_bpf> {
public:
	Central(const scx::RunOptions& run_options, const Options& options)
		: run_options_(run_options), options_(options)
	{}

	// Before the scheduler is in force: turns end from its first moment.
	scx::Outcome prepare() override
	{
		if (const auto started = start_timer(); !started)
			return started.error();
		if (!skeleton().bss->timer_is_pinned)
			say("this kernel cannot keep a timer on a CPU; it may move");

		// What this program waits for would bring ticks to the CPUs that want none.
		std::set<std::uint32_t> own = online_;
		for (const std::uint32_t quiet : quiet_cpus())
			own.erase(quiet);
		own.insert(central_);
		auto stays = scx::PinnedTo::cpus(own);
		if (!stays)
			return stays.error();
		stays_.emplace(std::move(*stays));
		return scx::Done{};
	}

	// Tells, once, when the timer had to move.
	std::chrono::nanoseconds work() override
	{
		const std::uint64_t elsewhere = sum(kTimerElsewhere);
		if (elsewhere > 0 && !told_)
			say(fmt::format("the timer had to move: it fires on CPU {}, not on the "
					"central CPU {}",
					skeleton().data->timer_cpu, central_));
		told_ = elsewhere > 0;
		return std::chrono::seconds(1);
	}

	void statistics(scx::Statistics& figures) override
	{
		figures.add("central_cpu", std::uint64_t{central_});
		std::uint32_t key = 0;
		for (const char* name : kCounters)
			figures.add(name, sum(key++));
	}

private:
	std::uint64_t sum(std::uint32_t key)
	{
		return scx::sum_per_cpu(skeleton().maps.counts, key);
	}

	// Those of nohz_full=. The file has something else where there are none.
	static std::set<std::uint32_t> quiet_cpus()
	{
		return scx::read_cpu_list("/sys/devices/system/cpu/nohz_full")
			.value_or(std::set<std::uint32_t>{});
	}

	// Where a timer is started, there it stays.
	scx::Outcome start_timer()
	{
		const auto pinned = scx::PinnedTo::cpus({central_});
		if (!pinned)
			return pinned.error();
		LIBBPF_OPTS(bpf_test_run_opts, run);
		const int error =
			bpf_prog_test_run_opts(bpf_program__fd(skeleton().progs.start_timer), &run);
		if (error == 0 && run.retval == 0)
			return scx::Done{};
		return scx::Error{
			fmt::format("cannot start the timer ({}); run with -v to see why",
				    std::strerror(error ? -error : -static_cast<int>(run.retval)))};
	}

	void say(const std::string& text) const
	{
		std::fputs(fmt::format("{}: {}\n", run_options_.name, text).c_str(), stderr);
	}

	scx::Outcome configure(const scx::Kernel& kernel) override
	{
		const int possible = libbpf_num_possible_cpus();
		const auto online = scx::read_cpu_list("/sys/devices/system/cpu/online");
		if (possible < 1 || !online || online->empty())
			return scx::Error{"cannot tell which CPUs there are; is /sys mounted?"};
		stays_.reset();
		online_ = *online;
		if (options_.central >= static_cast<std::uint64_t>(possible))
			return scx::Error{fmt::format("there is no CPU {}; the last one is {}",
						      options_.central, possible - 1)};
		const auto preferred = static_cast<std::uint32_t>(options_.central);
		if (quiet_cpus().contains(preferred))
			return scx::Error{fmt::format(
				"CPU {} is to do without a tick (nohz_full=); choose one "
				"that is not with --central",
				preferred)};
		central_ = online->contains(preferred) ? preferred : *online->begin();
		if (central_ != preferred)
			say(fmt::format("CPU {} is offline; CPU {} decides until it is back",
					preferred, central_));

		auto& fixed = *skeleton().rodata;
		fixed.central_cpu = static_cast<s32>(central_);
		fixed.preferred_cpu = static_cast<s32>(preferred);
		fixed.nr_cpus = static_cast<u32>(possible);
		fixed.slice_ns = options_.slice_us * 1000;
		if (bpf_map__set_max_entries(skeleton().maps.cpu_states,
					     static_cast<u32>(possible)) != 0)
			return scx::Error{"cannot make room for all CPUs; run with -v to see why"};
		told_ = false;
		return scx::complete_table(*skeleton().struct_ops.central_ops, kernel,
					   run_options_);
	}

	const scx::RunOptions& run_options_;
	const Options& options_;
	std::uint32_t central_ = 0;
	std::set<std::uint32_t> online_;
	std::optional<scx::PinnedTo> stays_;
	bool told_ = false;
};

} // namespace

int main(int argc, char** argv)
{
	scx::RunOptions run_options{.name = "scx_central"};
	Options options;

	scx::CommandLine command_line("One CPU decides for all; the others run without ticks",
				      run_options);
	command_line.number("-s,--slice", options.slice_us, 1000, 1'000'000, "MICROSECONDS",
			    "How long a task runs while others wait");
	command_line.number("-c,--central", options.central, 0, 8191, "CPU",
			    "The CPU that decides; if it is offline, the first one that is not");
	command_line.reach();
	if (const auto status = command_line.parse(argc, argv))
		return *status;

	Central central(run_options, options);
	return scx::run(central, run_options);
}
