// SPDX-License-Identifier: GPL-2.0
// A scheduler's figures of one interval, for a person or for a program.
#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace scx {

// Figures keep the order in which they are added. Names are the same in both
// forms: short, without blanks, the unit at their end where it is not a count
// (`load_percent`).
class Statistics {
public:
	void add(std::string name, std::uint64_t value) { put(std::move(name), value); }
	void add(std::string name, double value) { put(std::move(name), value); }
	void add(std::string name, std::string value) { put(std::move(name), std::move(value)); }

	// Figures of one part, such as a level or a domain; valid as long as this object.
	Statistics& group(std::string name);

	// `name=value name=value`, and below it an indented line for each group.
	std::string words() const;

	// One JSON object on one line; a group is an object in it.
	std::string json() const;

private:
	using Value = std::variant<std::uint64_t, double, std::string>;

	void put(std::string name, Value value);
	void append_words(std::string& text, const std::string& prefix) const;

	struct Json;

	std::vector<std::pair<std::string, Value>> figures_;
	std::list<std::pair<std::string, Statistics>> groups_; // stay where they are
};

} // namespace scx
