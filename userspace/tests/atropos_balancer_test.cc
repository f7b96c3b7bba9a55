// SPDX-License-Identifier: GPL-2.0
// The balancer on machines that exist in here alone: what it decides, and that it comes to rest.
#include "atropos/balancer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace scx::atropos {
namespace {

// Domains and tasks, of which a snapshot is what the BPF half would measure.
class Machine {
public:
	explicit Machine(std::vector<unsigned> cpus) : cpus_(std::move(cpus)) {}

	void add(unsigned count, unsigned domain, double weight = 100, double duty = 1,
		 std::uint64_t domains = ~0ULL)
	{
		for (unsigned i = 0; i < count; ++i)
			tasks_.push_back({.tid = static_cast<int>(tasks_.size()) + 1,
					  .domain = domain,
					  .weight = weight,
					  .duty = duty,
					  .domains = domains,
					  .movable = true});
	}

	Snapshot snapshot() const
	{
		Snapshot result;
		for (const unsigned cpus : cpus_)
			result.domains.push_back({.cpus = cpus});
		for (const TaskLoad& task : tasks_) {
			result.domains[task.domain].load += task.weight * task.duty;
			result.domains[task.domain].duty += task.duty;
		}
		result.tasks = tasks_;
		return result;
	}

	// One round. Returns how many tasks it moved.
	std::size_t balance(const BalanceLimits& limits = {})
	{
		const auto moves = atropos::balance(snapshot(), limits);
		for (const Move& move : moves) {
			TaskLoad& task = tasks_.at(static_cast<std::size_t>(move.tid) - 1);
			EXPECT_EQ(task.domain, move.from);
			EXPECT_TRUE(task.domains >> move.to & 1);
			EXPECT_TRUE(task.movable);
			task.domain = move.to;
		}
		return moves.size();
	}

	double imbalance() const { return atropos::imbalance(snapshot()); }
	std::vector<TaskLoad>& tasks() { return tasks_; }

	// How many tasks each domain has.
	std::vector<unsigned> counts() const
	{
		std::vector<unsigned> counts(cpus_.size());
		for (const TaskLoad& task : tasks_)
			++counts[task.domain];
		return counts;
	}

private:
	std::vector<unsigned> cpus_;
	std::vector<TaskLoad> tasks_;
};

TEST(AtroposBalancerTest, NothingToDo)
{
	EXPECT_TRUE(balance(Snapshot{}).empty());
	Machine one({4});
	one.add(9, 0);
	EXPECT_EQ(one.balance(), 0U);
	Machine idle({2, 2});
	EXPECT_EQ(idle.balance(), 0U);
	EXPECT_EQ(idle.imbalance(), 0);
	Machine even({2, 2});
	even.add(4, 0);
	even.add(4, 1);
	EXPECT_EQ(even.balance(), 0U);
	EXPECT_EQ(even.imbalance(), 0);
}

TEST(AtroposBalancerTest, TwoDomainsAreEvenAfterOneRoundAndStaySo)
{
	Machine machine({2, 2});
	machine.add(8, 0);
	EXPECT_EQ(machine.balance(), 4U);
	EXPECT_EQ(machine.counts(), (std::vector<unsigned>{4, 4}));
	EXPECT_EQ(machine.balance(), 0U);
}

TEST(AtroposBalancerTest, FourDomainsAreEvenAfterOneRoundAndStaySo)
{
	Machine machine({2, 2, 2, 2});
	machine.add(16, 0);
	machine.add(4, 1);
	EXPECT_EQ(machine.balance(), 11U);
	EXPECT_EQ(machine.counts(), (std::vector<unsigned>{5, 5, 5, 5}));
	EXPECT_EQ(machine.balance(), 0U);
}

// Moving one of nine would only make the other domain the fuller one.
TEST(AtroposBalancerTest, WhatCannotBeDividedStays)
{
	Machine machine({2, 2});
	machine.add(5, 0);
	machine.add(4, 1);
	EXPECT_EQ(machine.balance(), 0U);
	Machine few({1, 1});
	few.add(2, 0);
	few.add(1, 1);
	EXPECT_EQ(few.balance(), 0U);
}

TEST(AtroposBalancerTest, UnevenDomainsGetLoadByTheirCpus)
{
	Machine machine({1, 3});
	machine.add(8, 0);
	machine.balance();
	EXPECT_EQ(machine.counts(), (std::vector<unsigned>{2, 6}));
	EXPECT_EQ(machine.balance(), 0U);
}

// Only an exchange helps: 4 of 300 here and 4 of 100 there become 800 each by two against two.
TEST(AtroposBalancerTest, WeightsAreExchanged)
{
	Machine machine({2, 2});
	machine.add(4, 0, 300);
	machine.add(4, 1, 100);
	EXPECT_EQ(machine.balance(), 4U);
	EXPECT_EQ(machine.imbalance(), 0);
	Machine stuck({2, 2});
	stuck.add(3, 0, 300);
	stuck.add(1, 1, 300);
	stuck.add(4, 1, 100);
	EXPECT_EQ(stuck.balance(), 3U);
	EXPECT_EQ(stuck.imbalance(), 0);
}

// A seventh of a CPU too much: heavy tasks could be exchanged for light ones, but that is not worth
// it.
TEST(AtroposBalancerTest, ASmallDifferenceDoesNotMoveHeavyTasks)
{
	Machine machine({1, 3});
	machine.add(1, 0, 10000);
	machine.add(6, 1, 100);
	machine.add(1, 0, 100, 0.15, 0b01);
	machine.add(1, 1, 100, 0.3, 0b10);
	EXPECT_GT(machine.imbalance(), 0.08);
	EXPECT_EQ(machine.balance(), 0U);
	EXPECT_EQ(machine.balance({.churn = 100}), 3U);
}

// A task as heavy as all others together gets one CPU and no more: its domain has another one.
TEST(AtroposBalancerTest, InfeasibleWeightsClaimOneCpu)
{
	Machine machine({2, 2});
	machine.add(1, 0, 10000);
	machine.add(6, 1, 100);
	machine.balance();
	EXPECT_EQ(machine.counts(), (std::vector<unsigned>{3, 4}));
	EXPECT_EQ(machine.balance(), 0U);

	const FeasibleWeights weights(machine.snapshot());
	EXPECT_NEAR(weights.of(10000), 200, 1e-9);
	EXPECT_EQ(weights.of(100), 100);
}

TEST(AtroposBalancerTest, ADomainOfOneCpuAndAHeavyTask)
{
	Machine machine({1, 3});
	machine.add(1, 0, 10000);
	machine.add(2, 0, 100);
	machine.add(4, 1, 100);
	machine.balance();
	EXPECT_NEAR(machine.imbalance(), 0, 1e-9);
	EXPECT_EQ(machine.balance(), 0U);
	Machine alone({1, 3});
	alone.add(1, 0, 10000);
	alone.add(6, 1, 100);
	EXPECT_EQ(alone.balance(), 0U);
}

// While there are CPUs for all, everybody gets what it wants: then weights say nothing.
TEST(AtroposBalancerTest, WithCpusForAllDutiesCount)
{
	Machine machine({2, 2});
	machine.add(1, 0, 10000);
	machine.add(1, 0, 1);
	machine.add(1, 1, 1);
	machine.add(1, 1, 1);
	EXPECT_EQ(machine.balance(), 0U);
	Machine crowded({2, 2});
	crowded.add(3, 0);
	crowded.balance();
	EXPECT_EQ(crowded.counts(), (std::vector<unsigned>{2, 1}));
}

TEST(AtroposBalancerTest, DomainsThatAreNotWantedKeepTheirTasks)
{
	Machine machine({4, 4});
	machine.add(1, 0, 100, 0.9);
	machine.add(3, 0, 100, 0.3);
	EXPECT_EQ(machine.balance(), 0U);
	EXPECT_EQ(machine.imbalance(), 0);
}

TEST(AtroposBalancerTest, AffinityIsKept)
{
	Machine machine({2, 2, 2});
	machine.add(6, 0, 100, 1, 0b001);
	machine.add(6, 0, 100, 1, 0b011);
	machine.add(6, 0, 100, 1, 0b111);
	machine.balance();
	machine.balance();
	EXPECT_EQ(machine.counts(), (std::vector<unsigned>{6, 6, 6}));
	for (const TaskLoad& task : machine.tasks())
		EXPECT_TRUE(task.domains >> task.domain & 1);
	EXPECT_EQ(machine.balance(), 0U);
}

// What cannot leave its domain makes that one the fullest. The others still become even.
TEST(AtroposBalancerTest, TheRestIsEvenBesidePinnedTasks)
{
	Machine machine({1, 1, 1});
	machine.add(20, 0, 100, 1, 0b001);
	machine.add(4, 1);
	machine.balance();
	EXPECT_EQ(machine.counts(), (std::vector<unsigned>{20, 2, 2}));
	EXPECT_EQ(machine.balance(), 0U);
}

TEST(AtroposBalancerTest, WhatMustNotMoveStays)
{
	Machine machine({2, 2});
	machine.add(8, 0);
	for (TaskLoad& task : machine.tasks())
		task.movable = task.tid <= 2;
	EXPECT_EQ(machine.balance(), 2U);
	EXPECT_EQ(machine.balance(), 0U);
}

TEST(AtroposBalancerTest, ACrowdMovesInSeveralRounds)
{
	Machine machine({2, 2});
	machine.add(400, 0);
	EXPECT_EQ(machine.balance(), 128U);
	EXPECT_GT(machine.balance(), 0U);
	EXPECT_EQ(machine.balance(), 0U);
	EXPECT_LT(machine.imbalance(), 0.08);
}

// Tasks that come and go before anyone asks: their load is there, but nobody to move.
TEST(AtroposBalancerTest, LoadWithoutTasksKeepsOthersAway)
{
	Machine machine({2, 2});
	machine.add(4, 0);
	machine.add(4, 1);
	Snapshot snapshot = machine.snapshot();
	snapshot.domains[0].load += 400;
	snapshot.domains[0].duty += 4;
	EXPECT_EQ(balance(snapshot).size(), 2U);
	for (const Move& move : balance(snapshot))
		EXPECT_EQ(move.from, 0U);
}

// Whatever the machine: nobody goes where he may not (Machine::balance() looks), no round makes the
// largest difference larger, and without noise it comes to rest.
TEST(AtroposBalancerTest, RandomMachinesGetNoWorseAndRest)
{
	for (unsigned seed = 1; seed <= 300; ++seed) {
		std::mt19937 random(seed);
		std::vector<unsigned> cpus(2 + random() % 7);
		for (unsigned& count : cpus)
			count = 1 + random() % 8;
		Machine machine(cpus);
		for (auto i = random() % 60; i; --i) {
			const auto domain = static_cast<unsigned>(random() % cpus.size());
			const double weight =
				random() % 5 ? 100 : 1 + static_cast<double>(random() % 10000);
			const double duty = static_cast<double>(1 + random() % 100) / 100;
			machine.add(1, domain, weight, duty,
				    random() % 3 ? ~0ULL : random() | 1ULL << domain);
			machine.tasks().back().movable = random() % 8 != 0;
		}
		unsigned rounds = 0;
		double before = machine.imbalance();
		while (machine.balance() && rounds < 20) {
			++rounds;
			EXPECT_LE(machine.imbalance(), before * (1 + 1e-9)) << "seed " << seed;
			before = machine.imbalance();
		}
		EXPECT_LT(rounds, 10U) << "seed " << seed;
	}
}

TEST(AtroposLendingTest, WhoHasLessLendsWhatEvensOut)
{
	Machine machine({2, 2});
	machine.add(2, 0);
	machine.add(3, 1);
	const Lending lending = lend(machine.snapshot());
	EXPECT_NEAR(lending.parts[0], 0.2, 1e-9);
	EXPECT_EQ(lending.parts[1], 0);
	EXPECT_EQ(lending.borrowers, 0b10U);
}

// The average of what never sleeps comes close to a whole task and does not reach it.
TEST(AtroposLendingTest, WhoHasLessThanAWholeTaskForEachCpuLendsToo)
{
	Machine machine({2, 2});
	machine.add(2, 0, 100, 0.99);
	machine.add(3, 1, 100, 0.99);
	const Lending lending = lend(machine.snapshot());
	EXPECT_NEAR(lending.parts[0], 0.2, 0.02);
	EXPECT_EQ(lending.borrowers, 0b10U);
	// The one alone has a whole CPU, and each of the others three quarters of one, as the
	// fourth CPU is taken without asking; 0.8 are due to each.
	Machine half_idle({2, 2});
	half_idle.add(1, 0);
	half_idle.add(4, 1);
	EXPECT_NEAR(lend(half_idle.snapshot()).parts[0], 0.2, 1e-9);
}

TEST(AtroposLendingTest, NobodyLendsWhereThereIsNoNeed)
{
	Machine even({2, 2});
	even.add(3, 0);
	even.add(3, 1);
	EXPECT_EQ(lend(even.snapshot()).parts, (std::vector<double>{0, 0}));
	EXPECT_EQ(lend(even.snapshot()).borrowers, 0U);
	// One has idle CPUs, which are taken without asking; and there are enough for all.
	Machine idle({2, 2});
	idle.add(1, 0);
	idle.add(3, 1, 100, 0.9);
	EXPECT_EQ(lend(idle.snapshot()).parts, (std::vector<double>{0, 0}));
	EXPECT_EQ(lend(Machine({2, 2}).snapshot()).parts, (std::vector<double>{0, 0}));
	EXPECT_EQ(lend(Machine({2, 2}).snapshot()).borrowers, 0U);
	// Who looks in now and then makes way for nobody: that would be little.
	Machine rare({1, 3});
	rare.add(1, 0, 100, 0.01);
	rare.add(7, 1, 100, 1, 0b10);
	EXPECT_EQ(lend(rare.snapshot()).parts[0], 0);
	// Weights that nobody can use are no need.
	Machine heavy({1, 3});
	heavy.add(1, 0, 10000);
	heavy.add(6, 1);
	EXPECT_EQ(lend(heavy.snapshot()).borrowers, 0U);
}

TEST(AtroposLendingTest, MovesThatWereMadeCount)
{
	Machine machine({2, 2});
	machine.add(8, 0);
	const Snapshot snapshot = machine.snapshot();
	const Snapshot after = moved(snapshot, balance(snapshot));
	EXPECT_EQ(imbalance(after), 0);
	EXPECT_EQ(lend(after).borrowers, 0U);
}

struct Shape {
	std::vector<unsigned> cpus;
	unsigned tasks;
	double heaviest;
};

class AtroposBalancerRandomTest : public ::testing::TestWithParam<Shape> {};

// Enough tasks to be divided: even after few rounds, then at rest, also when what is measured is
// off by two in a hundred.
TEST_P(AtroposBalancerRandomTest, ConvergesAndRests)
{
	const unsigned seeds = GetParam().tasks > 1000 ? 2 : 20;
	for (unsigned seed = 1; seed <= seeds; ++seed) {
		std::mt19937 random(seed);
		std::uniform_real_distribution<double> duty(0.3, 1), noise(0.98, 1.02);
		std::uniform_real_distribution<double> weight(20, GetParam().heaviest);
		Machine machine(GetParam().cpus);
		for (unsigned i = 0; i < GetParam().tasks; ++i)
			machine.add(1, i % 3 == 0 && GetParam().cpus.size() > 2 ? 2 : 0,
				    weight(random), duty(random));
		std::vector<double> duties;
		for (const TaskLoad& task : machine.tasks())
			duties.push_back(task.duty);
		for (unsigned round = 0; round < 4; ++round)
			machine.balance();
		EXPECT_LT(machine.imbalance(), 0.10) << "seed " << seed;
		std::size_t moves = 0;
		for (unsigned round = 0; round < 50; ++round) {
			for (std::size_t i = 0; i < duties.size(); ++i)
				machine.tasks()[i].duty = std::min(duties[i] * noise(random), 1.0);
			moves += machine.balance();
		}
		EXPECT_LE(moves, GetParam().tasks / 10) << "seed " << seed;
	}
}

INSTANTIATE_TEST_SUITE_P(Shapes, AtroposBalancerRandomTest,
			 ::testing::Values(Shape{{2, 2}, 40, 300}, Shape{{1, 3}, 60, 300},
					   Shape{{2, 2, 2, 2}, 80, 500},
					   Shape{{1, 2, 4, 8}, 150, 400},
					   Shape{{8, 8, 8, 8}, 400, 10000},
					   Shape{std::vector<unsigned>(64, 2), 2000, 500}));

} // namespace
} // namespace scx::atropos
