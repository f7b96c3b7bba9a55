// SPDX-License-Identifier: GPL-2.0
// Options: the ones every scheduler has, and its own.
//
// CLI11 reports by exceptions; they end in here.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "lib/run.h"

namespace scx {

class CommandLine {
public:
	// Adds -v/--verbose, --interval, --version and -h/--help; `options` must outlive parse().
	CommandLine(const std::string& purpose, RunOptions& options);
	~CommandLine();
	CommandLine(const CommandLine&) = delete;
	CommandLine& operator=(const CommandLine&) = delete;

	// `names` as in "-f,--fifo".
	void flag(const char* names, bool& target, const char* help);

	// The exit status when there is nothing more to do: help was printed, or one
	// line that says which argument is wrong.
	std::optional<int> parse(int argc, char** argv);

private:
	struct Parser;
	std::unique_ptr<Parser> parser_;
	RunOptions& options_;
	double interval_ = 1.0; // seconds
};

} // namespace scx
