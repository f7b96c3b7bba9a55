// SPDX-License-Identifier: GPL-2.0
#include "lib/statistics.h"

#include <fmt/format.h>

// Nothing here can fail but memory; the library is asked not to throw.
#define JSON_NOEXCEPTION
#include <nlohmann/json.hpp>

namespace scx {
namespace {

struct InWords {
	std::string operator()(std::uint64_t value) const { return fmt::format("{}", value); }
	std::string operator()(double value) const { return fmt::format("{:.2f}", value); }
	std::string operator()(const std::string& value) const { return value; }
};

} // namespace

struct Statistics::Json {
	static nlohmann::ordered_json of(const Statistics& statistics)
	{
		nlohmann::ordered_json object = nlohmann::ordered_json::object();
		for (const auto& [name, value] : statistics.figures_)
			std::visit([&](const auto& plain) { object[name] = plain; }, value);
		for (const auto& [name, group] : statistics.groups_)
			object[name] = of(group);
		return object;
	}
};

Statistics& Statistics::group(std::string name)
{
	return groups_.emplace_back(std::move(name), Statistics{}).second;
}

void Statistics::put(std::string name, Value value)
{
	figures_.emplace_back(std::move(name), std::move(value));
}

void Statistics::append_words(std::string& text, const std::string& prefix) const
{
	const char* separator = prefix.empty() ? "" : " ";
	if (!figures_.empty())
		text += prefix;
	for (const auto& [name, value] : figures_) {
		text += fmt::format("{}{}={}", separator, name, std::visit(InWords{}, value));
		separator = " ";
	}
	for (const auto& [name, group] : groups_) {
		if (!text.empty() && text.back() != '\n')
			text += '\n';
		const std::string own = prefix.empty()
						? "  " + name
						: prefix.substr(0, prefix.size() - 1) + ' ' + name;
		group.append_words(text, own + ':');
	}
}

std::string Statistics::words() const
{
	std::string text;
	append_words(text, "");
	return text;
}

std::string Statistics::json() const
{
	return Json::of(*this).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace scx
