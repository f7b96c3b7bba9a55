/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why a scheduler ended, as its BPF half leaves it for its user half.
 *
 * Shared by C for BPF and C++: sizes are fixed here and nowhere else. Both
 * sides see the same bytes through a mapped map.
 */
#ifndef SCX_USER_EXIT_INFO_H
#define SCX_USER_EXIT_INFO_H

enum {
	USER_EXIT_REASON_SIZE = 128,
	USER_EXIT_MESSAGE_SIZE = 1024,
	/* What the kernel collects unless ops.exit_dump_len asks for more. */
	USER_EXIT_DUMP_SIZE = 32768,
};

/* The texts end in a zero byte. They are valid once kind is not 0: it is written last. */
struct user_exit_info {
	int kind;		/* enum scx_exit_kind */
	long long exit_code;	/* 63..48 action, 47..32 kernel's reason, 31..0 the scheduler's own */
	char reason[USER_EXIT_REASON_SIZE];
	char message[USER_EXIT_MESSAGE_SIZE];
	char dump[USER_EXIT_DUMP_SIZE];
};

/* The map that holds one of these, by which the user half finds it. */
#define USER_EXIT_SECTION ".bss.user_exit"

#endif
