// SPDX-License-Identifier: GPL-2.0
#include "scxctl/schedulers.h"

#include <unistd.h>

#include <algorithm>

#include "scxctl/process.h"
#include "scxctl/system.h"

namespace scxctl {
namespace {

constexpr std::string_view kPrefix = "scx_";

} // namespace

std::string own_directory()
{
	char path[4096];
	const ssize_t size = readlink("/proc/self/exe", path, sizeof(path));
	const std::string text(path, size > 0 ? static_cast<std::size_t>(size) : 0);
	return text.substr(0, text.rfind('/'));
}

std::vector<Scheduler> schedulers_in(const std::string& directory)
{
	std::vector<Scheduler> found;
	for (const std::string& name : System("").names(directory)) {
		const std::string path = directory + "/" + name;
		if (name.starts_with(kPrefix) && access(path.c_str(), X_OK) == 0)
			found.push_back({name.substr(kPrefix.size()), path});
	}
	return found;
}

std::optional<Scheduler> find_scheduler(const std::string& directory, const std::string& name)
{
	for (const Scheduler& scheduler : schedulers_in(directory))
		if (name == scheduler.name || name == std::string(kPrefix) + scheduler.name)
			return scheduler;
	return std::nullopt;
}

std::string name_list(const std::vector<Scheduler>& schedulers)
{
	std::string text;
	for (const Scheduler& scheduler : schedulers)
		text += (text.empty() ? "" : ", ") + scheduler.name;
	return text.empty() ? "none" : text;
}

std::string purpose_of(const Scheduler& scheduler)
{
	const Finished help = run_program({scheduler.program, "--help"});
	const auto lines = lines_of(help.output);
	return help.status == 0 && !lines.empty() ? lines[0] : "";
}

std::vector<std::string> command_of(const Scheduler& scheduler,
				    const std::vector<std::string>& arguments)
{
	std::vector<std::string> command{scheduler.program};
	const bool chosen = std::any_of(arguments.begin(), arguments.end(), [](const auto& word) {
		return word.starts_with("--interval");
	});
	if (!chosen && run_program({scheduler.program, "--help"}).output.find("--interval") !=
			       std::string::npos)
		command.insert(command.end(), {"--interval", "60"});
	command.insert(command.end(), arguments.begin(), arguments.end());
	return command;
}

} // namespace scxctl
