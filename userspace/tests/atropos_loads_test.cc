// SPDX-License-Identifier: GPL-2.0
// The averages that both halves keep, and the snapshots made of them.
#include "atropos/loads.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace scx::atropos {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr double kUnit = 1 << DECAYING_AVERAGE_SHIFT;

double value_of(const decaying_average& average)
{
	return static_cast<double>(average.average) / kUnit;
}

void pass(decaying_average& average, std::uint64_t time, std::uint64_t half_life = kSecond)
{
	decaying_average_advance(&average, decaying_average_loss(time, half_life));
}

TEST(DecayingAverageTest, LosesHalfInAHalfLife)
{
	for (const std::uint64_t half_life : {kSecond / 1000, kSecond, 137 * kSecond})
		for (const double lives : {1e-5, 0.001, 0.3, 0.5, 1.0, 1.7, 5.0, 20.0, 31.9}) {
			const auto passed =
				static_cast<std::uint64_t>(lives * static_cast<double>(half_life));
			const double lost =
				static_cast<double>(decaying_average_loss(passed, half_life)) /
				4294967296.0;
			EXPECT_NEAR(lost, 1 - std::exp2(-lives), 2e-5) << half_life << " " << lives;
		}
	EXPECT_EQ(decaying_average_loss(0, kSecond), 0U);
	EXPECT_EQ(decaying_average_loss(32 * kSecond, kSecond), 1ULL << 32);
	EXPECT_EQ(decaying_average_loss(~0ULL, 137 * kSecond), 1ULL << 32);
}

TEST(DecayingAverageTest, FollowsItsValueBothWays)
{
	decaying_average average{.value = 1000, .average = 0};
	pass(average, kSecond);
	EXPECT_NEAR(value_of(average), 500, 0.1);
	pass(average, 20 * kSecond);
	EXPECT_NEAR(value_of(average), 1000, 0.1);
	average.value = -1000;
	pass(average, kSecond);
	EXPECT_NEAR(value_of(average), 0, 0.1);
	pass(average, 40 * kSecond);
	EXPECT_EQ(average.average, -(1000LL << DECAYING_AVERAGE_SHIFT));
	average = {.value = 1LL << 39, .average = -(1LL << 59)};
	pass(average, kSecond);
	EXPECT_NEAR(value_of(average), 0, 1e7);
}

// A microsecond at a time: what is rounded each time must not add up.
TEST(DecayingAverageTest, SmallStepsComeToTheSame)
{
	decaying_average average{.value = 100, .average = 0};
	for (unsigned i = 0; i < 1'000'000; ++i)
		pass(average, 1000);
	EXPECT_NEAR(value_of(average), 50, 0.6);
}

// Four CPUs, each of which sees a part of what happens, against one that sees it all.
TEST(DecayingAverageTest, PartsAddUpToTheWhole)
{
	std::mt19937 random(7);
	decaying_average whole{};
	std::vector<decaying_average> parts(4);
	std::vector<std::uint64_t> at(4);
	std::uint64_t now = 0, whole_at = 0;
	for (unsigned i = 0; i < 10'000; ++i) {
		now += random() % 1'000'000;
		const std::size_t cpu = random() % 4;
		const std::int64_t change = whole.value > 1000
						    ? -static_cast<std::int64_t>(random() % 500)
						    : static_cast<std::int64_t>(random() % 500);
		pass(whole, now - whole_at);
		whole_at = now;
		whole.value += change;
		pass(parts[cpu], now - at[cpu]);
		at[cpu] = now;
		parts[cpu].value += change;
	}
	double sum = 0;
	for (std::size_t cpu = 0; cpu < 4; ++cpu) {
		pass(parts[cpu], now - at[cpu]);
		sum += value_of(parts[cpu]);
	}
	EXPECT_NEAR(sum, value_of(whole), 0.01 * value_of(whole));
}

// What is behind its domain's clock catches up elsewhere, while others wait for it: not for longer
// than a turn, whatever it weighs. Debts go with it as they are.
TEST(AtroposDomainChangeTest, NobodyIsOwedMoreThanATurn)
{
	constexpr std::uint64_t kSlice = 20'000'000;
	for (const std::uint32_t weight : {1U, 33U, 100U, 8668U, 10000U})
		for (const std::int64_t lag : {-50'000'000L, 0L, 100'000L, 50'000'000L}) {
			const std::int64_t kept = atropos_lag_elsewhere(lag, kSlice, weight);
			EXPECT_LE(kept * weight / 100, static_cast<std::int64_t>(kSlice)) << weight;
			EXPECT_LE(kept, lag) << weight;
			if (lag <= 100'000) {
				EXPECT_EQ(kept, lag) << weight;
			}
		}
	EXPECT_EQ(atropos_lag_elsewhere(50'000'000, kSlice, 33), 50'000'000);
	EXPECT_EQ(atropos_lag_elsewhere(50'000'000, kSlice, 100), 20'000'000);
}

atropos_load part(std::uint64_t at, std::int64_t weight, std::int64_t tasks)
{
	return {.version_after = 0,
		.at = at,
		.weights = {weight, weight << DECAYING_AVERAGE_SHIFT},
		.duties = {tasks * ATROPOS_WHOLE_DUTY, (tasks * ATROPOS_WHOLE_DUTY)
							       << DECAYING_AVERAGE_SHIFT},
		.version_before = 0};
}

TEST(AtroposLoadsTest, PartsOfADomainAddUp)
{
	const DomainLoad sum =
		sum_parts({part(kSecond, 500, 3), part(kSecond, -200, -1), {}}, kSecond, kSecond);
	EXPECT_NEAR(sum.load, 300, 1e-6);
	EXPECT_NEAR(sum.duty, 2, 1e-6);
	// Parts that are older, or newer, than the look at them.
	atropos_load old = part(kSecond, 0, 0);
	old.weights.average = 800LL << DECAYING_AVERAGE_SHIFT;
	EXPECT_NEAR(sum_parts({old}, 2 * kSecond, kSecond).load, 400, 0.1);
	EXPECT_NEAR(sum_parts({old}, 0, kSecond).load, 800, 0.1);
	EXPECT_EQ(sum_parts({part(0, -5, -1)}, kSecond, kSecond).load, 0);
}

atropos_task task(int tid, std::uint8_t domain, std::uint8_t wanted, std::uint64_t domains,
		  bool kworker = false)
{
	return {.domains = domains,
		.duty = static_cast<std::uint64_t>(ATROPOS_WHOLE_DUTY) << DECAYING_AVERAGE_SHIFT,
		.tid = tid,
		.weight = 100,
		.domain = domain,
		.wanted = wanted,
		.kworker = kworker,
		.reserved = {}};
}

TEST(AtroposLoadsTest, TasksOnTheirWayCountAsArrived)
{
	const Snapshot snapshot = make_snapshot(
		{{.cpus = 1, .load = 200, .duty = 2}, {.cpus = 1, .load = 0, .duty = 0}},
		{task(1, 0, 0, 0b11), task(2, 0, 1, 0b11)}, {});
	EXPECT_NEAR(snapshot.domains[0].load, 100, 1e-9);
	EXPECT_NEAR(snapshot.domains[1].load, 100, 1e-9);
	EXPECT_NEAR(snapshot.domains[1].duty, 1, 1e-9);
	EXPECT_EQ(snapshot.tasks[1].domain, 1U);
	EXPECT_TRUE(balance(snapshot).empty());
}

TEST(AtroposLoadsTest, WhoMayMove)
{
	RecentMoves recent;
	recent.add(3);
	const std::vector<atropos_task> tasks = {task(1, 0, 0, 0b11), task(2, 0, 0, 0b01),
						 task(3, 0, 0, 0b11), task(4, 0, 0, 0b11, true)};
	const std::vector<DomainLoad> domains = {{.cpus = 1}, {.cpus = 1}};
	const auto movable = [&](const TaskRules& rules) {
		std::vector<bool> result;
		for (const TaskLoad& load : make_snapshot(domains, tasks, rules).tasks)
			result.push_back(load.movable);
		return result;
	};
	EXPECT_EQ(movable({}), (std::vector<bool>{true, false, true, true}));
	EXPECT_EQ(movable({.balance_kworkers = false, .recent = &recent}),
		  (std::vector<bool>{true, false, false, false}));
	for (unsigned round = 0; round < RecentMoves::kRounds; ++round) {
		EXPECT_TRUE(recent.contains(3));
		recent.next_round();
	}
	EXPECT_FALSE(recent.contains(3));
}

TEST(AtroposLoadsTest, TasksOfDomainsThatAreNoneAreLeftOut)
{
	EXPECT_TRUE(make_snapshot({{.cpus = 1}}, {task(1, 5, 0, 1), task(2, 0, 5, 1)}, {})
			    .tasks.empty());
}

} // namespace
} // namespace scx::atropos
