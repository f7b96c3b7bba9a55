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

// Empty when `text` is a duration in seconds that makes sense, else what is wrong with it.
static std::string check_interval(const std::string& text)
{
	constexpr double kShortest = 0.1;
	constexpr double kLongest = 24 * 60 * 60;

	double seconds = 0;
	// In this form the comparison also keeps out what is no number at all.
	if (CLI::detail::lexical_cast(text, seconds) && seconds >= kShortest && seconds <= kLongest)
		return "";
	return fmt::format("wants seconds from {} to {}, not `{}`", kShortest, kLongest, text);
}

CommandLine::CommandLine(const std::string& purpose, RunOptions& options)
	: parser_(std::make_unique<Parser>()), options_(options)
{
	CLI::App& app = parser_->app;
	app.name(options.name);
	app.description(purpose);
	app.add_flag("-v,--verbose", options.verbose, "Print what libbpf and the verifier say");
	app.add_option("--interval", interval_, "Seconds between two reports")
		->type_name("SECONDS")
		->check(CLI::Validator(check_interval, ""))
		->capture_default_str();
	app.set_version_flag("--version", fmt::format("{} {}", options.name, SCHED_EXT_VERSION));
}

CommandLine::~CommandLine() = default;

void CommandLine::flag(const char* names, bool& target, const char* help)
{
	parser_->app.add_flag(names, target, help);
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
