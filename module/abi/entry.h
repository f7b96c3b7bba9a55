/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entries: what C calls of the C++ core. Hooks have the contexts that
 * include/linux/sched/ext_hooks.h and struct sched_class give them; the rest
 * says its own. Nothing here throws, and C++ locks what it needs itself.
 */
#ifndef SCX_ABI_ENTRY_H
#define SCX_ABI_ENTRY_H

#include "abi/types.h"

/* ---- Module life (enable.cc). May sleep ---- */
int scx_entry_init(void);	/* before attach; 0 or -errno, undone when it fails */
void scx_entry_exit(void);	/* after detach */

/* ---- Class methods ---- */
void scx_entry_enqueue_task(struct rq *rq, struct task_struct *p, int flags);
bool scx_entry_dequeue_task(struct rq *rq, struct task_struct *p, int flags);
void scx_entry_yield_task(struct rq *rq);
bool scx_entry_yield_to_task(struct rq *rq, struct task_struct *to);
int scx_entry_balance(struct rq *rq, struct task_struct *prev);	/* RQ, unpinned */
struct task_struct *scx_entry_pick_task(struct rq *rq);
void scx_entry_put_prev_task(struct rq *rq, struct task_struct *p, struct task_struct *next);
void scx_entry_set_next_task(struct rq *rq, struct task_struct *p, bool first);
int scx_entry_select_task_rq(struct task_struct *p, int prev_cpu, int flags);
void scx_entry_task_woken(struct rq *rq, struct task_struct *p);
void scx_entry_set_cpus_allowed(struct task_struct *p, struct affinity_context *ctx);
void scx_entry_task_tick(struct rq *rq, struct task_struct *p, int queued);
void scx_entry_switching_to(struct rq *rq, struct task_struct *p);
void scx_entry_switched_from(struct rq *rq, struct task_struct *p);
void scx_entry_reweight_task(struct rq *rq, struct task_struct *p, const struct load_weight *lw);
void scx_entry_update_curr(struct rq *rq);
struct task_struct *scx_entry_server_pick(struct rq *rq);	/* RQ; the deadline server's turn */

/* ---- Other hooks ---- */
int scx_entry_fork(struct task_struct *p);
void scx_entry_post_fork(struct task_struct *p);
void scx_entry_cancel_fork(struct task_struct *p);
void scx_entry_task_free(struct task_struct *p);
void scx_entry_tick(struct rq *rq);
bool scx_entry_should_scx(int policy);
int scx_entry_check_setscheduler(struct task_struct *p, int policy);
bool scx_entry_prio_less(const struct task_struct *a, const struct task_struct *b, bool in_fi);
bool scx_entry_keep_tick(struct rq *rq);
void scx_entry_update_idle(struct rq *rq, bool idle, bool notify);
void scx_entry_cpu_activate(struct rq *rq);
void scx_entry_cpu_deactivate(struct rq *rq);
void scx_entry_rq_offline(struct rq *rq);
int scx_entry_tg_online(struct task_group *tg);
void scx_entry_tg_offline(struct task_group *tg);
void scx_entry_group_set_weight(struct task_group *tg, unsigned long weight);
void scx_entry_group_set_idle(struct task_group *tg, bool idle);
int scx_entry_cgroup_can_attach(struct cgroup_taskset *tset);
void scx_entry_cgroup_cancel_attach(struct cgroup_taskset *tset);
void scx_entry_cgroup_move_task(struct task_struct *p);
void scx_entry_lockup(const char *what, unsigned long seconds);
void scx_entry_print_info(const char *level, struct task_struct *p);

/* ---- Work that C runs for C++ (see shim.h) ---- */
void scx_entry_run_deferred(struct rq *rq);	/* RQ, unpinned */
void scx_entry_kick_cpus(struct rq *this_rq);	/* hard interrupt of that CPU */
void scx_entry_wait_for_cpus(struct rq *this_rq);	/* RQ; drops it, interrupts on meanwhile */
void scx_entry_disable_work(void);		/* FIFO kthread, may sleep */
void scx_entry_watchdog(void);			/* workqueue, may sleep */
void scx_entry_sysrq_reset(void);		/* any */
void scx_entry_sysrq_dump(void);		/* any */
void scx_entry_suspend(bool suspending);	/* bypass around suspend; may sleep */

/* ---- struct_ops (ops_check.cc, enable.cc) ---- */
/* Checks and takes the data member at this offset: 1; 0 if it is a callback; or -errno. */
int scx_entry_take_member(u32 offset, const struct sched_ext_ops *from, struct sched_ext_ops *to);
bool scx_entry_op_may_sleep(u32 offset);
/* 0 or -errno; may sleep. `owner` is whose it is: an address that nobody else has until it is unregistered. */
int scx_entry_register(struct sched_ext_ops *ops, const void *owner);
/* Waits for the end; may sleep. Nothing if the scheduler of `owner` has ended and another one is loaded. */
void scx_entry_unregister(const void *owner);
/* The same of the table of 2023. */
int scx_entry_take_member_v4(u32 offset, const struct sched_ext_ops_v4 *from,
			     struct sched_ext_ops_v4 *to);
bool scx_entry_op_may_sleep_v4(u32 offset);
int scx_entry_register_v4(const struct sched_ext_ops_v4 *ops, const void *owner);

/* ---- What sysfs and debugfs show. any ---- */
const char *scx_entry_state_name(void);
bool scx_entry_switching_all(void);
long scx_entry_nr_rejected(void);
long scx_entry_enable_seq(void);
size_t scx_entry_show_events(char *buffer, size_t size);	/* a line each; the length */
const char *scx_entry_ops_name(void);	/* empty when no scheduler is loaded */
void scx_entry_summary(char *buffer, size_t size);

/* ---- kfuncs: the bodies. Contexts are checked inside ---- */
s32 scx_entry_kf_select_cpu_dfl(struct task_struct *p, s32 prev_cpu, u64 wake_flags, bool *is_idle);
s32 scx_entry_kf_select_cpu_and(struct task_struct *p, s32 prev_cpu, u64 wake_flags,
				const struct cpumask *allowed, u64 flags);
void scx_entry_kf_dispatch(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags);
void scx_entry_kf_dispatch_vtime(struct task_struct *p, u64 dsq_id, u64 slice, u64 vtime,
				 u64 enq_flags);
/* The same with an answer: false if the dispatch was refused. */
bool scx_entry_kf_dsq_insert(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags);
bool scx_entry_kf_dsq_insert_vtime(struct task_struct *p,
				   const struct scx_bpf_dsq_insert_vtime_args *args);
u32 scx_entry_kf_dispatch_nr_slots(void);
void scx_entry_kf_dispatch_cancel(void);
bool scx_entry_kf_consume(u64 dsq_id);
bool scx_entry_kf_dsq_move_to_local(u64 dsq_id, u64 enq_flags);
struct task_struct *scx_entry_kf_dsq_peek(u64 dsq_id);	/* NULL: empty, or an error */
void scx_entry_kf_iter_set_slice(struct bpf_iter_scx_dsq *it, u64 slice);
void scx_entry_kf_iter_set_vtime(struct bpf_iter_scx_dsq *it, u64 vtime);
/* @by_vtime: into the priority queue of the destination. */
bool scx_entry_kf_dispatch_from_dsq(struct bpf_iter_scx_dsq *it, struct task_struct *p, u64 dsq_id,
				    u64 enq_flags, bool by_vtime);
int scx_entry_kf_iter_new(struct bpf_iter_scx_dsq *it, u64 dsq_id, u64 flags);
struct task_struct *scx_entry_kf_iter_next(struct bpf_iter_scx_dsq *it);
void scx_entry_kf_iter_destroy(struct bpf_iter_scx_dsq *it);
u32 scx_entry_kf_reenqueue_local(void);
void scx_entry_kf_switch_all(void);
s32 scx_entry_kf_create_dsq(u64 dsq_id, s32 node);
void scx_entry_kf_destroy_dsq(u64 dsq_id);
s32 scx_entry_kf_dsq_nr_queued(u64 dsq_id);
void scx_entry_kf_kick_cpu(s32 cpu, u64 flags);
void scx_entry_kf_exit(s64 exit_code, char *format, unsigned long long *data, u32 data_size);
void scx_entry_kf_error(char *format, unsigned long long *data, u32 data_size);
void scx_entry_kf_dump(char *format, unsigned long long *data, u32 data_size);
u32 scx_entry_kf_cpuperf_cap(s32 cpu);
u32 scx_entry_kf_cpuperf_cur(s32 cpu);
void scx_entry_kf_cpuperf_set(s32 cpu, u32 performance);
const struct cpumask *scx_entry_kf_idle_cpumask(void);	/* NULL: error, show none */
const struct cpumask *scx_entry_kf_idle_smtmask(void);
bool scx_entry_kf_test_and_clear_cpu_idle(s32 cpu);
s32 scx_entry_kf_pick_idle_cpu(const struct cpumask *allowed, u64 flags);
s32 scx_entry_kf_pick_any_cpu(const struct cpumask *allowed, u64 flags);
bool scx_entry_kf_task_running(const struct task_struct *p);
s32 scx_entry_kf_task_cpu(const struct task_struct *p);
struct rq *scx_entry_kf_cpu_rq(s32 cpu);	/* NULL: error */
struct rq *scx_entry_kf_locked_rq(void);	/* NULL: error */
struct task_struct *scx_entry_kf_cpu_curr(s32 cpu);	/* NULL: error */
struct cgroup *scx_entry_kf_task_cgroup(struct task_struct *p);
u64 scx_entry_kf_now(void);
bool scx_entry_kf_task_set_slice(struct task_struct *p, u64 slice);
bool scx_entry_kf_task_set_dsq_vtime(struct task_struct *p, u64 vtime);
void scx_entry_kf_events(struct scx_event_stats *to, size_t size);

#endif /* SCX_ABI_ENTRY_H */
