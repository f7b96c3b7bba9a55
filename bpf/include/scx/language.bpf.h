/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel's C takes for granted: macros that no BTF carries. */
#ifndef SCX_LANGUAGE_BPF_H
#define SCX_LANGUAGE_BPF_H

#ifndef likely
#define likely(condition) __builtin_expect(!!(condition), 1)
#endif
#ifndef unlikely
#define unlikely(condition) __builtin_expect(!!(condition), 0)
#endif
#ifndef __maybe_unused
#define __maybe_unused __attribute__((__unused__))
#endif

/* task_struct::flags, and what clock_gettime() counts. */
#define PF_IDLE		0x00000002
#define PF_EXITING	0x00000004
#define PF_IO_WORKER	0x00000010
#define PF_WQ_WORKER	0x00000020
#define PF_KCOMPACTD	0x00010000
#define PF_KSWAPD	0x00020000
#define PF_KTHREAD	0x00200000
#define CLOCK_MONOTONIC	1

#ifndef NUMA_NO_NODE
#define NUMA_NO_NODE	(-1)
#endif
#ifndef NR_CPUS
#define NR_CPUS		1024
#endif

/* Of the running kernel, filled in by libbpf where a program uses them. */
extern int LINUX_KERNEL_VERSION __kconfig;
extern const char CONFIG_CC_VERSION_TEXT[64] __kconfig __weak;
extern const char CONFIG_LOCALVERSION[64] __kconfig __weak;

/*
 * One load, one store, as written: neither torn, repeated nor moved past
 * another one. For scalars and pointers. The type loses its qualifiers, or the
 * value that is read could not be kept in a variable.
 */
#define __scx_plain(place) __typeof__(_Generic((place),				\
	_Bool: (_Bool)0, char: (char)0,						\
	signed char: (signed char)0, unsigned char: (unsigned char)0,		\
	short: (short)0, unsigned short: (unsigned short)0,			\
	int: 0, unsigned int: 0U, long: 0L, unsigned long: 0UL,			\
	long long: 0LL, unsigned long long: 0ULL,				\
	default: (__typeof__(place))0))

#define READ_ONCE(place) (*(const volatile __scx_plain(place) *)&(place))
#define WRITE_ONCE(place, value) (*(volatile __scx_plain(place) *)&(place) = (value))

#endif
