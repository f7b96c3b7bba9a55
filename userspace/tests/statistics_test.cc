// SPDX-License-Identifier: GPL-2.0
#include "lib/statistics.h"

#include <gtest/gtest.h>

namespace scx::testing {
namespace {

TEST(StatisticsTest, KeepsTheOrderInBothForms)
{
	Statistics statistics;
	statistics.add("local", std::uint64_t{18'446'744'073'709'551'615U});
	statistics.add("global", std::uint64_t{0});
	statistics.add("busy_percent", 12.5);
	statistics.add("mode", std::string("fifo"));
	EXPECT_EQ(statistics.words(),
		  "local=18446744073709551615 global=0 busy_percent=12.50 mode=fifo");
	EXPECT_EQ(statistics.json(), R"({"local":18446744073709551615,"global":0,)"
				     R"("busy_percent":12.5,"mode":"fifo"})");
}

TEST(StatisticsTest, GroupsAreLinesOrObjects)
{
	Statistics statistics;
	statistics.add("all", std::uint64_t{3});
	Statistics& domains = statistics.group("domain");
	Statistics& first = domains.group("0");
	first.add("tasks", std::uint64_t{1});
	domains.group("1").add("tasks", std::uint64_t{2});
	first.add("load", 0.5);
	EXPECT_EQ(statistics.words(), "all=3\n  domain 0: tasks=1 load=0.50\n  domain 1: tasks=2");
	EXPECT_EQ(statistics.json(),
		  R"({"all":3,"domain":{"0":{"tasks":1,"load":0.5},"1":{"tasks":2}}})");
}

TEST(StatisticsTest, EmptyOnesAndOddTextStayWellFormed)
{
	Statistics statistics;
	EXPECT_EQ(statistics.words(), "");
	EXPECT_EQ(statistics.json(), "{}");
	statistics.add("name", std::string("a\"b\n\xff"));
	EXPECT_EQ(statistics.json(), "{\"name\":\"a\\\"b\\n\xEF\xBF\xBD\"}");
}

} // namespace
} // namespace scx::testing
