// SPDX-License-Identifier: GPL-2.0
// What was started, whether or not its scheduler is in force. The kernel says nothing of one whose
// programs the verifier still reads, or which is just starting anew: its processes do.
#pragma once

#include <string>
#include <vector>

#include "scxctl/system.h"

namespace scxctl {

// Where a scheduler that was started without systemd says what it says: with both outputs, by which
// its processes are known again, whatever they are called and however long ago it was.
inline constexpr const char* kLogFile = "/run/sched-ext.log";

struct Underway {
	bool unit = false; // sched-ext.service, from being asked to start until it has ended
	std::vector<int> processes{}; // started without systemd; only root can see them

	bool nothing() const { return !unit && processes.empty(); }
};

Underway find_underway(const System& system);

// Whether the process was started without systemd.
bool started_directly(const System& system, int pid);

// For a message: the unit, or else the first process.
std::string name_of(const System& system, const Underway& underway);

} // namespace scxctl
