// SPDX-License-Identifier: GPL-2.0
// sched-ext.service: starts the scheduler that /etc/default/sched-ext names, or that scxctl left
// word of in /run for this one start.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/result.h"
#include "scxctl/system.h"

namespace scxctl {

inline constexpr const char* kUnit = "sched-ext.service";

// systemd is the first process, and the unit is installed.
bool service_usable(const System& system);

// As `systemctl is-active` has it: "active", "activating", "inactive", "failed".
std::string service_state();

// Returns when systemd has run the program, also if it was running already; the word is read by
// then, and gone. Errors are of the word that is left, or systemd's own.
scx::Outcome start_service(const System& system, const std::string& scheduler,
			   const std::vector<std::string>& arguments);
scx::Outcome stop_service();

// What the unit was told to run when it started this process; nothing when nobody can tell.
std::optional<std::string> scheduler_of_service(const System& system, int pid);

// What the unit's program said last, in its last life.
std::string last_words_of_service();

} // namespace scxctl
