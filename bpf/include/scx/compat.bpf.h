/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Today's names on whatever kernel runs: each call takes the newest form of
 * its kfunc that the running kernel or module has. libbpf drops what follows
 * the last ___ of a declaration's name, so one kfunc can be declared in each
 * of its forms; of those the kernel lacks, bpf_ksym_exists() is false and the
 * verifier never sees the call.
 *
 * Macros with arguments stand before the declarations of the same name: a
 * program may still ask bpf_ksym_exists(scx_bpf_dsq_insert) or call the kfunc
 * itself as (scx_bpf_dsq_insert)(...).
 */
#ifndef SCX_COMPAT_BPF_H
#define SCX_COMPAT_BPF_H

/* 0 where the running kernel does not know the enumerator. */
#define __COMPAT_ENUM_OR_ZERO(type, enumerator)	\
	(bpf_core_enum_value_exists(type, enumerator) ? (type)(enumerator) : (type)0)

/* ---- Inserting. False: refused; forms that cannot tell say true ---- */
bool scx_bpf_dsq_insert___v2___bool(struct task_struct *p, u64 dsq_id, u64 slice,
				    u64 enq_flags) __ksym __weak;
void scx_bpf_dsq_insert___void(struct task_struct *p, u64 dsq_id, u64 slice,
			       u64 enq_flags) __ksym __weak;
void scx_bpf_dispatch___oldest(struct task_struct *p, u64 dsq_id, u64 slice,
			       u64 enq_flags) __ksym __weak;

static __always_inline bool scx_insert(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags)
{
	if (bpf_ksym_exists(scx_bpf_dsq_insert___v2___bool))
		return scx_bpf_dsq_insert___v2___bool(p, dsq_id, slice, enq_flags);
	if (bpf_ksym_exists(scx_bpf_dsq_insert___void))
		scx_bpf_dsq_insert___void(p, dsq_id, slice, enq_flags);
	else
		scx_bpf_dispatch___oldest(p, dsq_id, slice, enq_flags);
	return true;
}

#define scx_bpf_dsq_insert(p, dsq_id, slice, enq_flags)	\
	scx_insert((p), (dsq_id), (slice), (enq_flags))

/* struct scx_bpf_dsq_insert_vtime_args, which not every vmlinux.h has. */
struct scx_insert_vtime_arguments {
	u64 dsq_id;
	u64 slice;
	u64 vtime;
	u64 enq_flags;
};

bool __scx_bpf_dsq_insert_vtime___packed(struct task_struct *p,
					 struct scx_insert_vtime_arguments *args) __ksym __weak;
void scx_bpf_dsq_insert_vtime___void(struct task_struct *p, u64 dsq_id, u64 slice, u64 vtime,
				     u64 enq_flags) __ksym __weak;
void scx_bpf_dispatch_vtime___oldest(struct task_struct *p, u64 dsq_id, u64 slice, u64 vtime,
				     u64 enq_flags) __ksym __weak;

static __always_inline bool scx_insert_vtime(struct task_struct *p, u64 dsq_id, u64 slice,
					     u64 vtime, u64 enq_flags)
{
	if (bpf_ksym_exists(__scx_bpf_dsq_insert_vtime___packed)) {
		struct scx_insert_vtime_arguments packed = { dsq_id, slice, vtime, enq_flags };

		return __scx_bpf_dsq_insert_vtime___packed(p, &packed);
	}
	if (bpf_ksym_exists(scx_bpf_dsq_insert_vtime___void))
		scx_bpf_dsq_insert_vtime___void(p, dsq_id, slice, vtime, enq_flags);
	else
		scx_bpf_dispatch_vtime___oldest(p, dsq_id, slice, vtime, enq_flags);
	return true;
}

#define scx_bpf_dsq_insert_vtime(p, dsq_id, slice, vtime, enq_flags)	\
	scx_insert_vtime((p), (dsq_id), (slice), (vtime), (enq_flags))

/* ---- Moving. The second argument came later and may be left out ---- */
bool scx_bpf_dsq_move_to_local___v2___flags(u64 dsq_id, u64 enq_flags) __ksym __weak;
bool scx_bpf_dsq_move_to_local___plain(u64 dsq_id) __ksym __weak;
bool scx_bpf_consume___oldest(u64 dsq_id) __ksym __weak;

static __always_inline bool scx_move_to_local(u64 dsq_id, u64 enq_flags)
{
	if (bpf_ksym_exists(scx_bpf_dsq_move_to_local___v2___flags))
		return scx_bpf_dsq_move_to_local___v2___flags(dsq_id, enq_flags);
	if (bpf_ksym_exists(scx_bpf_dsq_move_to_local___plain))
		return scx_bpf_dsq_move_to_local___plain(dsq_id);
	return scx_bpf_consume___oldest(dsq_id);
}

#define __scx_second(first, second, rest...) second
#define scx_bpf_dsq_move_to_local(dsq_id, enq_flags...)	\
	scx_move_to_local((dsq_id), __scx_second(, ##enq_flags, 0, 0))

void scx_bpf_dsq_move_set_slice___new(struct bpf_iter_scx_dsq *it__iter, u64 slice) __ksym __weak;
void scx_bpf_dsq_move_set_vtime___new(struct bpf_iter_scx_dsq *it__iter, u64 vtime) __ksym __weak;
bool scx_bpf_dsq_move___new(struct bpf_iter_scx_dsq *it__iter, struct task_struct *p, u64 dsq_id,
			    u64 enq_flags) __ksym __weak;
bool scx_bpf_dsq_move_vtime___new(struct bpf_iter_scx_dsq *it__iter, struct task_struct *p,
				  u64 dsq_id, u64 enq_flags) __ksym __weak;

/* @newest if there is one, else @older if there is one, else @otherwise. */
#define __scx_newest(newest, older, otherwise, args...)		\
	(bpf_ksym_exists(newest) ? newest(args) : bpf_ksym_exists(older) ? older(args) : otherwise)

/* Macros, because a program's own iterator must reach the kfunc as it is. */
#define scx_bpf_dsq_move_set_slice(it, slice)	\
	__scx_newest(scx_bpf_dsq_move_set_slice___new, scx_bpf_dispatch_from_dsq_set_slice,	\
		     (void)0, (it), (slice))
#define scx_bpf_dsq_move_set_vtime(it, vtime)	\
	__scx_newest(scx_bpf_dsq_move_set_vtime___new, scx_bpf_dispatch_from_dsq_set_vtime,	\
		     (void)0, (it), (vtime))
#define scx_bpf_dsq_move(it, p, dsq_id, enq_flags)	\
	__scx_newest(scx_bpf_dsq_move___new, scx_bpf_dispatch_from_dsq, false,	\
		     (it), (p), (dsq_id), (enq_flags))
#define scx_bpf_dsq_move_vtime(it, p, dsq_id, enq_flags)	\
	__scx_newest(scx_bpf_dsq_move_vtime___new, scx_bpf_dispatch_vtime_from_dsq, false,	\
		     (it), (p), (dsq_id), (enq_flags))

/* As sources of 6.12 and of 6.13 to 6.15 spell them. */
#define __COMPAT_scx_bpf_dispatch_from_dsq_set_slice	scx_bpf_dsq_move_set_slice
#define __COMPAT_scx_bpf_dispatch_from_dsq_set_vtime	scx_bpf_dsq_move_set_vtime
#define __COMPAT_scx_bpf_dispatch_from_dsq		scx_bpf_dsq_move
#define __COMPAT_scx_bpf_dispatch_vtime_from_dsq	scx_bpf_dsq_move_vtime
#define __COMPAT_scx_bpf_dsq_move_set_slice		scx_bpf_dsq_move_set_slice
#define __COMPAT_scx_bpf_dsq_move_set_vtime		scx_bpf_dsq_move_set_vtime
#define __COMPAT_scx_bpf_dsq_move			scx_bpf_dsq_move
#define __COMPAT_scx_bpf_dsq_move_vtime			scx_bpf_dsq_move_vtime

/* The task that moving would take first; NULL: none. Inside RCU. */
static inline struct task_struct *__COMPAT_scx_bpf_dsq_peek(u64 dsq_id)
{
	struct task_struct *first = NULL;
	struct bpf_iter_scx_dsq it;

	if (bpf_ksym_exists(scx_bpf_dsq_peek))
		return scx_bpf_dsq_peek(dsq_id);
	if (!bpf_iter_scx_dsq_new(&it, dsq_id, 0))
		first = bpf_iter_scx_dsq_next(&it);
	bpf_iter_scx_dsq_destroy(&it);
	return first;
}

/* ---- Choosing a CPU ---- */
struct scx_select_and_arguments {
	s32 prev_cpu;
	u64 wake_flags;
	u64 flags;
};

s32 __scx_bpf_select_cpu_and___packed(struct task_struct *p, const struct cpumask *cpus_allowed,
				      struct scx_select_and_arguments *args) __ksym __weak;
s32 scx_bpf_select_cpu_and___plain(struct task_struct *p, s32 prev_cpu, u64 wake_flags,
				   const struct cpumask *cpus_allowed, u64 flags) __ksym __weak;

static __always_inline s32 scx_select_cpu_and(struct task_struct *p, s32 prev_cpu, u64 wake_flags,
					      const struct cpumask *allowed, u64 flags)
{
	if (bpf_ksym_exists(__scx_bpf_select_cpu_and___packed)) {
		struct scx_select_and_arguments packed = {
			.prev_cpu = prev_cpu, .wake_flags = wake_flags, .flags = flags,
		};

		return __scx_bpf_select_cpu_and___packed(p, allowed, &packed);
	}
	if (bpf_ksym_exists(scx_bpf_select_cpu_and___plain))
		return scx_bpf_select_cpu_and___plain(p, prev_cpu, wake_flags, allowed, flags);
	return -EOPNOTSUPP;
}

#define scx_bpf_select_cpu_and(p, prev_cpu, wake_flags, allowed, flags)	\
	scx_select_cpu_and((p), (prev_cpu), (wake_flags), (allowed), (flags))
#define __COMPAT_HAS_scx_bpf_select_cpu_and			\
	(bpf_ksym_exists(__scx_bpf_select_cpu_and___packed) ||	\
	 bpf_ksym_exists(scx_bpf_select_cpu_and___plain))

/* Where ops.select_cpu() is never passed over, each task has had its CPU selected. */
static inline bool __COMPAT_is_enq_cpu_selected(u64 enq_flags)
{
	return !bpf_core_enum_value_exists(enum scx_enq_flags, SCX_ENQ_CPU_SELECTED) ||
	       (enq_flags & bpf_core_enum_value(enum scx_enq_flags, SCX_ENQ_CPU_SELECTED));
}

/* Kernels whose idle masks come by NUMA node: elsewhere all CPUs are of one. */
#define __scx_or(kfunc, otherwise, args...) (bpf_ksym_exists(kfunc) ? kfunc(args) : (otherwise))
#define __COMPAT_scx_bpf_nr_node_ids() __scx_or(scx_bpf_nr_node_ids, 1U)
#define __COMPAT_scx_bpf_cpu_node(cpu) __scx_or(scx_bpf_cpu_node, 0, (cpu))
#define __COMPAT_scx_bpf_get_idle_cpumask_node(node)	\
	__scx_or(scx_bpf_get_idle_cpumask_node, scx_bpf_get_idle_cpumask(), (node))
#define __COMPAT_scx_bpf_get_idle_smtmask_node(node)	\
	__scx_or(scx_bpf_get_idle_smtmask_node, scx_bpf_get_idle_smtmask(), (node))
#define __COMPAT_scx_bpf_pick_idle_cpu_node(allowed, node, flags)	\
	__scx_or(scx_bpf_pick_idle_cpu_node, scx_bpf_pick_idle_cpu((allowed), (flags)),	\
		 (allowed), (node), (flags))
#define __COMPAT_scx_bpf_pick_any_cpu_node(allowed, node, flags)	\
	__scx_or(scx_bpf_pick_any_cpu_node, scx_bpf_pick_any_cpu((allowed), (flags)),	\
		 (allowed), (node), (flags))

/* ---- Tasks, CPUs, time, counters ---- */
bool scx_bpf_task_set_slice___new(struct task_struct *p, u64 slice) __ksym __weak;
bool scx_bpf_task_set_dsq_vtime___new(struct task_struct *p, u64 vtime) __ksym __weak;

static inline bool scx_set_slice(struct task_struct *p, u64 slice)
{
	if (bpf_ksym_exists(scx_bpf_task_set_slice___new))
		return scx_bpf_task_set_slice___new(p, slice);
	p->scx.slice = slice;
	return true;
}

static inline bool scx_set_dsq_vtime(struct task_struct *p, u64 vtime)
{
	if (bpf_ksym_exists(scx_bpf_task_set_dsq_vtime___new))
		return scx_bpf_task_set_dsq_vtime___new(p, vtime);
	p->scx.dsq_vtime = vtime;
	return true;
}

#define scx_bpf_task_set_slice(p, slice) scx_set_slice((p), (slice))
#define scx_bpf_task_set_dsq_vtime(p, vtime) scx_set_dsq_vtime((p), (vtime))

static inline struct task_struct *__COMPAT_scx_bpf_cpu_curr(int cpu)
{
	struct rq *rq;

	if (bpf_ksym_exists(scx_bpf_cpu_curr))
		return scx_bpf_cpu_curr(cpu);
	rq = scx_bpf_cpu_rq(cpu);
	return rq ? rq->curr : NULL;
}

#define __COMPAT_scx_bpf_task_cgroup(p) __scx_or(scx_bpf_task_cgroup, NULL, (p))
#define scx_bpf_now() __scx_or(scx_bpf_now, bpf_ktime_get_ns())
#define __COMPAT_scx_bpf_events(events, size)	\
	({ if (bpf_ksym_exists(scx_bpf_events)) scx_bpf_events((events), (size)); })

/* 0 for a counter that the running kernel does not have. */
#define scx_read_event(events, name) (bpf_core_field_exists((events)->name) ? (events)->name : 0)

/* Giving a local queue's tasks back from anywhere, not from ops.cpu_release() alone. */
void scx_bpf_reenqueue_local___v2___anywhere(void) __ksym __weak;
#define __COMPAT_scx_bpf_reenqueue_local_from_anywhere()	\
	(bpf_ksym_exists(scx_bpf_reenqueue_local___v2___anywhere))

#endif
