/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Leaving the exit report where the user half finds it.
 *
 *	void BPF_STRUCT_OPS_SLEEPABLE(my_exit, struct scx_exit_info *info)
 *	{
 *		user_exit_record(info);
 *	}
 */
#ifndef SCX_EXIT_MAILBOX_BPF_H
#define SCX_EXIT_MAILBOX_BPF_H

#include <scx/exit_mailbox.h>

/* Static, and without SEC(), which would keep them: programs that do not use them do not get them. */
#define __scx_exit_section(name) __attribute__((section(name)))

static struct exit_mailbox user_exit __scx_exit_section(EXIT_MAILBOX_SECTION);
static char user_exit_dump[EXIT_MAILBOX_DUMP_SIZE] __scx_exit_section(EXIT_MAILBOX_DUMP_SECTION);
static const volatile u32 user_exit_dump_size __scx_exit_section(EXIT_MAILBOX_DUMP_SIZE_SECTION) =
	EXIT_MAILBOX_DUMP_SIZE;

/* From ops.exit. */
static __always_inline void user_exit_record(const struct scx_exit_info *info)
{
	bpf_probe_read_kernel_str(user_exit.reason, sizeof(user_exit.reason), info->reason);
	bpf_probe_read_kernel_str(user_exit.message, sizeof(user_exit.message), info->msg);
	bpf_probe_read_kernel_str(user_exit_dump, user_exit_dump_size, info->dump);
	user_exit.exit_code = info->exit_code;

	/* A full barrier: whoever sees the kind sees everything above. */
	__sync_val_compare_and_swap(&user_exit.kind, 0, (int)info->kind);
}

#endif
