// SPDX-License-Identifier: GPL-2.0
#include "lib/cpus.h"

#include <gtest/gtest.h>

namespace scx::testing {
namespace {

using Set = std::set<std::uint32_t>;

TEST(CpusTest, ReadsTheKernelsLists)
{
	EXPECT_EQ(parse_cpu_list(""), Set{});
	EXPECT_EQ(parse_cpu_list("0"), Set{0});
	EXPECT_EQ(parse_cpu_list("0-3,8,10-11"), (Set{0, 1, 2, 3, 8, 10, 11}));
	EXPECT_EQ(parse_cpu_list("5-5"), Set{5});
}

TEST(CpusTest, RefusesWhatIsNone)
{
	for (const char* text :
	     {"a", "-1", "1-", "3-1", "1,", ",1", "1 2", "0x3", "1,,2", "99999999999", "8192"})
		EXPECT_EQ(parse_cpu_list(text), std::nullopt) << text;
}

TEST(CpusTest, ReadsAFileOrSaysThatItCannot)
{
	EXPECT_EQ(read_cpu_list("/nonexistent/online"), std::nullopt);
	const auto online = read_cpu_list("/sys/devices/system/cpu/online");
	ASSERT_TRUE(online);
	EXPECT_FALSE(online->empty());
}

TEST(CpusTest, PinsAndRestores)
{
	cpu_set_t before, during, after;
	ASSERT_EQ(sched_getaffinity(0, sizeof(before), &before), 0);
	std::uint32_t cpu = 0;
	while (!CPU_ISSET(cpu, &before))
		++cpu;
	{
		const auto pinned = PinnedTo::cpus({cpu});
		ASSERT_TRUE(pinned) << pinned.error().text;
		ASSERT_EQ(sched_getaffinity(0, sizeof(during), &during), 0);
		EXPECT_EQ(CPU_COUNT(&during), 1);
		EXPECT_TRUE(CPU_ISSET(cpu, &during));
	}
	ASSERT_EQ(sched_getaffinity(0, sizeof(after), &after), 0);
	EXPECT_TRUE(CPU_EQUAL(&before, &after));
	EXPECT_FALSE(PinnedTo::cpus({8191}));
}

} // namespace
} // namespace scx::testing
