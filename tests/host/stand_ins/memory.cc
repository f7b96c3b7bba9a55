// SPDX-License-Identifier: GPL-2.0
// Memory, with failures on request; queues by identifier.
#include "stand_ins/machine.hpp"

#include <cstdlib>
#include <cstring>
#include <malloc.h>

using host::Machine;

namespace {

// What kshim_alloc_percpu() hands out: an address that means nothing without a CPU.
struct PerCpuBlock {
	size_t stride;
	char* memory;
};

void* allocate_zeroed(size_t size)
{
	return Machine::get().allocation_fails() ? nullptr : std::calloc(1, size);
}

} // namespace

bool host::Machine::allocation_fails()
{
	return fail_allocation_in >= 0 && fail_allocation_in-- == 0;
}

void* kshim_alloc(size_t size, u32 gfp_kind)
{
	if (gfp_kind == KSHIM_GFP_KERNEL || gfp_kind == KSHIM_GFP_KERNEL_QUIET)
		Machine::get().might_sleep("kshim_alloc");

	void* const memory = Machine::get().allocation_fails() ? nullptr : std::malloc(size);

	// Nobody may count on what was there before.
	if (memory)
		std::memset(memory, 0xa5, size);
	return memory;
}

void kshim_free(void* memory)
{
	host::Meeting* const meeting = Machine::get().meeting;

	if (memory && meeting && meeting->keep_freed(memory, malloc_usable_size(memory)))
		return;
	std::free(memory);
}

void* kshim_alloc_node(size_t size, s32)
{
	Machine::get().might_sleep("kshim_alloc_node");
	return allocate_zeroed(size);
}

void* kshim_alloc_large(size_t size)
{
	Machine::get().might_sleep("kshim_alloc_large");
	return allocate_zeroed(size);
}

void kshim_free_large(void* memory)
{
	std::free(memory);
}

cpumask* kshim_cpumask_alloc(void)
{
	Machine::get().might_sleep("kshim_cpumask_alloc");
	return static_cast<cpumask*>(allocate_zeroed(sizeof(cpumask)));
}

void kshim_cpumask_free(cpumask* mask)
{
	std::free(mask);
}

void* kshim_alloc_percpu(size_t size, size_t alignment)
{
	Machine::get().might_sleep("kshim_alloc_percpu");
	if (Machine::get().allocation_fails())
		return nullptr;

	// A cache line and more between two CPUs, so that running over the end is noticed.
	size_t const stride = (size + 2 * 64 - 1) / 64 * 64;
	auto const cpus = static_cast<size_t>(Machine::get().topology().cpus);
	auto* block = new PerCpuBlock{stride, nullptr};

	Machine::get().percpu_bytes += size;

	if (alignment > 64)
		Machine::get().complain("per-CPU memory aligned to more than a cache line");
	block->memory = static_cast<char*>(std::aligned_alloc(64, stride * cpus));
	std::memset(block->memory, 0, stride * cpus);
	return block;
}

void kshim_free_percpu(void* percpu)
{
	auto* block = static_cast<PerCpuBlock*>(percpu);

	if (!block)
		return;
	std::free(block->memory);
	delete block;
}

void* kshim_per_cpu_ptr(void* percpu, int cpu)
{
	auto* block = static_cast<PerCpuBlock*>(percpu);

	return block->memory + block->stride * static_cast<size_t>(cpu);
}

void* kshim_this_cpu_ptr(void* percpu)
{
	return kshim_per_cpu_ptr(percpu, Machine::acting_on());
}

// ---- Queues by identifier ----

int kshim_dsq_table_init(void)
{
	Machine::get().might_sleep("kshim_dsq_table_init");
	return Machine::get().allocation_fails() ? cxxrt::kEnomem.negative() : 0;
}

void kshim_dsq_table_destroy(void)
{
	Machine::get().might_sleep("kshim_dsq_table_destroy");
	if (!Machine::get().queues.empty())
		Machine::get().complain("dispatch queues left when the table is destroyed");
}

scx_dispatch_q* kshim_dsq_find(u64 id)
{
	Machine& machine = Machine::get();
	host::Cpu const& cpu = machine.here();

	if (!cpu.rcu_depth && !cpu.irqs_off && !cpu.preempt_depth)
		machine.complain("kshim_dsq_find outside an RCU read section");

	// What was done to a queue before it was inserted is seen by who finds it.
	if (machine.meeting)
		machine.meeting->locked(&machine.queues);

	std::lock_guard guard{machine.shared};
	auto const found = machine.queues.find(id);

	return found == machine.queues.end() ? nullptr : found->second;
}

int kshim_dsq_insert(scx_dispatch_q* dsq)
{
	if (Machine::get().allocation_fails())
		return cxxrt::kEnomem.negative();

	if (Machine::get().meeting)
		Machine::get().meeting->unlocking(&Machine::get().queues);

	std::lock_guard guard{Machine::get().shared};

	return Machine::get().queues.emplace(dsq->id, dsq).second ? 0 : cxxrt::kEexist.negative();
}

bool kshim_dsq_remove(scx_dispatch_q* dsq)
{
	std::lock_guard guard{Machine::get().shared};
	auto const found = Machine::get().queues.find(dsq->id);

	if (found == Machine::get().queues.end() || found->second != dsq)
		return false;
	Machine::get().queues.erase(found);
	return true;
}

void kshim_dsq_free_later(scx_dispatch_q* dsq)
{
	std::lock_guard guard{Machine::get().shared};

	Machine::get().dead_queues.push_back(dsq);
}

void kshim_dsq_for_each(void (*visit)(scx_dispatch_q* dsq))
{
	auto const queues = Machine::get().queues;

	kshim_rcu_read_lock();
	for (auto const& [id, dsq] : queues)
		visit(dsq);
	kshim_rcu_read_unlock();
}
