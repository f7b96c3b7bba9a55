// SPDX-License-Identifier: GPL-2.0
// CPUs that really run at the same time, each a thread, for ThreadSanitizer above all.
#include "tests/random.hpp"
#include "tests/scheduler.hpp"

#include "core/dispatch.hpp"
#include "core/idle_cpus.hpp"
#include "core/ownership.hpp"

#include <atomic>
#include <thread>

namespace host {
namespace {

constexpr u64 kQueue = 1;

class Races : public ModuleTest {
protected:
	// Runs what(cpu) for the first `cpus` CPUs at once.
	void on_cpus(s32 cpus, std::function<void(s32)> const& what)
	{
		std::vector<std::thread> threads;

		machine.threaded = true;
		for (s32 cpu = 0; cpu < cpus; ++cpu)
			threads.emplace_back([&, cpu] {
				machine.act_on(cpu);
				what(cpu);
			});
		for (std::thread& thread : threads)
			thread.join();
		machine.threaded = false;
	}
};

TEST_F(Races, AnIdleCpuIsClaimedOnce)
{
	std::atomic<int> claims{0};

	load({});
	machine.settle();
	on_cpus(4, [&](s32) {
		for (int i = 0; i < 200; ++i)
			claims += scx::idle_cpus.pick(__cpu_possible_mask, false) >= 0;
	});
	EXPECT_EQ(claims.load(), 4);
}

TEST_F(Races, OneErrorWins)
{
	load({});
	on_cpus(4, [&](s32 cpu) { scx_entry_kf_kick_cpu(100 + cpu, 0); });
	machine.settle();
	ASSERT_TRUE(exited);
	EXPECT_NE(exited->message.find("CPU 10"), std::string::npos);
}

// Tasks woken on one CPU and consumed by all, which sleep as soon as they have run.
TEST_F(Races, TasksOfASharedQueueRunOnAnyCpu)
{
	constexpr int kTasks = 8, kRounds = 30;
	std::vector<task_struct*> tasks;
	std::atomic<int> runs{0};
	std::atomic<bool> stop{false};

	load({.select_cpu = [](task_struct*, s32 previous, u64) { return previous; },
	      .enqueue = [](task_struct* p, u64) { bpf::dispatch(p, kQueue); },
	      .dispatch = [](s32, task_struct*) { scx_entry_kf_consume(kQueue); },
	      .running = [&](task_struct*) { ++runs; },
	      .init = [] { return scx_entry_kf_create_dsq(kQueue, -1); }});
	machine.settle();
	for (int i = 0; i < kTasks; ++i)
		tasks.push_back(
			&machine.create_task(("t" + std::to_string(i)).c_str(), {.cpu = i % 4}));

	on_cpus(4, [&](s32 cpu) {
		if (cpu == 0) {
			for (int round = 0; round < kRounds; ++round)
				for (task_struct* p : tasks) {
					while (scx::read_once(p->on_rq))
						std::this_thread::yield();
					machine.wake(*p, 0);
				}
			while (runs.load() < kTasks * kRounds)
				std::this_thread::yield();
			stop = true;
			return;
		}
		while (!stop.load()) {
			machine.schedule(cpu);
			while (machine.rq(cpu).curr != machine.rq(cpu).idle)
				machine.sleep(*machine.rq(cpu).curr);
			std::this_thread::yield();
		}
	});
	EXPECT_EQ(runs.load(), kTasks * kRounds);
	unload();
	for (task_struct* p : tasks)
		EXPECT_EQ(p->on_rq, 0);
}

} // namespace
} // namespace host
