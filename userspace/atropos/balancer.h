// SPDX-License-Identifier: GPL-2.0
// Which tasks should change their domain: a pure function of what domains and tasks weigh.
#pragma once

#include <cstdint>
#include <vector>

namespace scx::atropos {

// Load is weight times duty: what part of a CPU a task wanted lately, between 0 and 1, waiting
// included. Fairness across domains means as much load on every CPU.
struct DomainLoad {
	unsigned cpus = 0; // at least one
	double load = 0;
	double duty = 0; // the duties of its tasks, added up: how many wanted to run
};

struct TaskLoad {
	int tid = 0;
	unsigned domain = 0;
	double weight = 0; // 1 to 10000, 100 is nice 0
	double duty = 0;
	std::uint64_t domains = 0; // a bit for each that it may run in
	bool movable = false;
};

// Domains may have more load than their tasks: of tasks that died, or are too small to be told of.
struct Snapshot {
	std::vector<DomainLoad> domains;
	std::vector<TaskLoad> tasks;
};

struct BalanceLimits {
	// Of the mean load per CPU: two domains that differ by less are balanced.
	double tolerance = 0.08;
	// What is left of a difference after tasks have changed sides: more is not worth it.
	double remainder = 0.6;
	// How much load may change sides for each unit of difference that this takes away: cold
	// caches have a price too.
	double churn = 6;
	// How many of a domain's CPUs must be wanted, or there is nothing to gain by leaving it.
	double least_duty = 0.5;
	// Of tasks in one round, for each domain: the next round sees how it turned out.
	unsigned moves = 64;
	// Less than this part of its CPUs' time a domain does not lend.
	double least_lending = 0.04;
	double most_lending = 0.5;
};

struct Move {
	int tid;
	unsigned from, to;
};

// What a weight can achieve. No task gets more than a CPU, however heavy it is; what its weight
// claims beyond that nobody can use, and counted as load it would keep other tasks away from CPUs
// that are free for them. So weights are cut at that of a task that fills a CPU; and while there
// are CPUs for all, everybody gets what it wants and all weigh the same.
class FeasibleWeights {
public:
	explicit FeasibleWeights(const Snapshot& snapshot);

	double of(double weight) const;

private:
	bool all_fit_ = false;
	double most_ = 0;
};

// The loads of the domains that count: with feasible weights, in the order of the snapshot.
std::vector<double> feasible_loads(const Snapshot& snapshot, const FeasibleWeights& weights);

// The difference between the most and the least loaded domain, per CPU, as a part of the mean; 0
// while there is nothing to gain, because no domain is wanted by `least_duty`.
double imbalance(const Snapshot& snapshot, const BalanceLimits& limits = {});

// What is left of a difference because tasks cannot be divided: five that never sleep are three
// here and two there. Domains that have less than their part lend time to the others.
struct Lending {
	std::vector<double> parts;   // of its tasks' time that a domain should lend
	std::uint64_t borrowers = 0; // a bit for each domain that has too much
};

Lending lend(const Snapshot& snapshot, const BalanceLimits& limits = {});

// The snapshot with the moves made.
Snapshot moved(Snapshot snapshot, const std::vector<Move>& moves);

// Nothing when the domains are balanced, or no exchange would make them much better so.
std::vector<Move> balance(const Snapshot& snapshot, const BalanceLimits& limits = {});

} // namespace scx::atropos
