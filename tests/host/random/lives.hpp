// SPDX-License-Identifier: GPL-2.0
// Whether a scheduler is told about tasks in pairs and in order:
//
//	init_task [ enable [ runnable [ running stopping ]* quiescent ]* disable ]* exit_task
//
// and, of a CPU, cpu_release and cpu_acquire, alternately. Which comes first is open: a higher
// class may have taken the CPU while an earlier scheduler was loaded.
#pragma once

#include "tests/scheduler.hpp"

#include <unordered_map>
#include <utility>

namespace host::random {

class Lives {
public:
	void init(task_struct* p) { expect(alive_.emplace(p, Life{}).second, "init_task", p); }

	void exit(task_struct* p)
	{
		auto const found = alive_.find(p);

		if (!expect(found != alive_.end() && !found->second.enabled, "exit_task", p))
			return;
		alive_.erase(found);
	}

	void enable(task_struct* p) { turn(p, &Life::enabled, true, alive(p), "enable"); }
	void disable(task_struct* p)
	{
		turn(p, &Life::enabled, false, !of(p).runnable && !of(p).running, "disable");
	}
	void runnable(task_struct* p) { turn(p, &Life::runnable, true, of(p).enabled, "runnable"); }
	void quiescent(task_struct* p)
	{
		turn(p, &Life::runnable, false, !of(p).running, "quiescent");
	}
	void running(task_struct* p) { turn(p, &Life::running, true, of(p).runnable, "running"); }
	void stopping(task_struct* p) { turn(p, &Life::running, false, true, "stopping"); }

	void enqueue(task_struct* p) { expect(of(p).runnable && !of(p).running, "enqueue", p); }

	void release(s32 cpu) { hand_over(cpu, false, "cpu_release"); }
	void acquire(s32 cpu) { hand_over(cpu, true, "cpu_acquire"); }

	void forget(task_struct* p) { alive_.erase(p); }

	// ops.exit(): nothing may be left open.
	void end()
	{
		for (auto const& [p, life] : alive_)
			ADD_FAILURE() << "no exit_task of " << p->comm << " before ops.exit()";
		alive_.clear();
		has_cpu_.clear();
	}

private:
	struct Life {
		bool enabled = false, runnable = false, running = false;
	};

	bool alive(task_struct* p) { return alive_.contains(p); }
	Life const& of(task_struct* p)
	{
		static Life const none{};
		auto const found = alive_.find(p);

		return found == alive_.end() ? none : found->second;
	}

	bool expect(bool holds, char const* callback, task_struct* p)
	{
		if (!holds)
			ADD_FAILURE() << "ops." << callback << "() of " << p->comm
				      << " out of order: " << describe(p);
		return holds;
	}

	std::string describe(task_struct* p)
	{
		Life const& life = of(p);

		return std::string(alive(p) ? "initialised" : "not initialised") +
		       (life.enabled ? ", enabled" : "") + (life.runnable ? ", runnable" : "") +
		       (life.running ? ", running" : "");
	}

	void turn(task_struct* p, bool Life::*what, bool on, bool allowed, char const* callback)
	{
		auto const found = alive_.find(p);

		if (expect(found != alive_.end() && allowed && found->second.*what != on, callback,
			   p))
			found->second.*what = on;
	}

	void hand_over(s32 cpu, bool has, char const* callback)
	{
		auto const [known, first] = has_cpu_.emplace(cpu, has);

		if (!first && std::exchange(known->second, has) == has)
			ADD_FAILURE() << "ops." << callback << "() of CPU " << cpu << " twice";
	}

	std::unordered_map<task_struct*, Life> alive_;
	std::unordered_map<s32, bool> has_cpu_; // of the CPUs that it was told about
};

} // namespace host::random
