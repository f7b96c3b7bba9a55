// SPDX-License-Identifier: GPL-2.0
/* What C++ was told about the kernel, held against the kernel's own headers. Makes no code. */
#include <linux/irq_work.h>
#include <linux/sched/clock.h>
#include <linux/stacktrace.h>

#include "internal.h"
#include "pelt.h"

#include "abi/constants.h"
#include "abi/kernel.h"

#define SAME(type, name, value)							\
	_Static_assert((type)(name) == (type)(value), #name " differs from the kernel's");
SCX_KERNEL_CONSTANTS(SAME)

/* The hooks of task groups are called only then, and p->scx has the fields of both. */
_Static_assert(IS_ENABLED(CONFIG_EXT_GROUP_SCHED), "the kernel needs CONFIG_EXT_GROUP_SCHED");
_Static_assert(IS_ENABLED(CONFIG_DEBUG_INFO_BTF_MODULES),
	       "the kernel needs CONFIG_DEBUG_INFO_BTF_MODULES");
_Static_assert(offsetof(struct pcpu_hot, current_task) == SCX_PCPU_CURRENT_TASK &&
	       offsetof(struct pcpu_hot, cpu_number) == SCX_PCPU_CPU_NUMBER,
	       "struct pcpu_hot is not what core/this_cpu.hpp expects");
