// SPDX-License-Identifier: GPL-2.0
// scxctl status: what is loaded, who holds it, and what the kernel counted.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "scxctl/commands.h"
#include "scxctl/state.h"

namespace scxctl {
namespace {

using Json = nlohmann::ordered_json;

void print(const std::string& text)
{
	std::fputs((text + '\n').c_str(), stdout);
}

std::string duration(unsigned long long seconds)
{
	if (seconds >= 2 * 86400)
		return fmt::format("{} days", seconds / 86400);
	if (seconds >= 3600)
		return fmt::format("{} h {} min", seconds / 3600, seconds / 60 % 60);
	if (seconds >= 60)
		return fmt::format("{} min {} s", seconds / 60, seconds % 60);
	return fmt::format("{} s", seconds);
}

Json as_json(const System& system, const State& state, const std::optional<Owner>& owner)
{
	Json json;
	json["kernel"] = system.release();
	json["available"] = state.available;
	json["module"] = state.module ? Json(state.version) : Json(nullptr);
	if (!state.available)
		return json;
	json["state"] = state.phase;
	json["loads"] = state.loads;
	json["rejected_tasks"] = state.rejected;
	json["scheduler"] = nullptr;
	if (state.scheduler.empty())
		return json;

	Json& scheduler = json["scheduler"];
	scheduler["name"] = state.scheduler;
	scheduler["switch_all"] = state.switch_all;
	if (owner) {
		scheduler["process"] = owner->pid;
		scheduler["program"] = owner->program;
		scheduler["unit"] = owner->unit.empty() ? Json(nullptr) : Json(owner->unit);
		scheduler["seconds"] = owner->seconds;
	}
	scheduler["events"] = Json::object();
	for (const auto& [name, count] : state.events)
		scheduler["events"][name] = count;
	return json;
}

std::string held_by(const System& system, const std::optional<Owner>& owner)
{
	if (owner)
		return fmt::format("{}, process {}, for {}{}", owner->program, owner->pid,
				   duration(owner->seconds),
				   owner->unit.empty() ? "" : ", of " + owner->unit);
	if (system.running() && geteuid() != 0)
		return "(only root can see the process)";
	return "no process: its link is pinned, or it is just ending";
}

void print_words(const System& system, const State& state, const std::optional<Owner>& owner)
{
	print(fmt::format("scheduler  {}", state.scheduler));
	print(fmt::format("state      {}", state.phase));
	print(fmt::format("tasks      {}", state.switch_all
						   ? "all normal tasks"
						   : "only tasks with the policy SCHED_EXT"));
	print(fmt::format("held by    {}", held_by(system, owner)));
	print(fmt::format("module     {}",
			  state.module ? "sched_ext " + state.version : "none: built in"));
	print(fmt::format("counted    {} schedulers loaded, {} tasks refused", state.loads,
			  state.rejected));
	for (const auto& [name, count] : state.events)
		if (count != 0)
			print(fmt::format("           {} {}", name, count));
}

} // namespace

std::string why_unavailable(const System& system)
{
	if (read_state(system).available)
		return "";
	if (system.exists("/sys/module/sched_ext"))
		return "the module is loaded, but has no /sys/kernel/sched_ext; see `dmesg`";
	return "sched_ext is not there: its module is not loaded, or the kernel has no hooks; "
	       "`scxctl doctor` says what to do";
}

Reply status(const Request& request)
{
	const State state = read_state(request.system);
	const auto owner = state.scheduler.empty() ? std::nullopt : find_owner(request.system);

	if (request.json)
		print(as_json(request.system, state, owner)
			      .dump(2, ' ', false, Json::error_handler_t::replace));
	if (!state.available) {
		if (!request.json)
			print(why_unavailable(request.system));
		return kUnavailable;
	}
	if (state.scheduler.empty()) {
		if (!request.json)
			print(state.phase == "disabled"
				      ? "no scheduler is loaded"
				      : fmt::format("no scheduler is loaded (state: {})",
						    state.phase));
		return kNoneLoaded;
	}
	if (!request.json)
		print_words(request.system, state, owner);
	return kDone;
}

} // namespace scxctl
