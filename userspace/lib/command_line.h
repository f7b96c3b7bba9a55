// SPDX-License-Identifier: GPL-2.0
// Options: the ones every scheduler has, and its own.
//
// CLI11 reports by exceptions; they end in here.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/run.h"

namespace scx {

class CommandLine {
public:
	// Adds --interval, --json, -v/--verbose, --version and -h/--help; `options` and all targets
	// must outlive parse(). What the targets hold is shown as the default.
	CommandLine(const std::string& purpose, RunOptions& options);
	~CommandLine();
	CommandLine(const CommandLine&) = delete;
	CommandLine& operator=(const CommandLine&) = delete;

	// `names` as in "-f,--fifo".
	void flag(const char* names, bool& target, const char* help);

	// A number from `least` to `most`; anything else is refused with a line that says so.
	// `unit` stands for the value in the help, such as "MICROSECONDS" or "N".
	void number(const char* names, std::uint64_t& target, std::uint64_t least,
		    std::uint64_t most, const char* unit, const char* help);
	void number(const char* names, std::int64_t& target, std::int64_t least, std::int64_t most,
		    const char* unit, const char* help);
	void number(const char* names, double& target, double least, double most, const char* unit,
		    const char* help);

	// A text; of the second kind one for each time that the option is given.
	void text(const char* names, std::string& target, const char* kind, const char* help);
	void texts(const char* names, std::vector<std::string>& target, const char* kind,
		   const char* help);

	// Which tasks are scheduled: -a/--switch-all (the default) or `partial_names`, into
	// RunOptions::partial. A scheduler whose -p is something else passes "--partial".
	void reach(const char* partial_names = "-p,--partial");

	// The exit status when there is nothing more to do: help was printed, or one
	// line that says which argument is wrong.
	std::optional<int> parse(int argc, char** argv);

private:
	struct Parser;
	std::unique_ptr<Parser> parser_;
	RunOptions& options_;
	double interval_ = 1.0; // seconds
	bool switch_all_ = false;
};

} // namespace scx
