/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Enumerators are constants of the vmlinux.h that a program is compiled with.
 * A program that must run on kernels where some have other values, SCX_ENQ_HEAD
 * for one, declares those as read-only variables:
 *
 *	SCX_ENUM_AT_LOAD(SCX_ENQ_HEAD);
 *	...
 *	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, 0, SCX_ENUM(SCX_ENQ_HEAD));
 *
 * and SCX_OPS_OPEN() in its user half, or SCX_ENUM_INIT() of enums.h, fills in
 * what the running kernel and module say; 0 for what they do not know.
 */
#ifndef SCX_ENUMS_BPF_H
#define SCX_ENUMS_BPF_H

#define SCX_ENUM(enumerator) __##enumerator
#define SCX_ENUM_AT_LOAD(enumerator) const volatile u64 SCX_ENUM(enumerator) __weak

#endif
