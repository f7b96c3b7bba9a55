// SPDX-License-Identifier: GPL-2.0
// The machine of the shared suites, over the stand-ins.
#include "suites/machine.hpp"

#include "stand_ins/machine.hpp"

#include <optional>
#include <thread>
#include <utility>

namespace suite::machine {

namespace {

std::optional<host::Machine> current;

} // namespace

bool create(Shape shape)
{
	current.emplace(host::Topology{shape.cpus, shape.threads_per_core, shape.nodes});
	current->counts_assertions = true;
	return true;
}

void destroy()
{
	current.reset();
}

struct rq& rq(s32 cpu)
{
	return current->rq(cpu);
}

void act_on(s32 cpu)
{
	host::Machine::act_on(cpu);
}

task_struct* fork(char const* name, s32 cpu, u64 allowed)
{
	host::TaskOptions options{.cpu = cpu};

	for (s32 number = 0; ~allowed && number < current->topology().cpus; ++number)
		if (allowed >> number & 1)
			options.allowed.push_back(number);
	return current->fork(name, options);
}

s32 wake(task_struct& p, s32 waker, u64 wake_flags)
{
	return current->wake(p, waker, static_cast<u32>(wake_flags));
}

void sleep(task_struct& p)
{
	current->sleep(p);
}

void take_off(task_struct& p)
{
	current->take_off(p);
}

void put_back(task_struct& p)
{
	current->put_back(p);
}

void schedule(s32 cpu)
{
	current->schedule(cpu);
}

void tick(s32 cpu)
{
	current->tick(cpu);
}

void settle()
{
	current->settle();
}

int run_irq_work(s32 cpu)
{
	return current->run_irq_work(cpu);
}

bool wants_reschedule(s32 cpu)
{
	return current->cpu(cpu).need_resched;
}

void advance(u64 ns)
{
	current->advance(ns);
}

void end_grace_period()
{
	current->end_grace_period();
}

void fail_allocation_in(int more)
{
	current->fail_allocation_in = more;
}

// LeakSanitizer looks for them here.
long live_allocations()
{
	return 0;
}

int take_warnings()
{
	return std::exchange(current->failed_assertions, 0);
}

void forget_disable_work()
{
	current->disable_work_pending = false;
}

void run_together(s32 count, Parallel what, void* argument)
{
	std::vector<std::thread> threads;

	current->threaded = true;
	for (s32 index = 0; index < count; ++index)
		threads.emplace_back([=] {
			act_on(index);
			what(index, argument);
		});
	for (std::thread& thread : threads)
		thread.join();
	current->threaded = false;
}

} // namespace suite::machine
