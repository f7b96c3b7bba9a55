// SPDX-License-Identifier: GPL-2.0
// What the kernel says about sched_ext, read afresh for each command.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scxctl/system.h"

namespace scxctl {

struct State {
	bool available = false;          // sched_ext is there: in the kernel itself, or as a module
	bool module = false;             // it is the module
	std::string version{};           // of the module
	std::string phase{};             // enabling, enabled, disabling, disabled
	std::string scheduler{};         // as its ops call it; empty when none is loaded
	bool switch_all = false;         // it has all normal tasks, not only those of SCHED_EXT
	unsigned long long loads = 0;    // schedulers since sched_ext came
	unsigned long long rejected = 0; // tasks that a scheduler refused
	std::vector<std::pair<std::string, unsigned long long>> events{};
};

State read_state(const System& system);

// The process that keeps a scheduler loaded.
struct Owner {
	int pid = 0;
	std::string program{};          // the name of its executable
	std::string unit{};             // of systemd, when it is one's
	unsigned long long seconds = 0; // since it started
};

// Only root can look into other processes: nothing for anybody else. Nothing also while a scheduler
// is held by no process (its link is pinned), or ends meanwhile.
std::optional<Owner> find_owner(const System& system);

// Whether it is that process which keeps it loaded, still.
bool is_owner(const System& system, int pid);

} // namespace scxctl
