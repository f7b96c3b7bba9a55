// SPDX-License-Identifier: GPL-2.0
/*
 * Functions that BPF programs call, under upstream's names: C++ entries, or
 * what needs no decision. X(type, name, parameters, value, flags for BPF).
 * BPF reads meaning into parameter names (__sz, __iter).
 */
#include <linux/btf.h>
#include <linux/btf_ids.h>

#include "internal.h"

/* For every type of program that has any. The masks are never freed: put does nothing. */
#define ANY_KFUNCS(X)										\
	X(void, scx_bpf_kick_cpu, (s32 cpu, u64 flags), scx_entry_kf_kick_cpu(cpu, flags), 0)	\
	X(s32, scx_bpf_dsq_nr_queued, (u64 dsq_id), scx_entry_kf_dsq_nr_queued(dsq_id), 0)	\
	X(void, scx_bpf_destroy_dsq, (u64 dsq_id), scx_entry_kf_destroy_dsq(dsq_id), 0)		\
	X(int, bpf_iter_scx_dsq_new, (struct bpf_iter_scx_dsq *it, u64 dsq_id, u64 flags),	\
	  scx_entry_kf_iter_new(it, dsq_id, flags), KF_ITER_NEW | KF_RCU_PROTECTED)		\
	X(struct task_struct *, bpf_iter_scx_dsq_next, (struct bpf_iter_scx_dsq *it),		\
	  scx_entry_kf_iter_next(it), KF_ITER_NEXT | KF_RET_NULL)				\
	X(void, bpf_iter_scx_dsq_destroy, (struct bpf_iter_scx_dsq *it),			\
	  scx_entry_kf_iter_destroy(it), KF_ITER_DESTROY)					\
	X(void, scx_bpf_exit_bstr,								\
	  (s64 exit_code, char *fmt, unsigned long long *data, u32 data__sz),			\
	  scx_entry_kf_exit(exit_code, fmt, data, data__sz), KF_TRUSTED_ARGS)			\
	X(void, scx_bpf_error_bstr, (char *fmt, unsigned long long *data, u32 data__sz),	\
	  scx_entry_kf_error(fmt, data, data__sz), KF_TRUSTED_ARGS)				\
	X(void, scx_bpf_dump_bstr, (char *fmt, unsigned long long *data, u32 data__sz),		\
	  scx_entry_kf_dump(fmt, data, data__sz), KF_TRUSTED_ARGS)				\
	X(u32, scx_bpf_cpuperf_cap, (s32 cpu), scx_entry_kf_cpuperf_cap(cpu), 0)		\
	X(u32, scx_bpf_cpuperf_cur, (s32 cpu), scx_entry_kf_cpuperf_cur(cpu), 0)		\
	X(void, scx_bpf_cpuperf_set, (s32 cpu, u32 perf), scx_entry_kf_cpuperf_set(cpu, perf), 0) \
	X(u32, scx_bpf_nr_cpu_ids, (void), nr_cpu_ids, 0)					\
	X(const struct cpumask *, scx_bpf_get_possible_cpumask, (void),				\
	  cpu_possible_mask, KF_ACQUIRE)							\
	X(const struct cpumask *, scx_bpf_get_online_cpumask, (void), cpu_online_mask, KF_ACQUIRE) \
	X(void, scx_bpf_put_cpumask, (const struct cpumask *cpumask), 0, KF_RELEASE)		\
	X(const struct cpumask *, scx_bpf_get_idle_cpumask, (void),				\
	  scx_entry_kf_idle_cpumask() ?: cpu_none_mask, KF_ACQUIRE)				\
	X(const struct cpumask *, scx_bpf_get_idle_smtmask, (void),				\
	  scx_entry_kf_idle_smtmask() ?: cpu_none_mask, KF_ACQUIRE)				\
	X(void, scx_bpf_put_idle_cpumask, (const struct cpumask *idle_mask), 0, KF_RELEASE)	\
	X(bool, scx_bpf_test_and_clear_cpu_idle, (s32 cpu),					\
	  scx_entry_kf_test_and_clear_cpu_idle(cpu), 0)						\
	X(s32, scx_bpf_pick_idle_cpu, (const struct cpumask *cpus_allowed, u64 flags),		\
	  scx_entry_kf_pick_idle_cpu(cpus_allowed, flags), KF_RCU)				\
	X(s32, scx_bpf_pick_any_cpu, (const struct cpumask *cpus_allowed, u64 flags),		\
	  scx_entry_kf_pick_any_cpu(cpus_allowed, flags), KF_RCU)				\
	X(bool, scx_bpf_task_running, (const struct task_struct *p),				\
	  scx_entry_kf_task_running(p), KF_RCU)							\
	X(s32, scx_bpf_task_cpu, (const struct task_struct *p), scx_entry_kf_task_cpu(p), KF_RCU) \
	X(struct rq *, scx_bpf_cpu_rq, (s32 cpu), scx_entry_kf_cpu_rq(cpu), 0)			\
	X(struct rq *, scx_bpf_locked_rq, (void), scx_entry_kf_locked_rq(), KF_RET_NULL)	\
	X(struct task_struct *, scx_bpf_cpu_curr, (s32 cpu), scx_entry_kf_cpu_curr(cpu),	\
	  KF_RET_NULL | KF_RCU_PROTECTED)							\
	X(struct task_struct *, scx_bpf_dsq_peek, (u64 dsq_id), scx_entry_kf_dsq_peek(dsq_id),	\
	  KF_RET_NULL | KF_RCU_PROTECTED)							\
	X(bool, scx_bpf_task_set_slice, (struct task_struct *p, u64 slice),			\
	  scx_entry_kf_task_set_slice(p, slice), KF_RCU)					\
	X(bool, scx_bpf_task_set_dsq_vtime, (struct task_struct *p, u64 vtime),			\
	  scx_entry_kf_task_set_dsq_vtime(p, vtime), KF_RCU)					\
	X(u64, scx_bpf_now, (void), scx_entry_kf_now(), 0)					\
	X(void, scx_bpf_events, (struct scx_event_stats *events, size_t events__sz),		\
	  scx_entry_kf_events(events, events__sz), KF_TRUSTED_ARGS)				\
	X(struct cgroup *, scx_bpf_task_cgroup, (struct task_struct *p),			\
	  scx_entry_kf_task_cgroup(p), KF_RCU | KF_ACQUIRE)

/* Moving what an iterator stands on: under the names of 6.12, and under today's. */
#define IT	struct bpf_iter_scx_dsq *it__iter
#define MOVE_KFUNCS(X, set_slice, set_vtime, move, move_vtime)					\
	X(void, set_slice, (IT, u64 slice), scx_entry_kf_iter_set_slice(it__iter, slice), KF_RCU) \
	X(void, set_vtime, (IT, u64 vtime), scx_entry_kf_iter_set_vtime(it__iter, vtime), KF_RCU) \
	X(bool, move, (IT, struct task_struct *p, u64 dsq_id, u64 enq_flags),			\
	  scx_entry_kf_dispatch_from_dsq(it__iter, p, dsq_id, enq_flags, false), KF_RCU)	\
	X(bool, move_vtime, (IT, struct task_struct *p, u64 dsq_id, u64 enq_flags),		\
	  scx_entry_kf_dispatch_from_dsq(it__iter, p, dsq_id, enq_flags, true), KF_RCU)

/* For callbacks and for programs that user space runs. */
#define UNLOCKED_KFUNCS(X)									\
	X(s32, scx_bpf_create_dsq, (u64 dsq_id, s32 node),					\
	  scx_entry_kf_create_dsq(dsq_id, node), KF_SLEEPABLE)					\
	MOVE_KFUNCS(X, scx_bpf_dispatch_from_dsq_set_slice, scx_bpf_dispatch_from_dsq_set_vtime, \
		    scx_bpf_dispatch_from_dsq, scx_bpf_dispatch_vtime_from_dsq)			\
	MOVE_KFUNCS(X, scx_bpf_dsq_move_set_slice, scx_bpf_dsq_move_set_vtime,			\
		    scx_bpf_dsq_move, scx_bpf_dsq_move_vtime)					\
	X(s32, __scx_bpf_select_cpu_and,							\
	  (struct task_struct *p, const struct cpumask *cpus_allowed,				\
	   struct scx_bpf_select_cpu_and_args *args),						\
	  scx_entry_kf_select_cpu_and(p, args->prev_cpu, args->wake_flags, cpus_allowed,	\
				      args->flags), KF_RCU)					\
	X(s32, scx_bpf_select_cpu_and,								\
	  (struct task_struct *p, s32 prev_cpu, u64 wake_flags,					\
	   const struct cpumask *cpus_allowed, u64 flags),					\
	  scx_entry_kf_select_cpu_and(p, prev_cpu, wake_flags, cpus_allowed, flags), KF_RCU)

/* For callbacks; which of them may call which is checked at the call, by kf_mask. */
#define CALLBACK_KFUNCS(X)									\
	X(s32, scx_bpf_select_cpu_dfl,								\
	  (struct task_struct *p, s32 prev_cpu, u64 wake_flags, bool *is_idle),			\
	  scx_entry_kf_select_cpu_dfl(p, prev_cpu, wake_flags, is_idle), KF_RCU)		\
	X(void, scx_bpf_dispatch, (struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags), \
	  scx_entry_kf_dispatch(p, dsq_id, slice, enq_flags), KF_RCU)				\
	X(void, scx_bpf_dispatch_vtime,								\
	  (struct task_struct *p, u64 dsq_id, u64 slice, u64 vtime, u64 enq_flags),		\
	  scx_entry_kf_dispatch_vtime(p, dsq_id, slice, vtime, enq_flags), KF_RCU)		\
	X(u32, scx_bpf_dispatch_nr_slots, (void), scx_entry_kf_dispatch_nr_slots(), 0)		\
	X(void, scx_bpf_dispatch_cancel, (void), scx_entry_kf_dispatch_cancel(), 0)		\
	X(bool, scx_bpf_consume, (u64 dsq_id), scx_entry_kf_consume(dsq_id), 0)			\
	X(void, scx_bpf_dsq_insert, (struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags), \
	  scx_entry_kf_dsq_insert(p, dsq_id, slice, enq_flags), KF_RCU)				\
	X(bool, scx_bpf_dsq_insert___v2,							\
	  (struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags),			\
	  scx_entry_kf_dsq_insert(p, dsq_id, slice, enq_flags), KF_RCU)				\
	X(void, scx_bpf_dsq_insert_vtime,							\
	  (struct task_struct *p, u64 dsq_id, u64 slice, u64 vtime, u64 enq_flags),		\
	  scx_entry_kf_dsq_insert_vtime(p, &(struct scx_bpf_dsq_insert_vtime_args){		\
		dsq_id, slice, vtime, enq_flags }), KF_RCU)					\
	X(bool, __scx_bpf_dsq_insert_vtime,							\
	  (struct task_struct *p, struct scx_bpf_dsq_insert_vtime_args *args),			\
	  scx_entry_kf_dsq_insert_vtime(p, args), KF_RCU)					\
	X(bool, scx_bpf_dsq_move_to_local, (u64 dsq_id),					\
	  scx_entry_kf_dsq_move_to_local(dsq_id, 0), 0)						\
	X(bool, scx_bpf_dsq_move_to_local___v2, (u64 dsq_id, u64 enq_flags),			\
	  scx_entry_kf_dsq_move_to_local(dsq_id, enq_flags), 0)					\
	X(u32, scx_bpf_reenqueue_local, (void), scx_entry_kf_reenqueue_local(), 0)		\
	X(void, scx_bpf_switch_all, (void), scx_entry_kf_switch_all(), 0)

#define DEFINE(type, name, parameters, value, flags)	\
	__bpf_kfunc type name parameters { return (type)(value); }

__bpf_kfunc_start_defs();
ANY_KFUNCS(DEFINE) UNLOCKED_KFUNCS(DEFINE) CALLBACK_KFUNCS(DEFINE)
__bpf_kfunc_end_defs();

/* A module has one set per type of program. */
#define ID(type, name, parameters, value, flags)	BTF_ID_FLAGS(func, name, flags)

BTF_KFUNCS_START(tracing_ids)
ANY_KFUNCS(ID)
BTF_KFUNCS_END(tracing_ids)

BTF_KFUNCS_START(syscall_ids)
ANY_KFUNCS(ID) UNLOCKED_KFUNCS(ID)
BTF_KFUNCS_END(syscall_ids)

BTF_KFUNCS_START(struct_ops_ids)
ANY_KFUNCS(ID) UNLOCKED_KFUNCS(ID) CALLBACK_KFUNCS(ID)
BTF_KFUNCS_END(struct_ops_ids)

#define REGISTER(type, ids) ({							\
	static const struct btf_kfunc_id_set set = { THIS_MODULE, &(ids) };	\
	register_btf_kfunc_id_set(type, &set);					\
})

int shim_kfuncs_register(void)
{
	return REGISTER(BPF_PROG_TYPE_TRACING, tracing_ids) ?:
	       REGISTER(BPF_PROG_TYPE_SYSCALL, syscall_ids) ?:
	       REGISTER(BPF_PROG_TYPE_STRUCT_OPS, struct_ops_ids);
}
