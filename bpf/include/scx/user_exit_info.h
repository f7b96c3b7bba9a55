/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The user half of the exit report, over a skeleton:
 *
 *	while (!UEI_EXITED(skel, uei))
 *		...
 *	ecode = UEI_REPORT(skel, uei);
 *	if (UEI_ECODE_RESTART(ecode))
 *		...load it anew
 */
#ifndef SCX_USER_EXIT_INFO_H
#define SCX_USER_EXIT_INFO_H

#ifdef __bpf__
#include <scx/user_exit_info.bpf.h>
#else

#include <stdbool.h>
#include <stdio.h>

#include <scx/user_exit_info_common.h>

/* Before loading; SCX_OPS_LOAD() does it. */
#define UEI_SET_SIZE(skel, ops, name) do {						\
	u32 dump_size_ = (skel)->struct_ops.ops->exit_dump_len;				\
											\
	if (!dump_size_)									\
		dump_size_ = UEI_DUMP_DFL_LEN;						\
	RESIZE_ARRAY((skel), data, name##_dump, dump_size_);					\
	(skel)->rodata->name##_dump_len = dump_size_;					\
} while (0)

/* The kind if the scheduler has ended, else 0; what else it left can be read then. */
#define UEI_EXITED(skel, name) __atomic_load_n(&(skel)->data->name.kind, __ATOMIC_SEQ_CST)

/* Prints the dump, if there is one, and the reason to standard error; the exit code. */
#define UEI_REPORT(skel, name)								\
	scx_report_exit(&(skel)->data->name, (skel)->data_##name##_dump->name##_dump)

static inline long long scx_report_exit(const struct user_exit_info *info, const char *dump)
{
	static const char rule[] = "----------------------------------------"
				   "----------------------------------------";

	if (dump[0])
		fprintf(stderr, "\nDEBUG DUMP\n%s\n\n%s\n%s\n\n", rule, dump, rule);
	if (info->msg[0])
		fprintf(stderr, "EXIT: %s (%s)\n", info->reason, info->msg);
	else
		fprintf(stderr, "EXIT: %s\n", info->reason);
	return info->exit_code;
}

/* For C that sees no vmlinux.h: what the kernel says in the upper half of an exit code. */
enum scx_exit_code {
	SCX_ECODE_RSN_HOTPLUG = 1ULL << 32,
	SCX_ECODE_ACT_RESTART = 1ULL << 48,
};

enum uei_ecode_mask {
	UEI_ECODE_USER_MASK = 0xffffffffULL,
	UEI_ECODE_SYS_RSN_MASK = 0xffffULL << 32,
	UEI_ECODE_SYS_ACT_MASK = 0xffffULL << 48,
};

#define UEI_ECODE_USER(ecode) ((ecode) & UEI_ECODE_USER_MASK)
#define UEI_ECODE_SYS_RSN(ecode) ((ecode) & UEI_ECODE_SYS_RSN_MASK)
#define UEI_ECODE_SYS_ACT(ecode) ((ecode) & UEI_ECODE_SYS_ACT_MASK)
#define UEI_ECODE_RESTART(ecode) (UEI_ECODE_SYS_ACT(ecode) == SCX_ECODE_ACT_RESTART)

#endif
#endif
