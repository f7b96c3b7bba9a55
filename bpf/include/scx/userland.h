/* SPDX-License-Identifier: GPL-2.0 */
/* What the halves of scx_userland tell each other through two ring buffers. For BPF and C++. */
#ifndef SCX_USERLAND_H
#define SCX_USERLAND_H

enum {
	USERLAND_CPUS = 4096, /* CPUs are numbered below this */
	USERLAND_ANY_CPU = -1,

	/* userland_message.flags */
	USERLAND_WOKE = 1, /* it slept until now */
	USERLAND_NEW = 2,  /* it has never been seen before: vtime means nothing */
};

/* A task waits. */
struct userland_message {
	unsigned long long vtime; /* as the last decision about it left it */
	unsigned long long ran;   /* ns on a CPU since the last message */
	unsigned int thread;
	unsigned int stay; /* tells this stay in the queue from others of the thread */
	unsigned int weight; /* 1 to 10000; 100 is nice 0 */
	int cpu; /* on which alone it may run, or USERLAND_ANY_CPU */
	unsigned int flags;
	unsigned int padding;
};

/* It shall run. */
struct userland_decision {
	unsigned long long vtime;
	unsigned long long slice; /* ns */
	unsigned int thread;
	unsigned int stay;
	int cpu;
	unsigned int padding;
};

#endif
