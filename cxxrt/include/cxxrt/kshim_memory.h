/* SPDX-License-Identifier: GPL-2.0 */
/* Memory for the C++ side. The module's shim implements these in C over the kernel's allocators. */
#pragma once

#ifdef __cplusplus
#include "vmlinux.hpp"
#else
#include <linux/types.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* How an allocation may behave; cxxrt::Gfp in C++. */
enum kshim_gfp {
	/* Process context, may sleep and reclaim. */
	KSHIM_GFP_KERNEL = 0,
	/* Any context but NMI, never sleeps, may use emergency reserves. */
	KSHIM_GFP_ATOMIC = 1,
	/* Never sleeps, no reserves, fails without a message. */
	KSHIM_GFP_NOWAIT = 2,
	/* As KERNEL, without a message on failure: for sizes that user space chooses. */
	KSHIM_GFP_KERNEL_QUIET = 3,
};

/* Uninitialised memory of `size` bytes aligned for any scalar, or NULL. */
void *kshim_alloc(size_t size, u32 gfp_kind);

/* Takes what kshim_alloc gave, or NULL; does not sleep. */
void kshim_free(void *memory);

/* Zeroed per-CPU memory (may sleep), or NULL; and its way back. */
void *kshim_alloc_percpu(size_t size, size_t alignment);
void kshim_free_percpu(void *percpu);

/* The calling CPU's instance (the caller cannot migrate) and any possible CPU's instance. */
void *kshim_this_cpu_ptr(void *percpu);
void *kshim_per_cpu_ptr(void *percpu, int cpu);

#ifdef __cplusplus
}
#endif
