/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why a scheduler ended, as this project's BPF halves leave it for their user
 * half, which finds it by the names of its maps whatever the scheduler is.
 *
 * Shared by C for BPF and C++: sizes are fixed here and nowhere else, but for
 * the dump's, which the user half makes as large as ops.exit_dump_len asks for.
 */
#ifndef SCX_EXIT_MAILBOX_H
#define SCX_EXIT_MAILBOX_H

enum {
	EXIT_MAILBOX_REASON_SIZE = 128,
	EXIT_MAILBOX_MESSAGE_SIZE = 1024,
	/* What the kernel collects unless ops.exit_dump_len asks for another size. */
	EXIT_MAILBOX_DUMP_SIZE = 32768,
};

/* The texts, the dump too, end in a zero byte. They are valid once kind is not 0: it is written last. */
struct exit_mailbox {
	int kind;		/* enum scx_exit_kind */
	long long exit_code;	/* 63..48 action, 47..32 kernel's reason, 31..0 the scheduler's own */
	char reason[EXIT_MAILBOX_REASON_SIZE];
	char message[EXIT_MAILBOX_MESSAGE_SIZE];
};

/*
 * The maps that hold one of these, the dump alone, and the size of that map (an
 * unsigned int). Libbpf cuts the names of .bss maps to 15 characters.
 */
#define EXIT_MAILBOX_SECTION ".bss.user_exit"
#define EXIT_MAILBOX_DUMP_SECTION ".bss.exit_dump"
#define EXIT_MAILBOX_DUMP_SIZE_SECTION ".rodata.exit_dump_size"

#endif
