/* SPDX-License-Identifier: GPL-2.0 */
/* Why a scheduler ended, as UEI_RECORD() leaves it and UEI_REPORT() finds it. */
#ifndef SCX_USER_EXIT_INFO_COMMON_H
#define SCX_USER_EXIT_INFO_COMMON_H

enum uei_sizes {
	UEI_REASON_LEN = 128,
	UEI_MSG_LEN = 1024,
	/* Unless ops.exit_dump_len asks for another size. */
	UEI_DUMP_DFL_LEN = 32768,
};

/* Written by the BPF half, read by the other one; `kind` last. Texts end in a zero byte. */
struct user_exit_info {
	int kind;	/* enum scx_exit_kind; 0: still running */
	s64 exit_code;	/* enum scx_exit_code, or what scx_bpf_exit() was given */
	char reason[UEI_REASON_LEN];
	char msg[UEI_MSG_LEN];
};

#endif
