// SPDX-License-Identifier: GPL-2.0
/* SysRq S ends the loaded scheduler, SysRq D traces its state. */
#include <linux/sysrq.h>

#include "internal.h"

#define KEY(name, help, action)							\
static void name(u8 key) { scx_entry_sysrq_##name(); }				\
static const struct sysrq_key_op name##_key = {					\
	.handler = name,							\
	.help_msg = help,							\
	.action_msg = action,							\
	.enable_mask = SYSRQ_ENABLE_RTNICE,					\
}

KEY(reset, "reset-sched-ext(S)", "Ending the sched_ext scheduler, all tasks become fair again");
KEY(dump, "dump-sched-ext(D)", "Tracing the state of the sched_ext scheduler");

int shim_sysrq_register(void)
{
	if (register_sysrq_key('S', &reset_key))
		return -EBUSY;
	if (!register_sysrq_key('D', &dump_key))
		return 0;
	unregister_sysrq_key('S', &reset_key);
	return -EBUSY;
}

void shim_sysrq_unregister(void)
{
	unregister_sysrq_key('D', &dump_key);
	unregister_sysrq_key('S', &reset_key);
}
