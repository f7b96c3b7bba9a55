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
	std::uint64_t slice = 20'000;
	double ratio = 0.5;
	std::int64_t process = 0;
	std::string name;
	std::vector<std::string> masks;
	std::string out;
	std::string err;
};

Parsed parse(std::vector<std::string> arguments)
{
	Parsed parsed;
	CommandLine command_line("purpose", parsed.options);
	command_line.flag("-f,--fifo", parsed.fifo, "help");
	command_line.number("-s,--slice", parsed.slice, 100, 1'000'000, "MICROSECONDS", "help");
	command_line.number("--ratio", parsed.ratio, -1.0, 1.0, "N", "help");
	command_line.number("-d", parsed.process, -1, 100, "PID", "help");
	command_line.text("--name", parsed.name, "NAME", "help");
	command_line.texts("--mask", parsed.masks, "CPUMASK", "help");
	command_line.reach();

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

TEST(CommandLineTest, TakesValues)
{
	const Parsed parsed = parse({"-s", "500", "--ratio=-0.25", "--name", "x", "--mask", "0x3",
				     "--mask", "0xc", "--json"});
	EXPECT_FALSE(parsed.status) << parsed.err;
	EXPECT_EQ(parsed.slice, 500u);
	EXPECT_EQ(parsed.ratio, -0.25);
	EXPECT_EQ(parse({"-d", "-1"}).process, -1);
	EXPECT_EQ(parsed.name, "x");
	EXPECT_EQ(parsed.masks, (std::vector<std::string>{"0x3", "0xc"}));
	EXPECT_TRUE(parsed.options.json);
}

TEST(CommandLineTest, ReachesAllTasksUnlessToldOtherwise)
{
	EXPECT_FALSE(parse({}).options.partial);
	EXPECT_FALSE(parse({"-a"}).options.partial);
	EXPECT_FALSE(parse({"--switch-all"}).options.partial);
	EXPECT_TRUE(parse({"-p"}).options.partial);
	EXPECT_TRUE(parse({"--partial"}).options.partial);
}

TEST(CommandLineTest, PrintsHelpAndVersion)
{
	const Parsed help = parse({"--help"});
	EXPECT_EQ(help.status, 0);
	EXPECT_NE(help.out.find("--interval SECONDS"), std::string::npos);
	EXPECT_NE(help.out.find("--slice MICROSECONDS=20000"), std::string::npos) << help.out;
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
							     {"--interval", "nan"},
							     {"--slice", "99"},
							     {"--slice", "1000001"},
							     {"--slice", "-1"},
							     {"--slice", "9999999999999999999999"},
							     {"--slice", "1e3x"},
							     {"--ratio", "1.5"},
							     {"-d", "-2"},
							     {"--name"},
							     {"-a", "-p"}};
	for (const auto& arguments : wrong) {
		const Parsed parsed = parse(arguments);
		EXPECT_EQ(parsed.status, kWrongUsage) << arguments.back();
		EXPECT_EQ(parsed.err.rfind("scx_test: ", 0), 0u) << parsed.err;
		EXPECT_EQ(std::count(parsed.err.begin(), parsed.err.end(), '\n'), 1) << parsed.err;
	}
}

} // namespace
} // namespace scx::testing
