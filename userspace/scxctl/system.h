// SPDX-License-Identifier: GPL-2.0
// The kernel's files, and everything else that scxctl reads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scxctl {

// All paths are as on the running system; a test looks at a directory that looks like one instead.
class System {
public:
	explicit System(std::string root) : root_(std::move(root)) {}

	// False when a test's directory stands for the system: nothing is to be asked of the
	// running kernel then.
	bool running() const { return root_.empty(); }

	std::string path(std::string_view absolute) const { return root_ + std::string(absolute); }
	bool exists(std::string_view absolute) const;

	// Nothing where the file cannot be read. A line comes without its end.
	std::optional<std::string> text(std::string_view absolute) const;
	std::optional<std::string> line(std::string_view absolute) const;

	// Sorted; empty where there is no such directory, or none that may be read.
	std::vector<std::string> names(std::string_view directory) const;

	// As `uname -r` says.
	std::string release() const;

private:
	std::string root_;
};

// The lines of a text, without their ends.
std::vector<std::string> lines_of(std::string_view text);

// What follows `key` at the start of a line of the text, without blanks around it.
std::optional<std::string> field(std::string_view text, std::string_view key);

// 0 for what is no number.
unsigned long long number(std::string_view text);

} // namespace scxctl
