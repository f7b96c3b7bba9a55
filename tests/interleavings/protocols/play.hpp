// SPDX-License-Identifier: GPL-2.0
// What the scenarios share: a machine with the module inserted, one queue, and where a task is.
#pragma once

#include "explorer/explorer.hpp"

#include "core/idle_cpus.hpp"
#include "core/ownership.hpp"
#include "core/queues.hpp"
#include "tests/scheduler.hpp"

#include <utility>

namespace explore {

constexpr u64 kQueue = 1;

[[nodiscard]] inline u64 local_on(s32 cpu)
{
	return SCX_DSQ_LOCAL_ON | static_cast<u64>(cpu);
}

class Play : public Scenario, protected host::ModuleTest {
public:
	[[nodiscard]] host::Machine& stage() override { return machine; }

protected:
	explicit Play(s32 cpus) : ModuleTest{{.cpus = cpus}}
	{
		// Written under the runqueue lock, whole words; asked for single bits without it,
		// marked (read_once), where the answer may be out of date.
		for (s32 cpu = 0; cpu < cpus; ++cpu)
			pardon(&machine.rq(cpu).scx.flags, sizeof(u32));
		// A hint, changed by single atomic operations; Races.AnIdleCpuIsClaimedOnce is its
		// test.
		pardon(&scx::idle_cpus.idle_mask(), sizeof(cpumask));
		pardon(&scx::idle_cpus.idle_cores_mask(), sizeof(cpumask));
	}

	// A scheduler whose wakeups stay where they were.
	[[nodiscard]] static host::Scheduler scheduler()
	{
		return {.select_cpu = [](task_struct*, s32 previous, u64) { return previous; },
			.init = [] { return scx_entry_kf_create_dsq(kQueue, -1); }};
	}

	void watch_queue() { watch(machine.queues.at(kQueue)->nr, "nr of the queue"); }

	// Off its class and, if `again`, on again, unless it has begun to run.
	void requeue(task_struct& p, bool again = true)
	{
		if (!machine.take_off(p))
			return;
		off_ = !again;
		if (again)
			machine.put_back(p);
	}

	[[nodiscard]] static u32 count_in(scx_dispatch_q& dsq, task_struct const& wanted)
	{
		u32 count = 0;

		for (task_struct* p = scx::dispatch_queue::next(dsq, nullptr); p;
		     p = scx::dispatch_queue::next(dsq, &p->scx.dsq_list.node))
			count += p == &wanted;
		return count;
	}

	[[nodiscard]] static bool with_scheduler(task_struct& p)
	{
		return scx::Ownership{p}.state() == SCX_OPSS_QUEUED;
	}

	// Conservation: in one place if it is runnable, else in none; in nobody's hands; on the CPU
	// whose local queue has it.
	void require_one_place(task_struct& p)
	{
		u32 places = with_scheduler(p);

		for (s32 cpu = 0; cpu < machine.topology().cpus; ++cpu) {
			u32 const here = count_in(machine.rq(cpu).scx.local_dsq, p) +
					 (machine.rq(cpu).curr == &p);

			places += here;
			require(!here || scx::task_cpu(p) == cpu,
				"a task is in the local queue of a CPU that is not its own");
		}
		places += count_in(scx::global_queues.of_cpu(0), p);
		for (auto [id, dsq] : machine.queues)
			places += count_in(*dsq, p);
		require(places == (off_ ? 0u : 1u),
			"a task is in " + std::to_string(places) + " places");
		require(p.scx.holding_cpu == -1, "a task is left in a CPU's hands");

		auto const state = scx::Ownership{p}.state();

		require(state == SCX_OPSS_NONE || state == SCX_OPSS_QUEUED,
			"a task is left between two owners");
		// What the end of the machine expects of us.
		if (std::exchange(off_, false))
			machine.put_back(p);
	}

	// No CPU idles with work in its local queue without being about to look.
	void require_no_idling()
	{
		for (s32 cpu = 0; cpu < machine.topology().cpus; ++cpu) {
			struct rq const& rq = machine.rq(cpu);

			require(rq.curr != rq.idle || !rq.scx.local_dsq.nr ||
					machine.cpu(cpu).need_resched,
				"a CPU idles with a task in its local queue");
		}
	}

private:
	void TestBody() override {}

	bool off_ = false;
};

template <typename T, auto... kArguments>
std::unique_ptr<Scenario> make()
{
	return std::make_unique<T>(kArguments...);
}

} // namespace explore
