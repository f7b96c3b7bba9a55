// SPDX-License-Identifier: GPL-2.0
// Other programs: run to their end, or left running.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace scxctl {

struct Finished {
	int status = 0;       // as a shell has it: 128 and the signal's number when one ended it
	std::string output{}; // both outputs
};

// Waits for the program's end. A program that cannot be run has status 127.
Finished run_program(const std::vector<std::string>& command);

// Starts the program in a session of its own, its outputs in `log`, which is made anew. Returns its
// number, or nothing when it could not be run.
std::optional<pid_t> start_program(const std::vector<std::string>& command, const std::string& log);

// The exit status of a child that has ended, as in Finished; nothing while it runs.
std::optional<int> ended(pid_t child);

// In place of this program. Returns only when that failed.
void become_program(const std::vector<std::string>& command);

} // namespace scxctl
