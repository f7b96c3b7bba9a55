/* SPDX-License-Identifier: GPL-2.0 */
/* The one header a scheduler's user half in C includes. Not for BPF: see common.bpf.h. */
#ifndef SCX_COMMON_H
#define SCX_COMMON_H

#ifdef __bpf__
#error "BPF programs include scx/common.bpf.h"
#endif

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

/* As skeletons name the types of a BPF half's variables. */
typedef int8_t s8; typedef uint8_t u8;
typedef int16_t s16; typedef uint16_t u16;
typedef int32_t s32; typedef uint32_t u32;
typedef int64_t s64; typedef uint64_t u64;

/* Ends the program: where, why, and what errno said. */
#define SCX_BUG(format, args...) do {							\
	int error_ = errno;								\
											\
	fprintf(stderr, "%s:%d: " format, __FILE__, __LINE__, ##args);			\
	fprintf(stderr, error_ ? ": %s\n" : "\n", strerror(error_));			\
	exit(EXIT_FAILURE);								\
} while (0)

#define SCX_BUG_ON(condition, format, args...) do {					\
	if (condition)									\
		SCX_BUG(format, ##args);						\
} while (0)

/*
 * Gives an array of RESIZABLE_ARRAY() @count elements, before loading. Its
 * section moves, so the skeleton gets the new address.
 */
#define RESIZE_ARRAY(skel, section, array, count) do {					\
	struct bpf_map *map_ = (skel)->maps.section##_##array;				\
	size_t bytes_ = sizeof((skel)->section##_##array->array[0]) * (count);		\
											\
	SCX_BUG_ON(bpf_map__set_value_size(map_, bytes_), "cannot resize " #array);	\
	(skel)->section##_##array =							\
		(__typeof__((skel)->section##_##array))bpf_map__initial_value(map_, &bytes_); \
} while (0)

#include <scx/user_exit_info.h>

#include <scx/compat.h>
#include <scx/enums.h>

#endif
