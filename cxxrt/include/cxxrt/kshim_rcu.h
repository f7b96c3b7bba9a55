/* SPDX-License-Identifier: GPL-2.0 */
/* RCU for the C++ side. The module's shim implements these in C. */
#pragma once

#ifdef __cplusplus
#include "vmlinux.hpp"
#else
#include <linux/types.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct callback_head;

void kshim_rcu_read_lock(void);
void kshim_rcu_read_unlock(void);

/* Waits for all readers; may sleep. */
void kshim_synchronize_rcu(void);

/* Runs the callback in softirq context after all readers; any context. */
void kshim_call_rcu(struct callback_head *head, void (*callback)(struct callback_head *head));

#ifdef __cplusplus
}
#endif
