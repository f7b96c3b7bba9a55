/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Linked into upstream's programs beside their unmodified sources. They look up types in one BTF
 * handle, a weak global that they fill with the kernel's own types when it is empty. Where the
 * implementation is a module, its types are in the module's BTF: this strong definition offers both.
 *
 * And scx_central clears a whole cpu_set_t in a set that it allocated for the machine's few CPUs
 * (CPU_ZERO after CPU_ALLOC), which now and then corrupts its heap: sets are whole ones here.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdlib.h>

#include <bpf/btf.h>

cpu_set_t *__sched_cpualloc(size_t count)
{
	size_t size = CPU_ALLOC_SIZE(count);

	return calloc(1, size > sizeof(cpu_set_t) ? size : sizeof(cpu_set_t));
}

struct btf *__COMPAT_vmlinux_btf;

static void __attribute__((constructor)) load_kernel_and_module_types(void)
{
	struct btf *kernel = btf__load_vmlinux_btf();
	struct btf *module;

	if (!kernel)
		return;
	module = btf__load_module_btf("sched_ext", kernel);
	__COMPAT_vmlinux_btf = module ? module : kernel;
}
