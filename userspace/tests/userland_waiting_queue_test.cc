// SPDX-License-Identifier: GPL-2.0
#include "userland/waiting_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace scx {
namespace {

Waiting waiting(std::uint64_t vtime, std::uint64_t arrived, std::uint64_t number)
{
	return {.vtime = vtime,
		.arrived = arrived,
		.number = number,
		.thread = static_cast<std::uint32_t>(number),
		.stay = 1};
}

TEST(WaitingQueue, GivesTheLeastVtimeFirst)
{
	WaitingQueue queue(std::pmr::new_delete_resource());
	EXPECT_EQ(queue.next(0), nullptr);
	queue.add(waiting(30, 1, 0));
	queue.add(waiting(10, 2, 1));
	queue.add(waiting(20, 3, 2));
	std::vector<std::uint64_t> order;
	while (!queue.empty())
		order.push_back(queue.take(queue.next(0)).vtime);
	EXPECT_EQ(order, (std::vector<std::uint64_t>{10, 20, 30}));
}

TEST(WaitingQueue, EqualVtimesKeepTheirOrder)
{
	WaitingQueue queue(std::pmr::new_delete_resource());
	for (std::uint64_t number = 0; number < 5; ++number)
		queue.add(waiting(7, 9, number));
	for (std::uint64_t number = 0; number < 5; ++number)
		EXPECT_EQ(queue.take(queue.next(0)).number, number);
}

TEST(WaitingQueue, ComparesAcrossTheWrap)
{
	WaitingQueue queue(std::pmr::new_delete_resource());
	queue.add(waiting(5, 1, 0)); // after the wrap
	queue.add(waiting(~std::uint64_t{0} - 5, 2, 1));
	EXPECT_EQ(queue.next(0)->number, 1U);
}

TEST(WaitingQueue, WhoWaitedTooLongGoesFirst)
{
	WaitingQueue queue(std::pmr::new_delete_resource());
	queue.add(waiting(1'000'000, 100, 0));
	queue.add(waiting(1, 200, 1));
	EXPECT_EQ(queue.next(100)->number, 1U) << "100 has not ended before 100";
	EXPECT_EQ(queue.next(101)->number, 0U);
	queue.take(queue.next(101));
	EXPECT_EQ(queue.next(101)->number, 1U);
	EXPECT_EQ(queue.size(), 1U);
}

TEST(WaitingQueue, AgreesWithASortedList)
{
	std::minstd_rand random(1);
	std::pmr::unsynchronized_pool_resource pool;
	WaitingQueue queue(&pool);
	std::vector<Waiting> list;
	for (std::uint64_t number = 0; number < 20000; ++number) {
		if (random() % 3 != 0 || list.empty()) {
			list.push_back(waiting(random() % 1000, number, number));
			queue.add(list.back());
			continue;
		}
		const std::uint64_t patience_ended =
			number - std::min<std::uint64_t>(number, random() % 4000);
		auto expected = list.begin();
		if (expected->arrived >= patience_ended)
			expected = std::min_element(list.begin(), list.end(),
						    [](const Waiting& left, const Waiting& right) {
							    return left.vtime < right.vtime;
						    });
		ASSERT_EQ(queue.take(queue.next(patience_ended)).number, expected->number);
		list.erase(expected);
		ASSERT_EQ(queue.size(), list.size());
	}
}

} // namespace
} // namespace scx
