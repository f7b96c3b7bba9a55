// SPDX-License-Identifier: GPL-2.0
/* Loading and unloading: the steps in order, undone in reverse. */
#define pr_fmt(fmt) "sched_ext: " fmt

#include <linux/module.h>

#include "internal.h"

static void nothing(void) {}

/*
 * Registering comes first because it shows whether this is the kernel that the
 * module was built for, and it may fail later: BPF finds the module only when
 * all steps are done. No scheduler is loaded before, nor when the steps end.
 */
static const struct step {
	const char *what;
	int (*begin)(void);
	void (*end)(void);
} steps[] = {
	{ "register struct sched_ext_ops", shim_struct_ops_register, nothing },
	{ "register its BPF functions", shim_kfuncs_register, nothing },
	{ "start its threads", kshim_workers_create, kshim_workers_destroy },
	{ "allocate per-CPU memory", shim_rq_state_create, shim_rq_state_destroy },
	{ "initialise", scx_entry_init, scx_entry_exit },
	{ "join the deadline servers", shim_server_join, shim_server_leave },
	{ "attach to the scheduler", shim_hooks_attach, shim_hooks_detach },
	{ "create /sys/kernel/sched_ext", shim_sysfs_create, shim_sysfs_remove },
	{ "create /sys/kernel/debug/sched/ext", shim_debugfs_create, shim_debugfs_remove },
	{ "register SysRq S and D", shim_sysrq_register, shim_sysrq_unregister },
	{ "watch suspend and resume", shim_pm_register, shim_pm_unregister },
};

#define REASON(error)								\
	((error) == -ENODEV ? ": no BTF of the module; build it against this kernel's vmlinux" : \
	 (error) == -ENOEXEC ? ": built for another kernel; build it again for this one" : "")

static void end_steps(size_t count)
{
	while (count--)
		steps[count].end();
	/* No RCU callback of this module may be left when its code goes. */
	rcu_barrier();
}

static int __init begin_steps(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		int error = steps[i].begin();

		if (!error)
			continue;
		pr_err("cannot %s (error %d)%s\n", steps[i].what, error, REASON(error));
		end_steps(i);
		return error;
	}
	return 0;
}
module_init(begin_steps);

static void __exit end_all_steps(void) { end_steps(ARRAY_SIZE(steps)); }
module_exit(end_all_steps);

MODULE_DESCRIPTION("Extensible scheduler class: BPF programs schedule tasks");
MODULE_VERSION(SCHED_EXT_VERSION);
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(SCHED_EXT_HOOKS);
