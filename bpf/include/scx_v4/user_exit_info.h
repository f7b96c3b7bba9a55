/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why a scheduler of the API of 2023 ended, from its BPF half to its user half:
 *
 *	struct user_exit_info uei;			while (!uei_exited(&skel->bss->uei))
 *								...
 *	void BPF_STRUCT_OPS(my_exit,			uei_print(&skel->bss->uei);
 *			    struct scx_exit_info *ei)
 *	{
 *		uei_record(&uei, ei);
 *	}
 */
#ifndef SCX_V4_USER_EXIT_INFO_H
#define SCX_V4_USER_EXIT_INFO_H

/* `type` is written last. Texts end in a zero byte. */
struct user_exit_info {
	int type;	/* enum scx_exit_type; 0: still running */
	char reason[128];
	char msg[1024];
};

#ifdef __bpf__

#include "scx_common.bpf.h"

static __always_inline void uei_record(struct user_exit_info *uei, const struct scx_exit_info *ei)
{
	bpf_probe_read_kernel_str(uei->msg, sizeof(uei->msg), ei->msg);
	bpf_probe_read_kernel_str(uei->reason, sizeof(uei->reason), ei->reason);

	/* A full barrier. */
	__sync_val_compare_and_swap(&uei->type, uei->type, (int)ei->type);
}

#else

#include <stdbool.h>
#include <stdio.h>

static inline bool uei_exited(struct user_exit_info *uei)
{
	return __atomic_load_n(&uei->type, __ATOMIC_SEQ_CST) != 0;
}

/* One line to standard error: `EXIT: reason` or `EXIT: reason (message)`. */
static inline void uei_print(const struct user_exit_info *uei)
{
	bool explained = uei->msg[0] != '\0';

	fprintf(stderr, "EXIT: %s%s%s%s\n", uei->reason, explained ? " (" : "", uei->msg,
		explained ? ")" : "");
}

#endif
#endif
