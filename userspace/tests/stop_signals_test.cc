// SPDX-License-Identifier: GPL-2.0
#include "lib/stop_signals.h"

#include <gtest/gtest.h>

namespace scx::testing {
namespace {

using namespace std::chrono_literals;

TEST(StopSignalsTest, WaitsNoLongerThanToldTo)
{
	const StopSignals signals;
	const auto begin = std::chrono::steady_clock::now();
	EXPECT_FALSE(signals.wait(20ms));
	EXPECT_GE(std::chrono::steady_clock::now() - begin, 20ms);
}

TEST(StopSignalsTest, KeepsASignalThatCameEarly)
{
	const StopSignals signals;
	for (const int number : {SIGINT, SIGTERM}) {
		raise(number);
		EXPECT_TRUE(signals.wait(0ns));
		EXPECT_FALSE(signals.wait(0ns));
	}
}

// A shell starts background commands with SIGINT ignored.
TEST(StopSignalsTest, NoticesASignalThatWasIgnored)
{
	void (*const before)(int) = std::signal(SIGINT, SIG_IGN);
	{
		const StopSignals signals;
		raise(SIGINT);
		EXPECT_TRUE(signals.wait(0ns));
	}
	std::signal(SIGINT, before);
}

TEST(StopSignalsTest, LeavesTheMaskAsItWas)
{
	sigset_t mask;
	{
		const StopSignals signals;
	}
	sigprocmask(SIG_BLOCK, nullptr, &mask);
	EXPECT_FALSE(sigismember(&mask, SIGINT));
}

} // namespace
} // namespace scx::testing
