// SPDX-License-Identifier: GPL-2.0
// What domains and tasks weigh now, read from the BPF half.
#pragma once

#include <linux/types.h>

#include <memory>
#include <unordered_map>
#include <vector>

#include "atropos/balancer.h"
#include "atropos/topology.h"
#include "bpf/scx_atropos.h"
#include "lib/result.h"

struct bpf_link;
struct bpf_map;
struct bpf_program;

namespace scx::atropos {

// The load of a domain whose parts are those of all CPUs, at `now` in ns of CLOCK_MONOTONIC.
DomainLoad sum_parts(const std::vector<atropos_load>& parts, std::uint64_t now,
		     std::uint64_t half_life_ns);

// Tasks that a round moved are left alone for the next ones: the next measure a load that is only
// just changing, and a task that goes to and fro finds no cache warm.
class RecentMoves {
public:
	static constexpr unsigned kRounds = 3;

	void add(int tid) { left_[tid] = kRounds; }
	bool contains(int tid) const { return left_.contains(tid); }
	void next_round();

private:
	std::unordered_map<int, unsigned> left_; // rounds
};

struct TaskRules {
	bool balance_kworkers = true;
	const RecentMoves* recent = nullptr;
};

// Adds the tasks to what the domains weigh. A task that is still on its way to where an earlier
// round wanted it counts as arrived.
Snapshot make_snapshot(std::vector<DomainLoad> domains, const std::vector<atropos_task>& tasks,
		       const TaskRules& rules);

class LoadReader {
public:
	// Borrows the loaded object's map and program.
	static Result<LoadReader> attach(const bpf_map* loads, const bpf_program* report_tasks,
					 const Topology& topology, std::uint64_t half_life_ns);

	Result<Snapshot> read(const TaskRules& rules) const;

private:
	struct Destroy {
		void operator()(bpf_link* link) const;
	};
	using Link = std::unique_ptr<bpf_link, Destroy>;

	LoadReader(const bpf_map* loads, Link link, std::vector<unsigned> cpus,
		   std::uint64_t half_life_ns);

	Result<std::vector<atropos_load>> read_parts(unsigned domain) const;
	Result<std::vector<atropos_task>> read_tasks() const;

	const bpf_map* loads_;
	Link link_;
	std::vector<unsigned> cpus_; // how many each domain has
	std::uint64_t half_life_ns_;
};

} // namespace scx::atropos
