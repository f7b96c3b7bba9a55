// SPDX-License-Identifier: GPL-2.0
// A million operations on random machines under random schedulers, in runs that each have a seed.
//
//	random_tests                                    the tests
//	random_tests --seed N [--operations N] [--cpus N --tasks N]     one run
//	random_tests --minutes N [--seed N]             runs of new seeds for so long
//	random_tests --replay FILE                      a run that a failure has written down
#include "random/shrink.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

namespace host::random {
namespace {

// Where a failing run is written to, and how to repeat it.
std::string keep(Script const& script, u64 seed)
{
	std::string const path = "/tmp/random-" + std::to_string(seed) + ".operations";

	std::ofstream{path} << to_text(script);
	return path;
}

std::string explain(u64 seed, Script const& script, Verdict const& verdict)
{
	Shrunk const shrunk = shrink(script, verdict);
	std::ostringstream text;

	text << "seed " << seed << ": operation " << verdict.operation + 1 << " of "
	     << script.operations.size() << ": " << verdict.violation << "\nshrunk to "
	     << shrunk.script.operations.size() << " operations in " << shrunk.replays
	     << " replays: " << shrunk.verdict.violation << "\n"
	     << to_text(shrunk.script) << "repeat it with: tests/host/soak --replay "
	     << keep(shrunk.script, seed) << "\n";
	return text.str();
}

// Empty if the run is as it should be.
std::string complaint_of(u64 seed, Setting const& setting, size_t operations)
{
	Script const script = draw(seed, setting, operations);
	Verdict const verdict = carry_out_apart(script, true);

	return verdict.violation.empty() ? "" : explain(seed, script, verdict);
}

void expect_no_complaint(u64 seed, Setting const& setting, size_t operations)
{
	if (std::string const complaint = complaint_of(seed, setting, operations);
	    !complaint.empty())
		ADD_FAILURE() << complaint;
}

// 50 of them with 16,000 operations each.
class SmallMachines : public testing::TestWithParam<u64> {};

TEST_P(SmallMachines, KeepTheirProperties)
{
	expect_no_complaint(GetParam(), small_setting(GetParam()), 16'000);
}

INSTANTIATE_TEST_SUITE_P(Random, SmallMachines, testing::Range<u64>(1, 51));

TEST(LargeMachines, SixtyFourCpusAndTenThousandTasks)
{
	expect_no_complaint(1001,
			    {.cpus = 64,
			     .threads_per_core = 2,
			     .nodes = 2,
			     .tasks = 10'000,
			     .hotplug = false,
			     .check_every = 1'000},
			    160'000);
}

TEST(LargeMachines, FourThousandCpus)
{
	expect_no_complaint(1002,
			    {.cpus = 4096,
			     .threads_per_core = 2,
			     .nodes = 16,
			     .tasks = 10'000,
			     .hotplug = false,
			     .check_every = 4'000},
			    40'000);
}

TEST(Seeds, DetermineARun)
{
	Script const script = draw(7, small_setting(7), 2'000);
	Verdict const first = carry_out_apart(script, true);

	EXPECT_EQ(first.violation, "");
	EXPECT_NE(first.digest, 0u);
	EXPECT_EQ(first.digest, carry_out_apart(script, true).digest);
	EXPECT_NE(first.digest, carry_out_apart(draw(8, small_setting(7), 2'000), true).digest);
}

TEST(Seeds, SurviveBeingWrittenDown)
{
	Script const script = draw(7, small_setting(7), 500);
	auto const read = from_text(to_text(script));

	ASSERT_TRUE(read);
	EXPECT_EQ(to_text(*read), to_text(script));
	EXPECT_FALSE(from_text("machine cpus=4\n"));
	EXPECT_FALSE(from_text(to_text(script) + "dance task=1 cpu=1 seed=1 meanwhile=nothing\n"));
}

// The properties can fail, and what fails becomes short: load, wake, lose at the least.
TEST(Shrinking, FindsTheFewOperationsThatMatter)
{
	Setting setting = small_setting(3);

	setting.lossy = true;

	Script const script = draw(3, setting, 16'000);
	Verdict const verdict = carry_out_apart(script, true);

	ASSERT_NE(verdict.violation, "");

	Shrunk const shrunk = shrink(script, verdict);

	EXPECT_LE(shrunk.script.operations.size(), 12u) << to_text(shrunk.script);
	EXPECT_TRUE(std::any_of(shrunk.script.operations.begin(), shrunk.script.operations.end(),
				[](Operation const& op) { return op.kind == Kind::lose; }));
	EXPECT_NE(carry_out_apart(shrunk.script, true).violation, "");
}

struct Options {
	u64 seed = 0;
	u64 operations = 16'000;
	u64 cpus = 0;
	u64 tasks = 0;
	u64 minutes = 0;
	char const* replay = nullptr;
};

Setting setting_for(u64 seed, Options const& options)
{
	Setting setting = small_setting(seed);

	if (options.cpus) {
		setting.cpus = static_cast<u32>(options.cpus);
		setting.threads_per_core = setting.cpus % 2 ? 1 : 2;
		setting.nodes = 1;
	}
	if (options.tasks)
		setting.tasks = static_cast<u32>(options.tasks);
	// A look at a large machine costs more than many operations.
	setting.check_every = 1 + (setting.tasks + setting.cpus) / 64;
	return setting;
}

int run_one(u64 seed, Options const& options)
{
	std::string const complaint =
		complaint_of(seed, setting_for(seed, options), options.operations);

	if (complaint.empty())
		return 0;
	std::fputs(complaint.c_str(), stdout);
	return 1;
}

int replay(char const* path)
{
	std::ifstream file{path};
	std::stringstream text;

	text << file.rdbuf();

	auto const script = from_text(text.str());

	if (!file || !script) {
		std::fprintf(stderr, "random_tests: %s is not a run that was written down\n", path);
		return 2;
	}

	Verdict const verdict = carry_out_apart(*script, false);

	if (verdict.violation.empty()) {
		std::printf("%zu operations without a violation\n", script->operations.size());
		return 0;
	}
	std::printf("operation %zu: %s\n", verdict.operation + 1, verdict.violation.c_str());
	return 1;
}

int run_by_hand(Options const& options)
{
	using Clock = std::chrono::steady_clock;

	if (options.replay)
		return replay(options.replay);
	if (!options.minutes) {
		int const failed = run_one(options.seed, options);

		if (!failed)
			std::printf("seed %llu: %llu operations without a violation\n",
				    options.seed, options.operations);
		return failed;
	}

	auto const until = Clock::now() + std::chrono::minutes{options.minutes};
	u64 seed = options.seed ? options.seed
				: static_cast<u64>(Clock::now().time_since_epoch().count());

	for (u64 runs = 1;; ++runs, ++seed) {
		if (int const failed = run_one(seed, options))
			return failed;
		if (Clock::now() > until) {
			std::printf("%llu runs to seed %llu without a violation\n", runs, seed);
			return 0;
		}
	}
}

// Null if there is no such option.
u64* number_named(Options& options, char const* name)
{
	if (!std::strcmp(name, "--seed"))
		return &options.seed;
	if (!std::strcmp(name, "--operations"))
		return &options.operations;
	if (!std::strcmp(name, "--cpus"))
		return &options.cpus;
	if (!std::strcmp(name, "--tasks"))
		return &options.tasks;
	return std::strcmp(name, "--minutes") ? nullptr : &options.minutes;
}

} // namespace
} // namespace host::random

int main(int argc, char** argv)
{
	using namespace host::random;

	Options options;

	testing::InitGoogleTest(&argc, argv);
	if (argc == 1)
		return RUN_ALL_TESTS();
	for (int i = 1; i < argc; i += 2) {
		u64* const number = number_named(options, argv[i]);
		bool const is_replay = !std::strcmp(argv[i], "--replay");
		char* end = nullptr;

		if (i + 1 < argc && number)
			*number = std::strtoull(argv[i + 1], &end, 0);
		if (i + 1 == argc || (!number && !is_replay) ||
		    (number && (*end || end == argv[i + 1]))) {
			std::fprintf(stderr,
				     "random_tests: do not understand %s (see random_test.cc)\n",
				     argv[i]);
			return 2;
		}
		if (is_replay)
			options.replay = argv[i + 1];
	}
	return run_by_hand(options);
}
