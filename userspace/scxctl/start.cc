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
constexpr std::chrono::seconds kEnding{2};
constexpr std::chrono::milliseconds kLook{50};
// A scheduler is in force a moment before its process has the link.
constexpr int kMostLooksUnheld = 60;

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

// An error while there is a scheduler, in force or on its way: the unit would not start another,
// and the kernel not take it. What is just ending has a moment to do so.
scx::Outcome wait_for_room(const System& system)
{
	const auto give_up = std::chrono::steady_clock::now() + kEnding;
	for (;;) {
		const std::string loaded = read_state(system).scheduler;
		if (!loaded.empty())
			return scx::Error{
				fmt::format("{} is loaded; end it first: scxctl stop", loaded)};
		const Underway underway = find_underway(system);
		if (underway.nothing())
			return scx::Done{};
		if (std::chrono::steady_clock::now() > give_up)
			return scx::Error{fmt::format("{} is loading a scheduler, or just ending; "
						      "wait for it, or end it first: scxctl stop",
						      name_of(system, underway))};
		std::this_thread::sleep_for(kLook);
	}
}

struct Started {
	std::function<bool()> gone;
	std::function<std::string()> last_words;
	std::function<bool(const Owner&)> holds; // the process is one of what was started
};

// Until a scheduler is in force that was started here, not by somebody else meanwhile. Nothing when
// no process holds it: a table of 2023 has no link that could be held.
scx::Result<std::optional<Owner>> wait_for(const System& system, const Started& started)
{
	const auto give_up = std::chrono::steady_clock::now() + kPatience;
	int looks_unheld = 0;
	while (std::chrono::steady_clock::now() < give_up) {
		// In this order: what ends right after it was loaded has been loaded.
		const bool ended = started.gone();
		const State state = read_state(system);
		if (ended) {
			const std::string words = started.last_words();
			return scx::Error{words.empty()
						  ? "the scheduler ended at once; see `scxctl log`"
						  : "the scheduler ended: " + words};
		}
		const bool in_force = state.phase == "enabled" && !state.scheduler.empty();
		const auto owner = in_force ? find_owner(system) : std::nullopt;
		looks_unheld = in_force && !owner ? looks_unheld + 1 : 0;
		if ((owner && started.holds(*owner)) || looks_unheld > kMostLooksUnheld)
			return owner;
		std::this_thread::sleep_for(kLook);
	}
	return scx::Error{
		fmt::format("the scheduler is not in force after {} s; see `scxctl log`, and "
			    "`scxctl stop` to give up",
			    kPatience.count())};
}

scx::Outcome expect(const Scheduler& scheduler, const std::string& running)
{
	if (running == scheduler.name)
		return scx::Done{};
	return scx::Error{fmt::format("{} is loaded, and not {}: somebody else started it just "
				      "before; end it first: scxctl stop",
				      running, scheduler.name)};
}

scx::Outcome start_by_unit(const Request& request, const Scheduler& scheduler)
{
	const System& system = request.system;
	const auto left = start_service(system, scheduler.name, request.arguments);
	if (!left)
		return left;
	const auto gone = [] {
		const std::string state = service_state();
		return state == "failed" || state == "inactive";
	};
	const auto holds = [](const Owner& process) { return process.unit == kUnit; };
	const auto owner = wait_for(
		system, {.gone = gone, .last_words = last_words_of_service, .holds = holds});
	if (!owner)
		return owner.error();
	// Whoever comes first tells the unit what to run. How that calls itself in the kernel is
	// its own affair: the name there counts only when nothing else tells.
	const auto told = *owner ? scheduler_of_service(system, (*owner)->pid) : std::nullopt;
	if (!told)
		return expect(scheduler, read_state(system).scheduler);
	const auto found = find_scheduler(request.directory, *told);
	return expect(scheduler, found ? found->name : *told);
}

scx::Outcome start_directly(const Request& request, const Scheduler& scheduler)
{
	const System& system = request.system;
	const auto module = load_module(system);
	if (!module)
		return module;
	const auto child =
		start_program(command_of(scheduler, request.arguments), system.path(kLogFile));
	if (!child)
		return scx::Error{
			fmt::format("cannot run {} with its output in {}; is /run writable?",
				    scheduler.program, kLogFile)};
	const auto gone = [&] { return ended(*child).has_value(); };
	const auto last_words = [&]() -> std::string {
		const auto lines = lines_of(system.text(kLogFile).value_or(""));
		return lines.empty() ? "" : lines.back();
	};
	const auto holds = [&](const Owner& process) {
		return process.pid == *child || started_directly(system, process.pid);
	};
	const auto owner =
		wait_for(system, {.gone = gone, .last_words = last_words, .holds = holds});
	if (!owner)
		return owner.error();
	return *owner ? scx::Done{} : expect(scheduler, read_state(system).scheduler);
}

} // namespace

Reply start(const Request& request)
{
	const auto scheduler = wanted(request);
	if (!scheduler)
		return scheduler.error();
	if (geteuid() != 0)
		return scx::Error{"starting a scheduler needs root; run it with sudo"};
	const auto room = wait_for_room(request.system);
	if (!room)
		return room.error();

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
