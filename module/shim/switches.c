// SPDX-License-Identifier: GPL-2.0
/* Switches the kernel looks at. */
#include "internal.h"

static void set(struct static_key *key, bool on)
{
	if (on)
		static_key_enable(key);
	else
		static_key_disable(key);
}

void kshim_set_enabled(bool on) { set(&__scx_ops_enabled.key, on); }
void kshim_set_switched_all(bool on) { set(&__scx_switched_all.key, on); }
u64 kshim_hotplug_seq(void) { return atomic_long_read(&scx_hotplug_seq); }
