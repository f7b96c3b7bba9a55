// SPDX-License-Identifier: GPL-2.0
/* Suspend freezes user space, and with it a scheduler's user half: bypass it meanwhile. */
#include <linux/suspend.h>

#include "internal.h"

static int notify(struct notifier_block *block, unsigned long event, void *unused)
{
	switch (event) {
	case PM_SUSPEND_PREPARE:
	case PM_HIBERNATION_PREPARE:
	case PM_RESTORE_PREPARE:
		scx_entry_suspend(true);
		break;
	case PM_POST_SUSPEND:
	case PM_POST_HIBERNATION:
	case PM_POST_RESTORE:
		scx_entry_suspend(false);
	}
	return NOTIFY_DONE;
}

static struct notifier_block notifier = { .notifier_call = notify };

int shim_pm_register(void) { return register_pm_notifier(&notifier); }
void shim_pm_unregister(void) { unregister_pm_notifier(&notifier); }
