// SPDX-License-Identifier: GPL-2.0
// The schedulers that are installed: programs scx_NAME beside scxctl.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace scxctl {

struct Scheduler {
	std::string name;    // "simple"
	std::string program; // the path of scx_simple
};

// Where scxctl itself is.
std::string own_directory();

// By name.
std::vector<Scheduler> schedulers_in(const std::string& directory);

// `name` with or without "scx_".
std::optional<Scheduler> find_scheduler(const std::string& directory, const std::string& name);

// The names, separated by commas; "none" when there is none.
std::string name_list(const std::vector<Scheduler>& schedulers);

// The first line of its help: what it does.
std::string purpose_of(const Scheduler& scheduler);

// The program and its arguments. A report each second, as for somebody who watches, would fill a
// log: once a minute, unless the arguments say otherwise.
std::vector<std::string> command_of(const Scheduler& scheduler,
				    const std::vector<std::string>& arguments);

} // namespace scxctl
