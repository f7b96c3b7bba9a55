// SPDX-License-Identifier: GPL-2.0
// scxctl start and run: through the unit where systemd runs, directly where not.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <functional>
#include <thread>

#include "scxctl/commands.h"
#include "scxctl/process.h"
#include "scxctl/schedulers.h"
#include "scxctl/service.h"
#include "scxctl/state.h"
#include "scxctl/underway.h"

namespace scxctl {
namespace {

// A verifier that is emulated on a busy machine takes its time.
constexpr std::chrono::seconds kPatience{60};
constexpr std::chrono::milliseconds kLook{50};

scx::Result<Scheduler> wanted(const Request& request)
{
	const auto scheduler = find_scheduler(request.directory, request.scheduler);
	if (scheduler)
		return *scheduler;
	return scx::Error{fmt::format("no scheduler `{}` in {}; there are: {}", request.scheduler,
				      request.directory,
				      name_list(schedulers_in(request.directory)))};
}

// An error when sched_ext is not there and cannot be had.
scx::Outcome load_module(const System& system)
{
	if (read_state(system).available)
		return scx::Done{};
	const Finished loaded = run_program({"modprobe", "sched_ext"});
	if (read_state(system).available)
		return scx::Done{};
	const auto lines = lines_of(loaded.output);
	return scx::Error{fmt::format("the module sched_ext cannot be loaded{}; `scxctl doctor` "
				      "says what to do",
				      lines.empty() ? "" : fmt::format(" ({})", lines.back()))};
}

// Until the scheduler is in force, or `gone` says that its program has ended.
scx::Outcome wait_for(const System& system, const std::function<bool()>& gone,
		      const std::function<std::string()>& last_words)
{
	const auto give_up = std::chrono::steady_clock::now() + kPatience;
	while (std::chrono::steady_clock::now() < give_up) {
		// In this order: what ends right after it was loaded has been loaded.
		const bool ended = gone();
		const State state = read_state(system);
		if (ended) {
			const std::string words = last_words();
			return scx::Error{words.empty()
						  ? "the scheduler ended at once; see `scxctl log`"
						  : "the scheduler ended: " + words};
		}
		if (state.phase == "enabled" && !state.scheduler.empty())
			return scx::Done{};
		std::this_thread::sleep_for(kLook);
	}
	return scx::Error{
		fmt::format("the scheduler is not in force after {} s; see `scxctl log`, and "
			    "`scxctl stop` to give up",
			    kPatience.count())};
}

scx::Outcome start_by_unit(const Request& request, const Scheduler& scheduler)
{
	const auto started = start_service(scheduler.name, request.arguments);
	if (!started)
		return started;
	return wait_for(
		request.system,
		[] {
			const std::string state = service_state();
			return state == "failed" || state == "inactive";
		},
		last_words_of_service);
}

scx::Outcome start_directly(const Request& request, const Scheduler& scheduler)
{
	const auto module = load_module(request.system);
	if (!module)
		return module;
	const auto child = start_program(command_of(scheduler, request.arguments),
					 request.system.path(kLogFile));
	if (!child)
		return scx::Error{
			fmt::format("cannot run {} with its output in {}; is /run writable?",
				    scheduler.program, kLogFile)};
	return wait_for(
		request.system, [&] { return ended(*child).has_value(); },
		[&]() -> std::string {
			const auto lines = lines_of(request.system.text(kLogFile).value_or(""));
			return lines.empty() ? "" : lines.back();
		});
}

} // namespace

Reply start(const Request& request)
{
	const auto scheduler = wanted(request);
	if (!scheduler)
		return scheduler.error();
	if (geteuid() != 0)
		return scx::Error{"starting a scheduler needs root; run it with sudo"};
	const std::string loaded = read_state(request.system).scheduler;
	if (!loaded.empty())
		return scx::Error{fmt::format("{} is loaded; end it first: scxctl stop", loaded)};

	const auto started = service_usable(request.system) ? start_by_unit(request, *scheduler)
							    : start_directly(request, *scheduler);
	if (!started)
		return started.error();
	std::puts(fmt::format("{} is loaded", read_state(request.system).scheduler).c_str());
	return kDone;
}

// What the unit runs. Its own line about the module, not libbpf's about what follows from it.
Reply run(const Request& request)
{
	const auto scheduler = wanted(request);
	if (!scheduler)
		return scheduler.error();
	const std::string unavailable = why_unavailable(request.system);
	if (!unavailable.empty())
		return scx::Error{unavailable};
	become_program(command_of(*scheduler, request.arguments));
	return scx::Error{fmt::format("cannot run {}; is it executable?", scheduler->program)};
}

} // namespace scxctl
