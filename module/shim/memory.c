// SPDX-License-Identifier: GPL-2.0
/* Memory. Per-CPU addresses lose their address space on the way to C++. */
#include <linux/slab.h>

#include "internal.h"

#define PERCPU(address)	((__force void __percpu *)(address))

void *kshim_alloc(size_t size, u32 gfp_kind)
{
	static const gfp_t gfp[] = {
		[KSHIM_GFP_KERNEL] = GFP_KERNEL,
		[KSHIM_GFP_ATOMIC] = GFP_ATOMIC,
		[KSHIM_GFP_NOWAIT] = GFP_NOWAIT,
		[KSHIM_GFP_KERNEL_QUIET] = GFP_KERNEL | __GFP_NOWARN,
	};

	return kmalloc(size, gfp[gfp_kind]);
}

void kshim_free(void *memory) { kfree(memory); }
void *kshim_alloc_node(size_t size, s32 node) { return kzalloc_node(size, GFP_KERNEL, node); }
void *kshim_alloc_large(size_t size) { return kvzalloc(size, GFP_KERNEL | __GFP_NOWARN); }
void kshim_free_large(void *memory) { kvfree(memory); }

void *kshim_alloc_percpu(size_t size, size_t alignment)
{
	return (__force void *)__alloc_percpu(size, alignment);
}

void kshim_free_percpu(void *percpu) { free_percpu(PERCPU(percpu)); }
void *kshim_this_cpu_ptr(void *percpu) { return this_cpu_ptr(PERCPU(percpu)); }
void *kshim_per_cpu_ptr(void *percpu, s32 cpu) { return per_cpu_ptr(PERCPU(percpu), cpu); }
