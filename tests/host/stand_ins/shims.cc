// SPDX-License-Identifier: GPL-2.0
// The remaining shims: CPUs, helper threads, groups, and what a person sees.
#include "stand_ins/machine.hpp"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <utility>

using host::Machine;

cpumask __cpu_possible_mask;
cpumask __cpu_online_mask;
cpumask __cpu_active_mask;
volatile unsigned long jiffies = 2000;

// ---- CPUs ----

task_struct* kshim_current(void)
{
	return Machine::get().here().rq.curr;
}

s32 kshim_this_cpu(void)
{
	return Machine::acting_on();
}

struct rq* kshim_this_rq(void)
{
	return &Machine::get().here().rq;
}

struct rq* kshim_cpu_rq(s32 cpu)
{
	return &Machine::get().rq(cpu);
}

u32 kshim_nr_cpu_ids(void)
{
	return static_cast<u32>(Machine::get().topology().cpus);
}

u32 kshim_nr_node_ids(void)
{
	return static_cast<u32>(Machine::get().topology().nodes);
}

s32 kshim_cpu_to_node(s32 cpu)
{
	host::Topology const& topology = Machine::get().topology();

	return cpu * topology.nodes / topology.cpus;
}

bool kshim_node_possible(s32 node)
{
	return node < Machine::get().topology().nodes;
}

bool kshim_smt_active(void)
{
	return Machine::get().topology().threads_per_core > 1;
}

cpumask const* kshim_smt_mask(s32 cpu)
{
	return &Machine::get().siblings(cpu);
}

bool kshim_domains_isolated(void)
{
	return Machine::get().isolated_domains;
}

u32 kshim_cpu_capacity(s32)
{
	return SCX_CPUPERF_ONE;
}

u32 kshim_cpu_frequency(s32)
{
	return SCX_CPUPERF_ONE / 2;
}

void kshim_cpufreq_update(struct rq*)
{}

void kshim_update_tick_dependency(struct rq* rq)
{
	++Machine::get().cpu(rq->cpu).tick_updates;
}

bool kshim_task_allowed_on_cpu(task_struct* p, s32 cpu)
{
	return scx::mask_test(*p->cpus_ptr, cpu);
}

bool kshim_core_scheduling(struct rq*)
{
	return Machine::get().core_scheduling;
}

bool kshim_core_scheduling_used(void)
{
	return Machine::get().core_scheduling;
}

bool kshim_core_cookie_matches(struct rq*, task_struct* p)
{
	auto const& matches = Machine::get().cookie_matches;

	return !matches || matches(*p);
}

// The lowest CPU rather than a rotating one: a test can tell what comes.
unsigned int cpumask_any_and_distribute(cpumask const* a, cpumask const* b)
{
	for (s32 cpu = 0; cpu < Machine::get().topology().cpus; ++cpu)
		if (scx::mask_test(*a, cpu) && scx::mask_test(*b, cpu))
			return static_cast<unsigned int>(cpu);
	return kshim_nr_cpu_ids();
}

unsigned int cpumask_any_distribute(cpumask const* mask)
{
	return cpumask_any_and_distribute(mask, mask);
}

// ---- Time ----

u64 sched_clock_cpu(int)
{
	return Machine::get().now();
}

u64 ktime_get_mono_fast_ns(void)
{
	return Machine::get().now();
}

unsigned int jiffies_to_msecs(unsigned long const j)
{
	return static_cast<unsigned int>(j);
}

unsigned long kshim_msecs_to_jiffies(u32 ms)
{
	return ms;
}

// ---- Work ----

bool irq_work_queue(irq_work* work)
{
	if (__atomic_exchange_n(&work->host_pending, true, __ATOMIC_ACQ_REL))
		return false;
	Machine::get().here().irq_works.push_back(work);
	return true;
}

void irq_work_sync(irq_work*)
{
	Machine::get().might_sleep("irq_work_sync");
	for (s32 cpu = 0; cpu < Machine::get().topology().cpus; ++cpu)
		Machine::get().run_irq_work(cpu);
}

// Threads that run at once: the caller waits for one of them anyway, and the other is run by the
// test.
int kshim_run_on_enable_worker(int (*work)(void*), void* argument)
{
	Machine::get().might_sleep("kshim_run_on_enable_worker");
	return work(argument);
}

void kshim_queue_disable_work(s32 cpu)
{
	std::lock_guard guard{Machine::get().shared};

	Machine::get().disable_work_pending = true;
	Machine::get().disable_work_cpu = cpu;
}

void kshim_flush_disable_work(void)
{
	Machine::get().might_sleep("kshim_flush_disable_work");
	Machine::get().run_disable_work();
}

void kshim_queue_watchdog(unsigned long delay)
{
	Machine::get().watchdog_queued = true;
	Machine::get().watchdog_at = jiffies + delay;
}

void kshim_cancel_watchdog(void)
{
	Machine::get().might_sleep("kshim_cancel_watchdog");
	Machine::get().watchdog_queued = false;
}

void kshim_set_enabled(bool on)
{
	// Patching code takes the hotplug lock.
	cpus_read_lock();
	Machine::get().kernel_enabled = on;
	cpus_read_unlock();
	if (auto const what = on ? std::exchange(Machine::get().when_enabled, nullptr) : nullptr)
		what();
}

void kshim_set_switched_all(bool on)
{
	cpus_read_lock();
	Machine::get().kernel_switched_all = on;
	cpus_read_unlock();
}

u64 kshim_hotplug_seq(void)
{
	return Machine::get().hotplug_seq;
}

// ---- Groups ----

cgroup* kshim_group_cgroup(task_group* group)
{
	return (group ? group : Machine::get().groups.front())->host_cgroup;
}

bool kshim_group_has_parent(task_group* group)
{
	return group->parent;
}

void kshim_cgroup_get(cgroup* cgrp)
{
	++cgrp->references;
}

int kshim_for_each_group(bool parents_first, int (*visit)(task_group* group))
{
	auto groups = Machine::get().groups;

	if (!parents_first)
		std::reverse(groups.begin(), groups.end());
	for (task_group* group : groups)
		if (int const result = visit(group))
			return result;
	return 0;
}

int kshim_for_each_moving_task(cgroup_taskset* set, int (*visit)(task_struct* p, cgroup* to))
{
	for (task_struct* p : set->tasks)
		if (int const result = visit(p, set->to))
			return result;
	return 0;
}

// ---- What a person sees ----

namespace {

void print(char const* format, va_list arguments)
{
	char line[1024];

	std::vsnprintf(line, sizeof(line), format, arguments);
	std::lock_guard guard{Machine::get().shared};

	Machine::get().printed.emplace_back(line);
}

int kept(int length, size_t size)
{
	return static_cast<size_t>(length) < size ? length : static_cast<int>(size ? size - 1 : 0);
}

} // namespace

#define PRINT_ARGUMENTS                                                                            \
	va_list arguments;                                                                         \
	va_start(arguments, format);                                                               \
	print(format, arguments);                                                                  \
	va_end(arguments)

void kshim_print(int, char const* format, ...)
{
	PRINT_ARGUMENTS;
}

void kshim_print_deferred(int, char const* format, ...)
{
	PRINT_ARGUMENTS;
}

void kshim_print_raw(char const*, char const* format, ...)
{
	PRINT_ARGUMENTS;
}

void kshim_print_stack(unsigned long const*, u32)
{}

int vscnprintf(char* buffer, size_t size, char const* format, va_list arguments)
{
	return kept(std::vsnprintf(buffer, size, format, arguments), size);
}

int scnprintf(char* buffer, size_t size, char const* format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int const length = vscnprintf(buffer, size, format, arguments);

	va_end(arguments);
	return length;
}

int kshim_format_cpumask(char* buffer, size_t size, cpumask const* mask)
{
	return scnprintf(buffer, size, "%lx", mask->bits[0]);
}

int kshim_format_symbol(char* buffer, size_t size, unsigned long address)
{
	return scnprintf(buffer, size, "function_at_0x%lx", address);
}

// Programs of tests have at most two numbers in a message.
s32 kshim_format_bpf(char* buffer, size_t size, char* format, unsigned long long* data,
		     u32 data_size, char const** why)
{
	if (Machine::get().meeting)
		Machine::get().meeting->touched(buffer, size, true);

	unsigned long long const none[2] = {};
	unsigned long long const* const numbers = data_size ? data : none;

	if (data_size > 2 * sizeof(*data)) {
		*why = "too many arguments";
		return cxxrt::kE2big.negative();
	}
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	return kept(std::snprintf(buffer, size, format, numbers[0],
				  data_size > sizeof(*data) ? numbers[1] : 0),
		    size);
#pragma GCC diagnostic pop
}

unsigned int stack_trace_save(unsigned long* store, unsigned int size, unsigned int)
{
	if (!size)
		return 0;
	store[0] = 0x42;
	return 1;
}

bool kshim_copy_from_kernel(void* to, void const* from, size_t size)
{
	if (!from)
		return false;
	std::memcpy(to, from, size);
	return true;
}

void kshim_trace_dump_line(char const* line)
{
	Machine::get().dump_lines.emplace_back(line);
}

bool kshim_trace_dump_enabled(void)
{
	return Machine::get().dump_traced;
}

int kshim_root_create(void)
{
	Machine::get().might_sleep("kshim_root_create");
	if (Machine::get().fail_root)
		return cxxrt::kEnomem.negative();
	Machine::get().root_exists = true;
	return 0;
}

void kshim_root_announce(void)
{
	++Machine::get().announced;
}

void kshim_root_remove(void)
{
	Machine::get().root_exists = false;
}
