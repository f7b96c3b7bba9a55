/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every shim sees: the scheduler's own header, both directions of the
 * border, and below what the shims offer to module.c. Pairs of functions come
 * as begin, which may sleep and gives 0 or -errno, and end, which undoes it.
 */
#ifndef SCX_SHIM_INTERNAL_H
#define SCX_SHIM_INTERNAL_H

#include <linux/mmu_context.h>	/* for sched.h, which lacks it */
#include <linux/sched/ext_hooks.h>

#include "sched.h"

#include "abi/ops_v4.h"
#include "abi/entry.h"
#include "abi/shim.h"
#include "cxxrt/kshim_assert.h"
#include "cxxrt/kshim_memory.h"
#include "cxxrt/kshim_rcu.h"

/* What scx_rq holds for the module: masks and irq_work (rq_state.c). */
int shim_rq_state_create(void);
void shim_rq_state_destroy(void);

/* Wait until nothing is queued any longer; nobody may queue (work.c, rq_state.c). */
void shim_rq_state_settle(void);
void shim_work_settle(void);

int shim_server_join(void);
void shim_server_leave(void);
int shim_hooks_attach(void);
void shim_hooks_detach(void);
int shim_sysfs_create(void);
void shim_sysfs_remove(void);
int shim_debugfs_create(void);
void shim_debugfs_remove(void);
int shim_sysrq_register(void);
void shim_sysrq_unregister(void);
int shim_pm_register(void);
void shim_pm_unregister(void);

/*
 * No way back, both go with the module's BTF. -ENODEV: the kernel has none of
 * it. -ENOEXEC: the kernel's types are not those that the module was built for.
 */
int shim_struct_ops_register(void);
int shim_kfuncs_register(void);

/* The table of 2023 (struct_ops_v4.c), and what it shares with today's (struct_ops.c). */
int shim_struct_ops_v4_register(void);
extern const struct bpf_verifier_ops shim_verifier_ops;
void shim_unreg(void *kdata, struct bpf_link *link);

/* Whose a scheduler is. A table may be registered by one link after the other. */
static inline const void *shim_owner(void *kdata, struct bpf_link *link)
{
	return link ? (const void *)link : kdata;
}

int shim_refuse_update(void *kdata, void *old_kdata, struct bpf_link *link);
int shim_validate(void *kdata);

#endif /* SCX_SHIM_INTERNAL_H */
