// SPDX-License-Identifier: GPL-2.0
#include "lib/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>

namespace scx {

struct CommandLine::Parser {
	CLI::App app;
};

// Refuses what is no number from `least` to `most`, in one line. In this form the comparison also
// keeps out what is not a number at all, and a negative one, which CLI11 would wrap for an
// unsigned.
template <typename Number>
static CLI::Validator between(Number least, Number most, const std::string& unit)
{
	return CLI::Validator(
		[=](std::string& text) -> std::string {
			Number value{};
			const bool negative = !text.empty() && text.front() == '-';
			if ((!negative || least < Number{}) &&
			    CLI::detail::lexical_cast(text, value) && value >= least &&
			    value <= most)
				return "";
			return fmt::format("wants {} from {} to {}, not `{}`", unit, least, most,
					   text);
		},
		"");
}

template <typename Number>
static void add_number(CLI::App& app, const char* names, Number& target, Number least, Number most,
		       const char* unit, const char* help)
{
	app.add_option(names, target, help)
		->type_name(unit)
		->check(between(least, most,
				std::string(unit) == "N" ? "a number"
							 : CLI::detail::to_lower(unit)))
		->capture_default_str();
}

CommandLine::CommandLine(const std::string& purpose, RunOptions& options)
	: parser_(std::make_unique<Parser>()), options_(options)
{
	CLI::App& app = parser_->app;
	app.name(options.name);
	app.description(purpose);
	app.add_flag("-v,--verbose", options.verbose, "Print what libbpf and the verifier say");
	add_number(app, "--interval", interval_, 0.1, 24.0 * 60 * 60, "SECONDS",
		   "Seconds between two reports");
	app.add_flag("--json", options.json, "Print the statistics as one JSON object per line");
	app.set_version_flag("--version", fmt::format("{} {}", options.name, SCHED_EXT_VERSION));
}

CommandLine::~CommandLine() = default;

void CommandLine::flag(const char* names, bool& target, const char* help)
{
	parser_->app.add_flag(names, target, help);
}

void CommandLine::number(const char* names, std::uint64_t& target, std::uint64_t least,
			 std::uint64_t most, const char* unit, const char* help)
{
	add_number(parser_->app, names, target, least, most, unit, help);
}

void CommandLine::number(const char* names, std::int64_t& target, std::int64_t least,
			 std::int64_t most, const char* unit, const char* help)
{
	add_number(parser_->app, names, target, least, most, unit, help);
}

void CommandLine::number(const char* names, double& target, double least, double most,
			 const char* unit, const char* help)
{
	add_number(parser_->app, names, target, least, most, unit, help);
}

void CommandLine::text(const char* names, std::string& target, const char* kind, const char* help)
{
	CLI::Option* option = parser_->app.add_option(names, target, help)->type_name(kind);
	if (!target.empty())
		option->capture_default_str();
}

void CommandLine::texts(const char* names, std::vector<std::string>& target, const char* kind,
			const char* help)
{
	parser_->app.add_option(names, target, help)
		->type_name(kind)
		->expected(1)
		->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void CommandLine::reach(const char* partial_names)
{
	CLI::App& app = parser_->app;
	CLI::Option* all = app.add_flag("-a,--switch-all", switch_all_,
					"Schedule all normal tasks; the default");
	app.add_flag(partial_names, options_.partial,
		     "Schedule only tasks with the policy SCHED_EXT, not all normal ones")
		->excludes(all);
}

std::optional<int> CommandLine::parse(int argc, char** argv)
{
	CLI::App& app = parser_->app;
	try {
		app.parse(argc, argv);
	} catch (const CLI::Success& asked) {
		return app.exit(asked);
	} catch (const CLI::ParseError& wrong) {
		std::fputs(fmt::format("{}: {}; see {} --help\n", options_.name, wrong.what(),
				       options_.name)
				   .c_str(),
			   stderr);
		return kWrongUsage;
	}
	options_.interval = std::chrono::milliseconds(std::lround(interval_ * 1000));
	return std::nullopt;
}

} // namespace scx
