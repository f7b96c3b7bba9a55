// SPDX-License-Identifier: GPL-2.0
#include "lib/command_line.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace scx::testing {
namespace {

struct Parsed {
	std::optional<int> status;
	RunOptions options{.name = "scx_test"};
	bool fifo = false;
	std::string out;
	std::string err;
};

Parsed parse(std::vector<std::string> arguments)
{
	Parsed parsed;
	CommandLine command_line("purpose", parsed.options);
	command_line.flag("-f,--fifo", parsed.fifo, "help");

	arguments.insert(arguments.begin(), "scx_test");
	std::vector<char*> argv;
	for (std::string& argument : arguments)
		argv.push_back(argument.data());
	argv.push_back(nullptr);

	::testing::internal::CaptureStdout();
	::testing::internal::CaptureStderr();
	parsed.status = command_line.parse(static_cast<int>(arguments.size()), argv.data());
	parsed.out = ::testing::internal::GetCapturedStdout();
	parsed.err = ::testing::internal::GetCapturedStderr();
	return parsed;
}

TEST(CommandLineTest, TakesNothing)
{
	const Parsed parsed = parse({});
	EXPECT_FALSE(parsed.status);
	EXPECT_FALSE(parsed.fifo);
	EXPECT_FALSE(parsed.options.verbose);
	EXPECT_EQ(parsed.options.interval, std::chrono::seconds(1));
}

TEST(CommandLineTest, TakesShortAndLongOptions)
{
	for (const char* name : {"-f", "--fifo"})
		EXPECT_TRUE(parse({name}).fifo) << name;
	EXPECT_TRUE(parse({"-v"}).options.verbose);
	EXPECT_EQ(parse({"--interval", "0.25"}).options.interval, std::chrono::milliseconds(250));
}

TEST(CommandLineTest, PrintsHelpAndVersion)
{
	const Parsed help = parse({"--help"});
	EXPECT_EQ(help.status, 0);
	EXPECT_NE(help.out.find("--interval SECONDS"), std::string::npos);
	const Parsed version = parse({"--version"});
	EXPECT_EQ(version.status, 0);
	EXPECT_EQ(version.out.rfind("scx_test ", 0), 0u);
}

TEST(CommandLineTest, AnswersWrongArgumentsWithOneLine)
{
	const std::vector<std::vector<std::string>> wrong = {{"--bogus"},
							     {"-x"},
							     {"stray"},
							     {"--interval"},
							     {"--interval", "fast"},
							     {"--interval", "0"},
							     {"--interval", "-1"},
							     {"--interval", "nan"}};
	for (const auto& arguments : wrong) {
		const Parsed parsed = parse(arguments);
		EXPECT_EQ(parsed.status, kWrongUsage) << arguments.back();
		EXPECT_EQ(parsed.err.rfind("scx_test: ", 0), 0u) << parsed.err;
		EXPECT_EQ(std::count(parsed.err.begin(), parsed.err.end(), '\n'), 1) << parsed.err;
	}
}

} // namespace
} // namespace scx::testing
