/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one header a scheduler's BPF half includes.
 *
 * vmlinux.h is generated at build time from the target kernel's BTF together
 * with the module's; it is the only source of kernel types here. Names are
 * those that schedulers of the field use, of 6.12 and of later kernels alike.
 */
#ifndef SCX_COMMON_BPF_H
#define SCX_COMMON_BPF_H

/*
 * Kernels built with a newer pahole tag their kfuncs, and bpftool then prints
 * prototypes that would clash with the ones in kfuncs.bpf.h.
 */
#ifndef BPF_NO_KFUNC_PROTOTYPES
#define BPF_NO_KFUNC_PROTOTYPES
#endif

#include <vmlinux.h>

#include <asm-generic/errno.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include <scx/language.bpf.h>

#include <scx/kernel_kfuncs.bpf.h>
#include <scx/kfuncs.bpf.h>
#include <scx/pointers.bpf.h>

#include <scx/compat.bpf.h>
#include <scx/enums.bpf.h>
#include <scx/report.bpf.h>
#include <scx/struct_ops.bpf.h>

#include <scx/exit_mailbox.bpf.h>
#include <scx/helpers.bpf.h>
#include <scx/user_exit_info.bpf.h>

#endif
