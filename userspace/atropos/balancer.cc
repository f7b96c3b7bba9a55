// SPDX-License-Identifier: GPL-2.0
// Pairs of domains, the most unlike first, exchange tasks until they are alike or nothing helps.
//
// Invariants: a task is never planned for a domain it may not run in; each exchange makes its
// pair's difference smaller, to `remainder` of it at most. So rounds end, and repeated on the same
// load they come to rest: the second round of an unchanged machine finds only what the first left.
//
// Bounds: D domains, T tasks: D * D pairs, each tried anew only after an exchange of one of the
// two, and at most `moves` * D exchanges; T log T for each try.
#include "atropos/balancer.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <numeric>

namespace scx::atropos {
namespace {

// What all weigh while there are CPUs for all of them: the weight of nice 0.
constexpr double kEqualWeight = 100;

// Duties and loads below this are rounding.
constexpr double kNothing = 1e-6;

// What a domain's tasks do not account for, as one task of the mean weight.
TaskLoad rest_of(const Snapshot& snapshot, unsigned domain)
{
	TaskLoad rest;
	rest.domain = domain;
	rest.duty = snapshot.domains[domain].duty;
	double load = snapshot.domains[domain].load;
	for (const TaskLoad& task : snapshot.tasks) {
		if (task.domain != domain)
			continue;
		rest.duty -= task.duty;
		load -= task.duty * task.weight;
	}
	if (rest.duty <= kNothing || load <= kNothing)
		return TaskLoad{};
	rest.weight = load / rest.duty;
	return rest;
}

std::vector<TaskLoad> tasks_and_rests(const Snapshot& snapshot)
{
	std::vector<TaskLoad> all = snapshot.tasks;
	for (unsigned domain = 0; domain < snapshot.domains.size(); ++domain)
		all.push_back(rest_of(snapshot, domain));
	return all;
}

double cpus_of(const Snapshot& snapshot)
{
	return std::accumulate(
		snapshot.domains.begin(), snapshot.domains.end(), 0.0,
		[](double sum, const DomainLoad& domain) { return sum + domain.cpus; });
}

bool is_wanted(const DomainLoad& domain, const BalanceLimits& limits)
{
	return domain.duty >= limits.least_duty * domain.cpus;
}

class Planner {
public:
	Planner(const Snapshot& snapshot, const BalanceLimits& limits)
		: snapshot_(snapshot), limits_(limits), weights_(snapshot),
		  loads_(feasible_loads(snapshot, weights_)),
		  mean_(std::accumulate(loads_.begin(), loads_.end(), 0.0) / cpus_of(snapshot)),
		  tried_(loads_.size() * loads_.size())
	{
		for (const TaskLoad& task : snapshot.tasks) {
			place_.push_back(task.domain);
			task_loads_.push_back(task.duty * weights_.of(task.weight));
		}
	}

	std::vector<Move> plan()
	{
		Pair pair{};
		while (mean_ > kNothing && most_unlike(pair)) {
			tried(pair) = true;
			exchange(pair);
		}
		return moves();
	}

private:
	struct Pair {
		std::size_t giver, taker;
		double difference; // of their loads per CPU
	};

	// Tasks by their index in the snapshot, and how much load that takes over altogether.
	struct Exchange {
		std::vector<std::size_t> there, back;
		double amount;
	};

	double per_cpu(std::size_t domain) const
	{
		return loads_[domain] / snapshot_.domains[domain].cpus;
	}

	std::vector<bool>::reference tried(const Pair& pair)
	{
		return tried_[pair.giver * loads_.size() + pair.taker];
	}

	std::size_t most_moves() const { return limits_.moves * loads_.size(); }

	bool most_unlike(Pair& found)
	{
		found.difference = limits_.tolerance * mean_;
		bool any = false;
		for (std::size_t giver = 0; giver < loads_.size(); ++giver) {
			if (!is_wanted(snapshot_.domains[giver], limits_))
				continue;
			for (std::size_t taker = 0; taker < loads_.size(); ++taker) {
				const Pair pair{giver, taker, per_cpu(giver) - per_cpu(taker)};
				if (pair.difference <= found.difference || tried(pair))
					continue;
				found = pair;
				any = true;
			}
		}
		return any;
	}

	// As much as makes the two alike; but no more than the one has too much and the other too
	// little, as long as that is something: what is left is for other pairs.
	double amount(const Pair& pair) const
	{
		const double givers = snapshot_.domains[pair.giver].cpus;
		const double takers = snapshot_.domains[pair.taker].cpus;
		const double alike = pair.difference * givers * takers / (givers + takers);
		const double surplus = loads_[pair.giver] - mean_ * givers;
		const double deficit = mean_ * takers - loads_[pair.taker];
		const double least = limits_.tolerance * mean_ / 2;
		if (surplus < least * givers || deficit < least * takers)
			return alike;
		return std::min({alike, surplus, deficit});
	}

	// What may go from one to the other, the heaviest first.
	std::vector<std::size_t> candidates(std::size_t from, std::size_t to) const
	{
		std::vector<std::size_t> found;
		for (std::size_t i = 0; i < place_.size(); ++i) {
			const TaskLoad& task = snapshot_.tasks[i];
			if (place_[i] == from && task.movable && task.domains >> to & 1 &&
			    task_loads_[i] > kNothing)
				found.push_back(i);
		}
		std::stable_sort(found.begin(), found.end(), [this](std::size_t a, std::size_t b) {
			return task_loads_[a] > task_loads_[b];
		});
		return found;
	}

	// Takes out of `from` what fits into `amount`, the heaviest first, until no more than
	// `enough` of it is left, or as many as this round may move; reduces `amount` by it.
	std::vector<std::size_t> fill(std::vector<std::size_t>& from, double& amount,
				      double enough) const
	{
		std::vector<std::size_t> taken, left;
		for (const std::size_t task : from) {
			const bool fits = amount > enough && moved_ + taken.size() < most_moves() &&
					  task_loads_[task] <= amount * (1 + kNothing);
			if (fits)
				amount -= task_loads_[task];
			(fits ? taken : left).push_back(task);
		}
		from = std::move(left);
		return taken;
	}

	double load_of(const std::vector<std::size_t>& tasks) const
	{
		return std::accumulate(
			tasks.begin(), tasks.end(), 0.0,
			[this](double sum, std::size_t task) { return sum + task_loads_[task]; });
	}

	// What fits. If that leaves too much, then perhaps the next heavier one as well, and for
	// what that is too much something comes back.
	Exchange best_exchange(const Pair& pair, double wanted) const
	{
		const double enough = limits_.tolerance * wanted;
		auto givers = candidates(pair.giver, pair.taker);
		double rest = wanted;
		Exchange best{fill(givers, rest, enough), {}, wanted - rest};
		if (rest <= enough || givers.empty() || moved_ + best.there.size() >= most_moves())
			return best;

		Exchange more = best;
		more.there.push_back(givers.back());
		const double above = task_loads_[givers.back()] - rest;
		double above_rest = above;
		auto takers = candidates(pair.taker, pair.giver);
		more.back = fill(takers, above_rest, enough);
		if (above < rest && above - above_rest <= enough) {
			more.back.clear();
			above_rest = above;
		}
		more.amount = wanted + above_rest;
		const bool too_much =
			load_of(more.there) + load_of(more.back) > limits_.churn * more.amount;
		return above_rest < rest - enough && !too_much ? more : best;
	}

	// Whether both domains are then less extreme than the two were, and not in reverse instead.
	bool is_better(const Pair& pair, const Exchange& found, double wanted) const
	{
		const double amount = found.amount;
		const double giver = per_cpu(pair.giver), taker = per_cpu(pair.taker);
		const double less = giver - amount / snapshot_.domains[pair.giver].cpus;
		const double more = taker + amount / snapshot_.domains[pair.taker].cpus;
		return std::abs(wanted - amount) <= limits_.remainder * wanted && less > taker &&
		       more < giver;
	}

	void exchange(const Pair& pair)
	{
		const double wanted = amount(pair);
		const Exchange found = best_exchange(pair, wanted);
		const std::size_t count = found.there.size() + found.back.size();
		// A crowd goes in several rounds.
		const bool is_last = moved_ + count == most_moves() && found.amount <= wanted;
		if (!count || moved_ + count > most_moves() ||
		    !(is_last || is_better(pair, found, wanted)))
			return;
		moved_ += count;
		for (const std::size_t task : found.there)
			place(task, pair.taker);
		for (const std::size_t task : found.back)
			place(task, pair.giver);
		for (std::size_t other = 0; other < loads_.size(); ++other)
			for (const std::size_t changed : {pair.giver, pair.taker}) {
				tried_[changed * loads_.size() + other] = false;
				tried_[other * loads_.size() + changed] = false;
			}
	}

	void place(std::size_t task, std::size_t domain)
	{
		loads_[place_[task]] -= task_loads_[task];
		loads_[domain] += task_loads_[task];
		place_[task] = static_cast<unsigned>(domain);
	}

	std::vector<Move> moves() const
	{
		std::vector<Move> result;
		for (std::size_t i = 0; i < place_.size(); ++i) {
			const TaskLoad& task = snapshot_.tasks[i];
			if (place_[i] != task.domain)
				result.push_back({task.tid, task.domain, place_[i]});
		}
		return result;
	}

	const Snapshot& snapshot_;
	const BalanceLimits& limits_;
	const FeasibleWeights weights_;
	std::vector<double> loads_; // of domains, as planned so far
	const double mean_;         // per CPU
	std::vector<bool> tried_;   // pairs, since one of the two last changed
	std::vector<unsigned> place_;
	std::vector<double> task_loads_;
	std::size_t moved_ = 0;
};

} // namespace

FeasibleWeights::FeasibleWeights(const Snapshot& snapshot)
{
	std::vector<TaskLoad> tasks = tasks_and_rests(snapshot);
	std::sort(tasks.begin(), tasks.end(), [](const TaskLoad& left, const TaskLoad& right) {
		return left.weight > right.weight;
	});
	double duty = 0, load = 0;
	for (const TaskLoad& task : tasks) {
		duty += task.duty;
		load += task.duty * task.weight;
	}
	double cpus = cpus_of(snapshot);
	all_fit_ = duty <= cpus;
	if (all_fit_)
		return;

	// Tasks that fill their CPUs leave the other CPUs to the rest of the load. There is always
	// more of that than CPUs are left, so that the loop ends before the tasks do.
	for (const TaskLoad& task : tasks) {
		most_ = load / cpus;
		if (task.weight <= most_)
			return;
		load -= task.duty * task.weight;
		cpus -= task.duty;
	}
}

double FeasibleWeights::of(double weight) const
{
	return all_fit_ ? kEqualWeight : std::min(weight, most_);
}

std::vector<double> feasible_loads(const Snapshot& snapshot, const FeasibleWeights& weights)
{
	std::vector<double> loads(snapshot.domains.size());
	for (const TaskLoad& task : tasks_and_rests(snapshot))
		loads[task.domain] += task.duty * weights.of(task.weight);
	return loads;
}

double imbalance(const Snapshot& snapshot, const BalanceLimits& limits)
{
	const auto& domains = snapshot.domains;
	if (std::none_of(domains.begin(), domains.end(),
			 [&limits](const DomainLoad& domain) { return is_wanted(domain, limits); }))
		return 0;
	const std::vector<double> loads = feasible_loads(snapshot, FeasibleWeights(snapshot));
	const double mean = std::accumulate(loads.begin(), loads.end(), 0.0) / cpus_of(snapshot);
	double least = loads[0] / domains[0].cpus, most = least;
	for (std::size_t i = 1; i < loads.size(); ++i) {
		least = std::min(least, loads[i] / domains[i].cpus);
		most = std::max(most, loads[i] / domains[i].cpus);
	}
	return mean > kNothing ? (most - least) / mean : 0;
}

std::vector<Move> balance(const Snapshot& snapshot, const BalanceLimits& limits)
{
	if (snapshot.domains.size() < 2)
		return {};
	return Planner(snapshot, limits).plan();
}

Lending lend(const Snapshot& snapshot, const BalanceLimits& limits)
{
	const auto& domains = snapshot.domains;
	const std::vector<double> loads = feasible_loads(snapshot, FeasibleWeights(snapshot));
	const double mean = std::accumulate(loads.begin(), loads.end(), 0.0) / cpus_of(snapshot);
	Lending lending{std::vector<double>(loads.size()), 0};
	if (mean <= kNothing)
		return lending;
	for (std::size_t i = 0; i < loads.size(); ++i) {
		const double due = loads[i] / mean; // in CPUs
		// What they would have. CPUs without work take what waits elsewhere unasked.
		const double taken = std::min<double>(domains[i].duty, domains[i].cpus);
		if (taken - due >= limits.least_lending * domains[i].cpus)
			lending.parts[i] = std::min(1 - due / taken, limits.most_lending);
		if (due >= (1 + limits.least_lending) * domains[i].cpus)
			lending.borrowers |= std::uint64_t{1} << i;
	}
	return lending;
}

Snapshot moved(Snapshot snapshot, const std::vector<Move>& moves)
{
	std::map<int, unsigned> goals;
	for (const Move& move : moves)
		goals[move.tid] = move.to;
	for (TaskLoad& task : snapshot.tasks) {
		const auto goal = goals.find(task.tid);
		if (goal == goals.end())
			continue;
		DomainLoad& from = snapshot.domains[task.domain];
		DomainLoad& to = snapshot.domains[goal->second];
		from.load -= task.weight * task.duty;
		from.duty -= task.duty;
		to.load += task.weight * task.duty;
		to.duty += task.duty;
		task.domain = goal->second;
	}
	return snapshot;
}

} // namespace scx::atropos
