// SPDX-License-Identifier: GPL-2.0
#include "lib/policy.h"

#include <gtest/gtest.h>

#include <thread>

namespace scx::testing {
namespace {

int policy_of_new_thread()
{
	int policy = -1;
	std::thread([&policy] { policy = sched_getscheduler(0); }).join();
	return policy;
}

TEST(UnderPolicyTest, HoldsForNewThreadsAndRestores)
{
	const int before = sched_getscheduler(0);
	{
		const auto batch = UnderPolicy::policy(SCHED_BATCH);
		ASSERT_TRUE(batch) << batch.error().text;
		EXPECT_EQ(sched_getscheduler(0), SCHED_BATCH);
		EXPECT_EQ(policy_of_new_thread(), SCHED_BATCH);
	}
	EXPECT_EQ(sched_getscheduler(0), before);
}

// Of two objects only one restores.
TEST(UnderPolicyTest, MovesOn)
{
	const int before = sched_getscheduler(0);
	{
		auto made = UnderPolicy::policy(SCHED_BATCH);
		ASSERT_TRUE(made) << made.error().text;
		{
			const UnderPolicy moved(std::move(*made));
			EXPECT_EQ(sched_getscheduler(0), SCHED_BATCH);
		}
		EXPECT_EQ(sched_getscheduler(0), before);
		const auto other = UnderPolicy::policy(SCHED_BATCH);
		ASSERT_TRUE(other) << other.error().text;
	}
	EXPECT_EQ(sched_getscheduler(0), before);
}

TEST(UnderPolicyTest, SaysThatThereIsNoSuchPolicy)
{
	const int before = sched_getscheduler(0);
	const auto unknown = UnderPolicy::policy(99);
	ASSERT_FALSE(unknown);
	EXPECT_NE(unknown.error().text.find("policy 99"), std::string::npos);
	EXPECT_EQ(sched_getscheduler(0), before);
}

} // namespace
} // namespace scx::testing
