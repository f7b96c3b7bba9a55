// SPDX-License-Identifier: GPL-2.0
// A scheduler's life: load, attach, report, wait for the end, say why.
#pragma once

#include <chrono>
#include <string>

#include "lib/program.h"

namespace scx {

struct RunOptions {
	std::string name; // of the program, in front of its error messages
	bool verbose = false;
	bool json = false;    // statistics and ends as JSON objects
	bool partial = false; // schedule tasks of the policy SCHED_EXT alone; see complete_table()
	std::chrono::milliseconds interval{1000};
};

enum ExitStatus { kEndedNormally = 0, kFailed = 1, kWrongUsage = 2 };

// Runs until a signal or the kernel ends the scheduler; starts it again when
// the kernel asks for that. Standard output: the statistics, and last the exit
// line; with `json` an object on each line, the last one {"exit":{"reason":…}}.
// Standard error: one line when something failed, and the dump of an
// ejected scheduler. Returns the exit status for main(): kEndedNormally when a
// signal or the BPF half itself ended it, kFailed when it was ejected.
// `sysfs` is /sys outside tests.
int run(Program& program, const RunOptions& options, const std::string& sysfs = "/sys");

// A line on standard output that is there at once, also through a pipe.
void print_line(const std::string& line);

} // namespace scx
