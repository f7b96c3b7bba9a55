// SPDX-License-Identifier: GPL-2.0
// scxctl stop: the unit and what scxctl started, their schedulers in force or not; then whatever
// process keeps one loaded.
#include <fmt/format.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <functional>
#include <thread>

#include "scxctl/commands.h"
#include "scxctl/service.h"
#include "scxctl/state.h"
#include "scxctl/underway.h"

namespace scxctl {
namespace {

constexpr std::chrono::seconds kPatience{60};
constexpr std::chrono::seconds kEnding{5};
constexpr std::chrono::milliseconds kLook{50};

// The number may belong to another process by the time the signal goes out; a descriptor does not.
scx::Outcome end_process(int pid, const std::function<bool(int)>& is_right)
{
	const int process = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
	if (process < 0)
		return scx::Done{};
	const bool still = is_right(pid);
	const bool sent = !still ||
			  syscall(SYS_pidfd_send_signal, process, SIGTERM, nullptr, 0) == 0 ||
			  errno == ESRCH;
	close(process);
	if (!sent)
		return scx::Error{fmt::format("cannot end process {}; it is protected", pid)};
	return scx::Done{};
}

bool becomes(const std::function<bool()>& over)
{
	const auto give_up = std::chrono::steady_clock::now() + kPatience;
	while (std::chrono::steady_clock::now() < give_up) {
		if (over())
			return true;
		std::this_thread::sleep_for(kLook);
	}
	return false;
}

bool is_disabled(const System& system)
{
	const State state = read_state(system);
	return !state.available || state.phase == "disabled";
}

// The kernel need not know of what ends here. A program that is being loaded takes the signal when
// the verifier is done with it.
scx::Outcome end_underway(const System& system, const Underway& underway)
{
	if (underway.unit)
		if (const auto stopped = stop_service(); !stopped)
			return stopped;
	for (const int pid : underway.processes) {
		const auto ended = end_process(
			pid, [&](int process) { return started_directly(system, process); });
		if (!ended)
			return ended;
	}
	const auto left = [&] { return Underway{.processes = find_underway(system).processes}; };
	if (underway.processes.empty() || becomes([&] { return left().nothing(); }))
		return scx::Done{};
	return scx::Error{fmt::format("{} has not ended after {} s; `kill -9` ends it",
				      name_of(system, left()), kPatience.count())};
}

// A process that ends by itself closes its files before the kernel has ended its scheduler: only a
// scheduler that stays without one is pinned.
std::optional<Owner> look_for_owner(const System& system)
{
	const auto give_up = std::chrono::steady_clock::now() + kEnding;
	for (;;) {
		const auto owner = find_owner(system);
		if (owner || read_state(system).scheduler.empty() ||
		    std::chrono::steady_clock::now() > give_up)
			return owner;
		std::this_thread::sleep_for(kLook);
	}
}

scx::Outcome end_owner(const System& system, const std::string& scheduler)
{
	const auto owner = look_for_owner(system);
	if (owner)
		return end_process(owner->pid, [&](int pid) { return is_owner(system, pid); });
	if (read_state(system).scheduler.empty())
		return scx::Done{};
	return scx::Error{fmt::format("no process holds {}: its link is pinned; remove it from "
				      "/sys/fs/bpf, or `echo S >/proc/sysrq-trigger`",
				      scheduler)};
}

// Also one that somebody else holds while the unit tries to load its own.
scx::Outcome end_all(const System& system, const Underway& underway)
{
	const auto ended = end_underway(system, underway);
	if (!ended || is_disabled(system))
		return ended;
	const std::string scheduler = read_state(system).scheduler;
	const auto freed = end_owner(system, scheduler);
	if (!freed || becomes([&] { return is_disabled(system); }))
		return freed;
	return scx::Error{
		fmt::format("{} has not ended after {} s; `echo S >/proc/sysrq-trigger` ejects it",
			    scheduler, kPatience.count())};
}

} // namespace

Reply stop(const Request& request)
{
	const Underway underway = find_underway(request.system);
	const State state = read_state(request.system);
	if (underway.nothing()) {
		const std::string unavailable = why_unavailable(request.system);
		if (!unavailable.empty())
			return scx::Error{unavailable};
		if (state.phase == "disabled") {
			std::puts("no scheduler is loaded");
			return kDone;
		}
	}
	if (geteuid() != 0)
		return scx::Error{"stopping a scheduler needs root; run it with sudo"};

	const std::string name = !state.scheduler.empty() ? state.scheduler
				 : underway.nothing()     ? "a scheduler"
							  : name_of(request.system, underway);
	const auto ended = end_all(request.system, underway);
	if (!ended)
		return ended.error();
	const bool loaded = state.available && state.phase != "disabled";
	std::puts(
		(name + (loaded ? " has ended" : " has ended; no scheduler was in force")).c_str());
	return kDone;
}

} // namespace scxctl
