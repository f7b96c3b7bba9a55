// SPDX-License-Identifier: GPL-2.0
/* Locks and RCU. */
#include "internal.h"

static DEFINE_RAW_SPINLOCK(bypass_lock);
static DEFINE_MUTEX(enable_mutex);

void kshim_raw_spin_init(raw_spinlock_t *lock) { raw_spin_lock_init(lock); }
void kshim_raw_spin_lock(raw_spinlock_t *lock) { raw_spin_lock(lock); }
void kshim_raw_spin_unlock(raw_spinlock_t *lock) { raw_spin_unlock(lock); }
void kshim_task_rq_unlock(struct rq *rq, struct task_struct *p, struct rq_flags *rf)
{
	task_rq_unlock(rq, p, rf);
}

void kshim_tasks_lock_irq(void) { spin_lock_irq(&scx_tasks_lock); }
void kshim_tasks_unlock_irq(void) { spin_unlock_irq(&scx_tasks_lock); }
struct list_head *kshim_tasks(void) { return &scx_tasks; }
void kshim_bypass_lock(void) { raw_spin_lock(&bypass_lock); }
void kshim_bypass_unlock(void) { raw_spin_unlock(&bypass_lock); }
void kshim_enable_lock(void) { mutex_lock(&enable_mutex); }
void kshim_enable_unlock(void) { mutex_unlock(&enable_mutex); }
void kshim_rcu_read_lock(void) { rcu_read_lock(); }
void kshim_rcu_read_unlock(void) { rcu_read_unlock(); }
void kshim_synchronize_rcu(void) { synchronize_rcu(); }
void kshim_call_rcu(struct rcu_head *head, rcu_callback_t callback) { call_rcu(head, callback); }
