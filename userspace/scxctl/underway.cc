// SPDX-License-Identifier: GPL-2.0
#include "scxctl/underway.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scxctl/service.h"

namespace scxctl {
namespace {

using FileStatus = struct stat;

// Open for writing, which is root's alone: anybody may have the log to read, and as an output too.
bool writes_to(const System& system, int pid, int output, const FileStatus& log)
{
	const std::string path = system.path(fmt::format("/proc/{}/fd/{}", pid, output));
	FileStatus link{}, file{};
	return lstat(path.c_str(), &link) == 0 && (link.st_mode & S_IWUSR) != 0 &&
	       stat(path.c_str(), &file) == 0 && file.st_dev == log.st_dev &&
	       file.st_ino == log.st_ino;
}

bool unit_underway()
{
	const std::string state = service_state();
	return state == "activating" || state == "active" || state == "reloading" ||
	       state == "deactivating";
}

} // namespace

// A script that has sent its outputs and ours there too is of our session, and none is that was
// started.
bool started_directly(const System& system, int pid)
{
	FileStatus log{};
	return getsid(pid) != getsid(0) && stat(system.path(kLogFile).c_str(), &log) == 0 &&
	       writes_to(system, pid, 1, log) && writes_to(system, pid, 2, log);
}

Underway find_underway(const System& system)
{
	Underway underway{.unit = service_usable(system) && unit_underway()};
	for (const std::string& name : system.names("/proc"))
		if (const int pid = static_cast<int>(number(name));
		    pid != 0 && started_directly(system, pid))
			underway.processes.push_back(pid);
	return underway;
}

std::string name_of(const System& system, const Underway& underway)
{
	if (underway.unit || underway.processes.empty())
		return kUnit;
	const std::string pid = std::to_string(underway.processes.front());
	const auto program = system.line("/proc/" + pid + "/comm");
	return fmt::format("process {}{}", pid, program ? " (" + *program + ")" : "");
}

} // namespace scxctl
