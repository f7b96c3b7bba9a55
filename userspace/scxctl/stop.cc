// SPDX-License-Identifier: GPL-2.0
// scxctl stop: the unit, or else the process that keeps the scheduler loaded.
#include <fmt/format.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <thread>

#include "scxctl/commands.h"
#include "scxctl/service.h"
#include "scxctl/state.h"

namespace scxctl {
namespace {

constexpr std::chrono::seconds kPatience{60};
constexpr std::chrono::seconds kEnding{5};
constexpr std::chrono::milliseconds kLook{50};

// The number may belong to another process by the time the signal goes out; a descriptor does not.
scx::Outcome end_process(const System& system, int pid)
{
	const int process = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
	if (process < 0)
		return scx::Done{};
	const bool still = is_owner(system, pid);
	const bool sent = !still ||
			  syscall(SYS_pidfd_send_signal, process, SIGTERM, nullptr, 0) == 0 ||
			  errno == ESRCH;
	close(process);
	if (!sent)
		return scx::Error{fmt::format("cannot end process {}; it is protected", pid)};
	return scx::Done{};
}

bool becomes_disabled(const System& system)
{
	const auto give_up = std::chrono::steady_clock::now() + kPatience;
	while (std::chrono::steady_clock::now() < give_up) {
		const State state = read_state(system);
		if (!state.available || state.phase == "disabled")
			return true;
		std::this_thread::sleep_for(kLook);
	}
	return false;
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

scx::Outcome end(const System& system, const std::string& scheduler)
{
	const auto owner = look_for_owner(system);
	if (owner && owner->unit == kUnit && service_usable(system))
		return stop_service();
	if (owner)
		return end_process(system, owner->pid);
	if (read_state(system).scheduler.empty())
		return scx::Done{};
	return scx::Error{fmt::format("no process holds {}: its link is pinned; remove it from "
				      "/sys/fs/bpf, or `echo S >/proc/sysrq-trigger`",
				      scheduler)};
}

} // namespace

Reply stop(const Request& request)
{
	const std::string unavailable = why_unavailable(request.system);
	if (!unavailable.empty())
		return scx::Error{unavailable};
	const State state = read_state(request.system);
	if (state.phase == "disabled") {
		std::puts("no scheduler is loaded");
		return kDone;
	}
	if (geteuid() != 0)
		return scx::Error{"stopping a scheduler needs root; run it with sudo"};

	const auto ended = end(request.system, state.scheduler);
	if (!ended)
		return ended.error();
	if (!becomes_disabled(request.system))
		return scx::Error{fmt::format("{} has not ended after {} s; `echo S "
					      ">/proc/sysrq-trigger` ejects it",
					      state.scheduler, kPatience.count())};
	std::puts(fmt::format("{} has ended", state.scheduler).c_str());
	return kDone;
}

} // namespace scxctl
