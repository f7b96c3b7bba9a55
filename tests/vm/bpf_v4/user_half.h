/* SPDX-License-Identifier: GPL-2.0 */
/* What the user halves of the API of 2023 here share: C over a skeleton, as they were then. */
#ifndef USER_HALF_H
#define USER_HALF_H

#include <bpf/libbpf.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As skeletons name the types of a BPF half's variables. */
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int s32;

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	stopped = 1;
}

static int print_warnings(enum libbpf_print_level level, const char *format, va_list arguments)
{
	return level == LIBBPF_WARN ? vfprintf(stderr, format, arguments) : 0;
}

static void end_with(const char *what)
{
	fprintf(stderr, "cannot %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static void prepare(void)
{
	libbpf_set_print(print_warnings);
	signal(SIGINT, stop);
	signal(SIGTERM, stop);
}

/* BPF_F_LINK, which the linux/bpf.h of Debian 12 does not know. */
enum { WITH_LINK = 1U << 13 };

/*
 * The table stands in section .struct_ops, which leaves a scheduler in force
 * when its loader is killed. With a link the kernel takes it out. Before load.
 */
static void use_link(struct bpf_map *table)
{
	if (bpf_map__set_map_flags(table, bpf_map__map_flags(table) | WITH_LINK))
		end_with("give the table a link");
	bpf_map__set_autoattach(table, false);
}

static struct bpf_link *attach(struct bpf_map *table)
{
	struct bpf_link *link = bpf_map__attach_struct_ops(table);

	if (!link)
		end_with("attach");
	printf("attached\n");
	fflush(stdout);
	return link;
}

#endif
