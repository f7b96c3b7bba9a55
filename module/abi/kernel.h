/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the C++ core uses of the kernel as it stands: exported functions and
 * data, declared here for C++ because it sees no kernel header. shim/
 * layout_check.c includes this file behind the kernel's headers, so that a
 * prototype which differs does not compile. "RQ" = the runqueue lock of the
 * first argument is held, interrupts off.
 */
#ifndef SCX_ABI_KERNEL_H
#define SCX_ABI_KERNEL_H

#include "abi/types.h"

/* Scheduler core. RQ unless said otherwise. */
extern void resched_curr(struct rq *rq);
extern void activate_task(struct rq *rq, struct task_struct *p, int flags);
extern void deactivate_task(struct rq *rq, struct task_struct *p, int flags);
extern bool dequeue_task(struct rq *rq, struct task_struct *p, int flags);
extern void set_task_cpu(struct task_struct *p, unsigned int cpu);
extern s64 update_curr_common(struct rq *rq);
extern bool update_other_load_avgs(struct rq *rq);
extern void update_rq_clock(struct rq *rq);
extern void check_class_changing(struct rq *rq, struct task_struct *p,
				 const struct sched_class *prev_class);
extern void check_class_changed(struct rq *rq, struct task_struct *p,
				const struct sched_class *prev_class, int oldprio);
extern void set_cpus_allowed_common(struct task_struct *p, struct affinity_context *ctx);
extern const struct sched_class *__setscheduler_class(int policy, int prio);
extern void sched_deq_and_put_task(struct task_struct *p, int queue_flags,
				   struct sched_enq_and_set_ctx *ctx);
extern void sched_enq_and_set_task(struct sched_enq_and_set_ctx *ctx);
/* Takes pi_lock and the runqueue lock of @p, interrupts off. */
extern struct rq *task_rq_lock(struct task_struct *p, struct rq_flags *rf);
/* Take and drop one runqueue lock; interrupts are off already. */
extern void raw_spin_rq_lock_nested(struct rq *rq, int subclass);
extern bool raw_spin_rq_trylock(struct rq *rq);
extern void raw_spin_rq_unlock(struct rq *rq);

extern const struct sched_class stop_sched_class;
extern const struct sched_class dl_sched_class;
extern const struct sched_class rt_sched_class;
extern const struct sched_class ext_sched_class;
extern const struct sched_class idle_sched_class;
extern const int sched_prio_to_weight[40];

/* May sleep. */
extern void percpu_down_write(struct percpu_rw_semaphore *sem);
extern void percpu_up_write(struct percpu_rw_semaphore *sem);
extern struct percpu_rw_semaphore scx_fork_rwsem;
extern struct percpu_rw_semaphore scx_cgroup_rwsem;
extern void cpus_read_lock(void);
extern void cpus_read_unlock(void);
extern void synchronize_rcu(void);

/* Anywhere. */
extern bool irq_work_queue(struct irq_work *work);
extern u64 sched_clock_cpu(int cpu);
extern u64 ktime_get_mono_fast_ns(void);
extern unsigned int jiffies_to_msecs(const unsigned long j);
extern unsigned int cpumask_any_and_distribute(const struct cpumask *a, const struct cpumask *b);
extern unsigned int cpumask_any_distribute(const struct cpumask *mask);
extern unsigned int stack_trace_save(unsigned long *store, unsigned int size, unsigned int skip);
extern int vscnprintf(char *buffer, size_t size, const char *format, __builtin_va_list arguments);
extern int scnprintf(char *buffer, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

extern struct cpumask __cpu_possible_mask;
extern struct cpumask __cpu_online_mask;
extern struct cpumask __cpu_active_mask;

#ifdef __cplusplus
extern volatile unsigned long jiffies;
#endif

#endif /* SCX_ABI_KERNEL_H */
