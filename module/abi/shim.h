/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shims: what C++ asks of C because the kernel offers it as a macro, an inline
 * function or a structure that cannot be written in C++. Each is as thin as
 * the kernel allows and decides nothing. Those that any C++ in a kernel needs
 * (memory, RCU, assertions) are in cxxrt/kshim_*.h. Implemented in module/shim, on the
 * host by tests/host. Contexts as in ops.h; "any" = any context, NMI excluded.
 */
#ifndef SCX_ABI_SHIM_H
#define SCX_ABI_SHIM_H

#include "abi/types.h"

/* ---- CPUs (cpu.c). any. More in core/this_cpu.hpp ---- */
u32 kshim_nr_node_ids(void);
s32 kshim_cpu_to_node(s32 cpu);
bool kshim_node_possible(s32 node);
bool kshim_smt_active(void);
const struct cpumask *kshim_smt_mask(s32 cpu);
struct cpumask *kshim_cpumask_alloc(void);	/* zeroed, or NULL; may sleep */
void kshim_cpumask_free(struct cpumask *mask);	/* NULL is fine */
bool kshim_domains_isolated(void);	/* isolcpus= took CPUs out of scheduling domains */
/* Interrupt and preemption state of this CPU. */
unsigned long kshim_irq_save(void);
void kshim_irq_restore(unsigned long flags);
void kshim_irq_enable(void);
void kshim_irq_disable(void);
void kshim_preempt_disable(void);
void kshim_preempt_enable(void);
void kshim_cond_resched(void);		/* may sleep; with PREEMPT_RT our equals in priority run */

/* ---- Locks (locks.c) ---- */
void kshim_raw_spin_init(struct raw_spinlock *lock);
void kshim_raw_spin_lock(struct raw_spinlock *lock);	/* interrupts are off */
void kshim_raw_spin_unlock(struct raw_spinlock *lock);
void kshim_task_rq_unlock(struct rq *rq, struct task_struct *p, struct rq_flags *rf);
void kshim_tasks_lock_irq(void);	/* scx_tasks_lock; also disables interrupts */
void kshim_tasks_unlock_irq(void);
struct list_head *kshim_tasks(void);	/* scx_tasks */
void kshim_bypass_lock(void);	/* one raw lock, interrupts on; from tasks only */
void kshim_bypass_unlock(void);
void kshim_enable_lock(void);	/* the mutex of loading and unloading; may sleep */
void kshim_enable_unlock(void);

/* ---- Runqueues (runqueue.c). RQ unless said otherwise ---- */
void kshim_add_nr_running(struct rq *rq, u32 count);
void kshim_sub_nr_running(struct rq *rq, u32 count);
void kshim_queue_wait_callback(struct rq *rq);	/* -> scx_entry_wait_for_cpus */
void kshim_update_tick_dependency(struct rq *rq);
bool kshim_core_scheduling(struct rq *rq);	/* core scheduling is on for @rq */
bool kshim_core_scheduling_used(void);		/* anywhere; any */
bool kshim_core_cookie_matches(struct rq *rq, struct task_struct *p);
void kshim_set_need_resched(struct task_struct *p);
bool kshim_need_resched(struct task_struct *p);	/* any */
bool kshim_task_allowed_on_cpu(struct task_struct *p, s32 cpu);
void kshim_cpufreq_update(struct rq *rq);	/* any */
u32 kshim_cpu_capacity(s32 cpu);		/* 0..1024; any */
u32 kshim_cpu_frequency(s32 cpu);		/* 0..1024; any */

/* ---- The runqueue's deadline server (server.c). RQ ---- */
bool kshim_server_active(struct rq *rq);
void kshim_server_start(struct rq *rq);	/* nothing if it is active */
void kshim_server_charge(struct rq *rq, s64 ns);

/* ---- Tasks (runqueue.c). any ---- */
bool kshim_tryget_task(struct task_struct *p);
void kshim_put_task(struct task_struct *p);
struct task_group *kshim_task_group(struct task_struct *p);
char kshim_task_state_char(struct task_struct *p);
u32 kshim_stack_of_task(struct task_struct *p, unsigned long *store, u32 size);
bool kshim_copy_from_kernel(void *to, const void *from, size_t size);

/* ---- Memory (memory.c) besides cxxrt's own ---- */
void *kshim_alloc_node(size_t size, s32 node);	/* zeroed, or NULL; may sleep */
void *kshim_alloc_large(size_t size);		/* zeroed, or NULL; may sleep; any size */
void kshim_free_large(void *memory);

/* ---- User dispatch queues by identifier (dsq_table.c) ---- */
int kshim_dsq_table_init(void);		/* 0 or -errno; may sleep */
void kshim_dsq_table_destroy(void);	/* empty; may sleep */
struct scx_dispatch_q *kshim_dsq_find(u64 id);		/* RCU read side */
int kshim_dsq_insert(struct scx_dispatch_q *dsq);	/* 0, -EEXIST, -ENOMEM; any */
bool kshim_dsq_remove(struct scx_dispatch_q *dsq);	/* false: was not in; RCU; any */
void kshim_dsq_free_later(struct scx_dispatch_q *dsq);	/* after irq_work and RCU; any */
/* Calls @visit for every queue, at least once for those there throughout. RCU inside. */
void kshim_dsq_for_each(void (*visit)(struct scx_dispatch_q *dsq));

/* ---- Switches the kernel looks at (switches.c). May sleep ---- */
void kshim_set_enabled(bool on);	/* __scx_ops_enabled */
void kshim_set_switched_all(bool on);	/* __scx_switched_all */
u64 kshim_hotplug_seq(void);		/* any */

/* ---- Work (work.c) ---- */
/* Both helpers are FIFO kthreads, so that no scheduler can starve them. */
int kshim_workers_create(void);		/* 0 or -errno; may sleep */
void kshim_workers_destroy(void);	/* waits; may sleep */
int kshim_run_on_enable_worker(int (*work)(void *), void *argument);	/* waits; may sleep */
/* -> scx_entry_disable_work, on @cpu if the thread sleeps; any, NMI included */
void kshim_queue_disable_work(s32 cpu);
void kshim_flush_disable_work(void);	/* may sleep */
unsigned long kshim_msecs_to_jiffies(u32 ms);
void kshim_queue_watchdog(unsigned long delay);	/* jiffies -> scx_entry_watchdog; any */
void kshim_cancel_watchdog(void);	/* waits; may sleep */

/* ---- cgroups (cgroup.c) ---- */
struct cgroup *kshim_group_cgroup(struct task_group *tg);	/* root for NULL and autogroups; any */
bool kshim_group_has_parent(struct task_group *tg);
void kshim_cgroup_get(struct cgroup *cgrp);	/* any */
/*
 * Calls @visit for every group, parents first, or children first. The group
 * is pinned during the call, which may sleep. Stops at the first result that
 * is not 0 and returns it. scx_cgroup_rwsem is held for writing.
 */
int kshim_for_each_group(bool parents_first, int (*visit)(struct task_group *tg));
/* Calls @visit for every task of a migration with its destination; stops as above. */
int kshim_for_each_moving_task(struct cgroup_taskset *tset,
			       int (*visit)(struct task_struct *p, struct cgroup *to));

/* ---- What a person sees (report.c) ---- */
#define KSHIM_ERROR 3	/* printk levels */
#define KSHIM_WARNING 4
#define KSHIM_INFO 6
/* One line, "sched_ext: " in front, newline added. any */
void kshim_print(int level, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same under a runqueue lock. */
void kshim_print_deferred(int level, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The line of print_info, at the level that the kernel's own dump uses. */
void kshim_print_raw(const char *level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void kshim_print_stack(const unsigned long *frames, u32 count);	/* at error level */
/* "%*pb" of a mask, and "%pS" of an address, as text; return the length. any */
int kshim_format_cpumask(char *buffer, size_t size, const struct cpumask *mask);
int kshim_format_symbol(char *buffer, size_t size, unsigned long address);
void kshim_trace_dump_line(const char *line);	/* tracepoint sched_ext_dump */
bool kshim_trace_dump_enabled(void);
/* Renders a BPF program's format and arguments: length, or -errno with *@why set. any */
s32 kshim_format_bpf(char *buffer, size_t size, char *format, unsigned long long *data,
		     u32 data_size, const char **why);
/* The /sys/kernel/sched_ext/root directory and the uevent of a loaded scheduler. */
int kshim_root_create(void);	/* 0 or -errno; may sleep */
void kshim_root_announce(void);	/* KOBJ_ADD with SCXOPS= */
void kshim_root_remove(void);	/* may sleep */

#endif /* SCX_ABI_SHIM_H */
