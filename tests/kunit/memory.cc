// SPDX-License-Identifier: GPL-2.0
// The module's memory, counted and made to fail when a case wants it; and per-CPU memory for CPUs
// that do not exist.
#include "kunit/made_up.hpp"

// The shims of module/shim/memory.c and dsq_table.c, which rename.h hides.
extern "C" {
void* module_alloc(size_t size, u32 gfp_kind) asm("kshim_alloc");
void module_free(void* memory) asm("kshim_free");
void* module_alloc_node(size_t size, s32 node) asm("kshim_alloc_node");
void* module_alloc_large(size_t size) asm("kshim_alloc_large");
void module_free_large(void* memory) asm("kshim_free_large");
void module_dsq_free_later(scx_dispatch_q* dsq) asm("kshim_dsq_free_later");
}

namespace {

int fail_in = -1;
long live;

bool fails()
{
	return fail_in >= 0 && fail_in-- == 0;
}

void* counted(void* memory)
{
	live += memory != nullptr;
	return memory;
}

// Of one object per CPU.
struct PerCpuBlock {
	size_t stride;
	char memory[];
};

PerCpuBlock& block_of(void* percpu)
{
	return *static_cast<PerCpuBlock*>(percpu);
}

} // namespace

void* kshim_alloc(size_t size, u32 gfp_kind)
{
	return fails() ? nullptr : counted(module_alloc(size, gfp_kind));
}

void kshim_free(void* memory)
{
	live -= memory != nullptr;
	module_free(memory);
}

// The kernel may have fewer nodes than the machine.
void* kshim_alloc_node(size_t size, s32)
{
	return fails() ? nullptr : counted(module_alloc_node(size, -1));
}

void* kshim_alloc_large(size_t size)
{
	return fails() ? nullptr : counted(module_alloc_large(size));
}

void kshim_free_large(void* memory)
{
	live -= memory != nullptr;
	module_free_large(memory);
}

cpumask* kshim_cpumask_alloc(void)
{
	return static_cast<cpumask*>(kshim_alloc_large(sizeof(cpumask)));
}

void kshim_cpumask_free(cpumask* mask)
{
	kshim_free_large(mask);
}

void kshim_dsq_free_later(scx_dispatch_q* dsq)
{
	--live;
	module_dsq_free_later(dsq);
}

void* kshim_alloc_percpu(size_t size, size_t)
{
	size_t const stride = (size + 63) / 64 * 64;
	size_t const bytes = sizeof(PerCpuBlock) + stride * static_cast<size_t>(scx::nr_cpus());
	auto* block = static_cast<PerCpuBlock*>(kshim_alloc_large(bytes));

	if (block)
		block->stride = stride;
	return block;
}

void kshim_free_percpu(void* percpu)
{
	kshim_free_large(percpu);
}

void* kshim_per_cpu_ptr(void* percpu, int cpu)
{
	return block_of(percpu).memory + block_of(percpu).stride * static_cast<size_t>(cpu);
}

void* kshim_this_cpu_ptr(void* percpu)
{
	return kshim_per_cpu_ptr(percpu, service_acting_on());
}

namespace suite::machine {

void fail_allocation_in(int more)
{
	fail_in = more;
}

long live_allocations()
{
	return live;
}

} // namespace suite::machine
