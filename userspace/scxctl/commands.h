// SPDX-License-Identifier: GPL-2.0
// The commands, each in a file of its own. A new one gets a file, a line here, and one in main.cc.
#pragma once

#include <string>
#include <vector>

#include "lib/result.h"
#include "scxctl/system.h"

namespace scxctl {

enum ExitStatus {
	kDone = 0,
	kFailed = 1,
	kWrongUsage = 2,
	kNoneLoaded = 3,  // status: sched_ext is there, no scheduler is
	kUnavailable = 4, // status: this kernel has no sched_ext, or its module is not loaded
};

// What the command line says. Each command reads what is its own.
struct Request {
	System system{""};
	std::string directory{};              // where the schedulers are
	std::string scheduler{};              // start, run
	std::vector<std::string> arguments{}; // of the scheduler
	bool json = false;                    // list, status, doctor
	unsigned lines = 20;                  // log
	bool follow = false;                  // log
};

// Each prints to standard output and returns the exit status, or the error for standard error.
using Reply = scx::Result<ExitStatus>;

Reply list(const Request& request);
Reply status(const Request& request);
Reply start(const Request& request);
Reply run(const Request& request);
Reply stop(const Request& request);
Reply log(const Request& request);
Reply dump(const Request& request);
Reply doctor(const Request& request);

// For commands that need it: what it says when there is no sched_ext here, else nothing.
std::string why_unavailable(const System& system);

} // namespace scxctl
