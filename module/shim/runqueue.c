// SPDX-License-Identifier: GPL-2.0
/* Runqueues, and the tasks on them. */
#include <linux/stacktrace.h>
#include <linux/uaccess.h>

#include "internal.h"

void kshim_add_nr_running(struct rq *rq, u32 count) { add_nr_running(rq, count); }
void kshim_sub_nr_running(struct rq *rq, u32 count) { sub_nr_running(rq, count); }
void kshim_update_tick_dependency(struct rq *rq) { sched_update_tick_dependency(rq); }
bool kshim_core_scheduling(struct rq *rq) { return sched_core_enabled(rq); }
bool kshim_core_scheduling_used(void) { return !sched_core_disabled(); }
void kshim_set_need_resched(struct task_struct *p) { set_tsk_need_resched(p); }
bool kshim_need_resched(struct task_struct *p) { return test_tsk_need_resched(p); }
u32 kshim_cpu_capacity(s32 cpu) { return arch_scale_cpu_capacity(cpu); }
u32 kshim_cpu_frequency(s32 cpu) { return arch_scale_freq_capacity(cpu); }

void kshim_queue_wait_callback(struct rq *rq)
{
	queue_balance_callback(rq, &rq->scx.deferred_bal_cb, scx_entry_wait_for_cpus);
}

bool kshim_core_cookie_matches(struct rq *rq, struct task_struct *p)
{
	return sched_cpu_cookie_match(rq, p);
}

bool kshim_task_allowed_on_cpu(struct task_struct *p, s32 cpu)
{
	return task_allowed_on_cpu(p, cpu);
}

/* The governor frees its callback after an RCU-sched grace period. */
void kshim_cpufreq_update(struct rq *rq)
{
	rcu_read_lock_sched_notrace();
	cpufreq_update_util(rq, 0);
	rcu_read_unlock_sched_notrace();
}

bool kshim_tryget_task(struct task_struct *p) { return tryget_task_struct(p); }
void kshim_put_task(struct task_struct *p) { put_task_struct(p); }
struct task_group *kshim_task_group(struct task_struct *p) { return task_group(p); }
char kshim_task_state_char(struct task_struct *p) { return task_state_to_char(p); }

u32 kshim_stack_of_task(struct task_struct *p, unsigned long *store, u32 size)
{
	return stack_trace_save_tsk(p, store, size, 0);
}

bool kshim_copy_from_kernel(void *to, const void *from, size_t size)
{
	return !copy_from_kernel_nofault(to, from, size);
}
