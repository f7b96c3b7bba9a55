// SPDX-License-Identifier: GPL-2.0
/*
 * Programs that the verifier must refuse, one for each row of tests/vm/misuse/rows.py that says so. Each is
 * loaded alone: NAME, with the table NAME_ops if it is a callback.
 */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

/* ---- Every kfunc, from a program that has nothing to do with scheduling ---- */
#define FOREIGN(name, call...)	\
	SEC("?xdp") int foreign_##name(struct xdp_md *ctx) { (void)(call); return XDP_PASS; }
#define FOREIGN_VOID(name, call...)	\
	SEC("?xdp") int foreign_##name(struct xdp_md *ctx) { call; return XDP_PASS; }

#define P	((struct task_struct *)bpf_get_current_task_btf())
#define MASK	(P->cpus_ptr)

static struct bpf_iter_scx_dsq some_iterator;
static struct scx_event_stats some_events;
static struct scx_bpf_dsq_insert_vtime_args some_vtime_args;
static struct scx_bpf_select_cpu_and_args some_cpu_args;
static unsigned long long some_values[1];
static char some_format[] = "text";
static bool some_answer;

FOREIGN(create_dsq, scx_bpf_create_dsq(1, -1))
FOREIGN_VOID(destroy_dsq, scx_bpf_destroy_dsq(1))
FOREIGN(dsq_nr_queued, scx_bpf_dsq_nr_queued(1))
FOREIGN_VOID(dispatch, scx_bpf_dispatch(P, 1, 0, 0))
FOREIGN_VOID(dispatch_vtime, scx_bpf_dispatch_vtime(P, 1, 0, 0, 0))
FOREIGN(dispatch_nr_slots, scx_bpf_dispatch_nr_slots())
FOREIGN_VOID(dispatch_cancel, scx_bpf_dispatch_cancel())
FOREIGN_VOID(dsq_insert, (scx_bpf_dsq_insert)(P, 1, 0, 0))
FOREIGN(dsq_insert___v2, scx_bpf_dsq_insert___v2___bool(P, 1, 0, 0))
FOREIGN_VOID(dsq_insert_vtime, (scx_bpf_dsq_insert_vtime)(P, 1, 0, 0, 0))
FOREIGN(packed_dsq_insert_vtime, __scx_bpf_dsq_insert_vtime(P, &some_vtime_args))
FOREIGN(consume, scx_bpf_consume(1))
FOREIGN(dsq_move_to_local, (scx_bpf_dsq_move_to_local)(1))
FOREIGN(dsq_move_to_local___v2, scx_bpf_dsq_move_to_local___v2___flags(1, 0))
FOREIGN(iter_new, bpf_iter_scx_dsq_new(&some_iterator, 1, 0))
FOREIGN(iter_next, bpf_iter_scx_dsq_next(&some_iterator))
FOREIGN_VOID(iter_destroy, bpf_iter_scx_dsq_destroy(&some_iterator))
FOREIGN_VOID(dispatch_from_dsq_set_slice, scx_bpf_dispatch_from_dsq_set_slice(&some_iterator, 1))
FOREIGN_VOID(dispatch_from_dsq_set_vtime, scx_bpf_dispatch_from_dsq_set_vtime(&some_iterator, 1))
FOREIGN(dispatch_from_dsq, scx_bpf_dispatch_from_dsq(&some_iterator, P, 1, 0))
FOREIGN(dispatch_vtime_from_dsq, scx_bpf_dispatch_vtime_from_dsq(&some_iterator, P, 1, 0))
FOREIGN_VOID(dsq_move_set_slice, (scx_bpf_dsq_move_set_slice)(&some_iterator, 1))
FOREIGN_VOID(dsq_move_set_vtime, (scx_bpf_dsq_move_set_vtime)(&some_iterator, 1))
FOREIGN(dsq_move, (scx_bpf_dsq_move)(&some_iterator, P, 1, 0))
FOREIGN(dsq_move_vtime, (scx_bpf_dsq_move_vtime)(&some_iterator, P, 1, 0))
FOREIGN(dsq_peek, scx_bpf_dsq_peek(1))
FOREIGN(reenqueue_local, scx_bpf_reenqueue_local())
void scx_bpf_switch_all(void) __ksym;
FOREIGN_VOID(switch_all, scx_bpf_switch_all())
FOREIGN_VOID(kick_cpu, scx_bpf_kick_cpu(0, 0))
FOREIGN(select_cpu_dfl, scx_bpf_select_cpu_dfl(P, 0, 0, &some_answer))
FOREIGN(select_cpu_and, (scx_bpf_select_cpu_and)(P, 0, 0, MASK, 0))
FOREIGN(packed_select_cpu_and, __scx_bpf_select_cpu_and(P, MASK, &some_cpu_args))
FOREIGN(test_and_clear_cpu_idle, scx_bpf_test_and_clear_cpu_idle(0))
FOREIGN(pick_idle_cpu, scx_bpf_pick_idle_cpu(MASK, 0))
FOREIGN(pick_any_cpu, scx_bpf_pick_any_cpu(MASK, 0))
FOREIGN(get_idle_cpumask, scx_bpf_get_idle_cpumask())
FOREIGN(get_idle_smtmask, scx_bpf_get_idle_smtmask())
FOREIGN_VOID(put_idle_cpumask, scx_bpf_put_idle_cpumask(MASK))
FOREIGN(get_possible_cpumask, scx_bpf_get_possible_cpumask())
FOREIGN(get_online_cpumask, scx_bpf_get_online_cpumask())
FOREIGN_VOID(put_cpumask, scx_bpf_put_cpumask(MASK))
FOREIGN(nr_cpu_ids, scx_bpf_nr_cpu_ids())
FOREIGN(task_running, scx_bpf_task_running(P))
FOREIGN(task_cpu, scx_bpf_task_cpu(P))
FOREIGN(cpu_rq, scx_bpf_cpu_rq(0))
FOREIGN(locked_rq, scx_bpf_locked_rq())
FOREIGN(cpu_curr, scx_bpf_cpu_curr(0))
FOREIGN(task_cgroup, scx_bpf_task_cgroup(P))
FOREIGN(cpuperf_cap, scx_bpf_cpuperf_cap(0))
FOREIGN(cpuperf_cur, scx_bpf_cpuperf_cur(0))
FOREIGN_VOID(cpuperf_set, scx_bpf_cpuperf_set(0, 0))
FOREIGN_VOID(exit_bstr, scx_bpf_exit_bstr(0, some_format, some_values, sizeof(some_values)))
FOREIGN_VOID(error_bstr, scx_bpf_error_bstr(some_format, some_values, sizeof(some_values)))
FOREIGN_VOID(dump_bstr, scx_bpf_dump_bstr(some_format, some_values, sizeof(some_values)))
FOREIGN(now, (scx_bpf_now)())
FOREIGN_VOID(events, scx_bpf_events(&some_events, sizeof(some_events)))
FOREIGN(task_set_slice, (scx_bpf_task_set_slice)(P, 1))
FOREIGN(task_set_dsq_vtime, (scx_bpf_task_set_dsq_vtime)(P, 1))

/* ---- What schedulers' other programs may not call ---- */
SEC("?syscall") int syscall_dispatch(void *ctx)
{
	scx_bpf_dispatch(P, 1, 0, 0);
	return 0;
}

SEC("?tp_btf/sched_switch") int tracing_create_dsq(void *ctx)
{
	return scx_bpf_create_dsq(1, -1);
}

/* ---- Callbacks ---- */
#define TABLE(program, member)	\
	SEC("?.struct_ops.link")	\
	struct sched_ext_ops program##_ops = { .member = (void *)program, .name = "refused" }

/* Every one that runs under a lock, declared to sleep. */
#define SLEEPY(type, member, args...)						\
	SEC("?struct_ops.s/" #member) type BPF_PROG(sleepy_##member, ##args)	\
	{									\
		return (type)0;							\
	}									\
	TABLE(sleepy_##member, member);

SLEEPY(s32, select_cpu, struct task_struct *p, s32 prev_cpu, u64 flags)
SLEEPY(void, enqueue, struct task_struct *p, u64 flags)
SLEEPY(void, dequeue, struct task_struct *p, u64 flags)
SLEEPY(void, dispatch, s32 cpu, struct task_struct *prev)
SLEEPY(void, tick, struct task_struct *p)
SLEEPY(void, runnable, struct task_struct *p, u64 flags)
SLEEPY(void, running, struct task_struct *p)
SLEEPY(void, stopping, struct task_struct *p, bool runnable)
SLEEPY(void, quiescent, struct task_struct *p, u64 flags)
SLEEPY(bool, yield, struct task_struct *from, struct task_struct *to)
SLEEPY(bool, core_sched_before, struct task_struct *a, struct task_struct *b)
SLEEPY(void, set_weight, struct task_struct *p, u32 weight)
SLEEPY(void, set_cpumask, struct task_struct *p, const struct cpumask *mask)
SLEEPY(void, update_idle, s32 cpu, bool idle)
SLEEPY(void, cpu_acquire, s32 cpu, struct scx_cpu_acquire_args *args)
SLEEPY(void, cpu_release, s32 cpu, struct scx_cpu_release_args *args)
SLEEPY(void, exit_task, struct task_struct *p, struct scx_exit_task_args *args)
SLEEPY(void, enable, struct task_struct *p)
SLEEPY(void, disable, struct task_struct *p)
SLEEPY(void, dump, struct scx_dump_ctx *ctx_)
SLEEPY(void, dump_cpu, struct scx_dump_ctx *ctx_, s32 cpu, bool idle)
SLEEPY(void, dump_task, struct scx_dump_ctx *ctx_, struct task_struct *p)
SLEEPY(void, cgroup_move, struct task_struct *p, struct cgroup *from, struct cgroup *to)
SLEEPY(void, cgroup_cancel_move, struct task_struct *p, struct cgroup *from, struct cgroup *to)
SLEEPY(void, cgroup_set_weight, struct cgroup *cgrp, u32 weight)

/* NULL is possible, and not looked for. */
SEC("?struct_ops/dispatch") void BPF_PROG(unchecked_prev, s32 cpu, struct task_struct *prev)
{
	scx_bpf_kick_cpu(cpu, (u64)prev->pid);
}
TABLE(unchecked_prev, dispatch);

SEC("?struct_ops/yield") bool BPF_PROG(unchecked_to, struct task_struct *from, struct task_struct *to)
{
	return to->pid > 1;
}
TABLE(unchecked_to, yield);

/* Members that are not for schedulers to write. */
SEC("?struct_ops/enqueue") void BPF_PROG(writes_prio, struct task_struct *p, u64 flags)
{
	p->prio = 1;
}
TABLE(writes_prio, enqueue);

SEC("?struct_ops/enqueue") void BPF_PROG(writes_weight, struct task_struct *p, u64 flags)
{
	p->scx.weight = 1;
}
TABLE(writes_weight, enqueue);

SEC("?struct_ops/exit") void BPF_PROG(writes_exit_info, struct scx_exit_info *info)
{
	info->exit_code = 1;
}
TABLE(writes_exit_info, exit);

/* A lock of BPF's own is held. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct { struct bpf_spin_lock lock; });
} locks SEC(".maps");

#define UNDER_LOCK(call)							\
	do {									\
		u32 key_ = 0;							\
		struct bpf_spin_lock *lock_ = bpf_map_lookup_elem(&locks, &key_);	\
										\
		if (!lock_)							\
			return;							\
		bpf_spin_lock(lock_);						\
		call;								\
		bpf_spin_unlock(lock_);						\
	} while (0)

SEC("?struct_ops/enqueue") void BPF_PROG(locked_dispatch, struct task_struct *p, u64 flags)
{
	UNDER_LOCK(scx_bpf_dispatch(p, 1, 0, 0));
}
TABLE(locked_dispatch, enqueue);

SEC("?struct_ops/enqueue") void BPF_PROG(locked_insert, struct task_struct *p, u64 flags)
{
	UNDER_LOCK((scx_bpf_dsq_insert)(p, 1, 0, 0));
}
TABLE(locked_insert, enqueue);

SEC("?struct_ops/dispatch") void BPF_PROG(locked_consume, s32 cpu, struct task_struct *prev)
{
	UNDER_LOCK(scx_bpf_consume(1));
}
TABLE(locked_consume, dispatch);

SEC("?struct_ops/dispatch") void BPF_PROG(locked_move, s32 cpu, struct task_struct *prev)
{
	UNDER_LOCK((scx_bpf_dsq_move_to_local)(1));
}
TABLE(locked_move, dispatch);

/* What is acquired and not given back, and the reverse. */
#define INIT(program)	\
	SEC("?struct_ops.s/init") s32 BPF_PROG(program)

INIT(keeps_iterator)
{
	struct bpf_iter_scx_dsq it;

	bpf_rcu_read_lock();
	bpf_iter_scx_dsq_new(&it, 1, 0);
	bpf_rcu_read_unlock();
	return 0;
}
TABLE(keeps_iterator, init);

INIT(iterates_without_rcu)
{
	struct task_struct *p;
	s32 tasks = 0;

	bpf_for_each(scx_dsq, p, 1, 0)
		tasks++;
	return tasks;
}
TABLE(iterates_without_rcu, init);

INIT(steps_no_iterator)
{
	struct bpf_iter_scx_dsq it = {};

	return !!bpf_iter_scx_dsq_next(&it);
}
TABLE(steps_no_iterator, init);

INIT(destroys_no_iterator)
{
	struct bpf_iter_scx_dsq it = {};

	bpf_iter_scx_dsq_destroy(&it);
	return 0;
}
TABLE(destroys_no_iterator, init);

#define SETS_WITHOUT_ITERATOR(program, kfunc)	\
	INIT(program)				\
	{					\
		struct bpf_iter_scx_dsq it = {};	\
						\
		(kfunc)(&it, 1);		\
		return 0;			\
	}					\
	TABLE(program, init);

SETS_WITHOUT_ITERATOR(old_set_slice, scx_bpf_dispatch_from_dsq_set_slice)
SETS_WITHOUT_ITERATOR(old_set_vtime, scx_bpf_dispatch_from_dsq_set_vtime)
SETS_WITHOUT_ITERATOR(new_set_slice, scx_bpf_dsq_move_set_slice)
SETS_WITHOUT_ITERATOR(new_set_vtime, scx_bpf_dsq_move_set_vtime)

#define KEEPS(program, kfunc) INIT(program) { return !kfunc(); } TABLE(program, init);

KEEPS(keeps_possible, scx_bpf_get_possible_cpumask)
KEEPS(keeps_online, scx_bpf_get_online_cpumask)
KEEPS(keeps_idle, scx_bpf_get_idle_cpumask)
KEEPS(keeps_smt, scx_bpf_get_idle_smtmask)

#define PUTS(program, kfunc)						\
	SEC("?struct_ops/running") void BPF_PROG(program, struct task_struct *p)	\
	{								\
		kfunc(p->cpus_ptr);					\
	}								\
	TABLE(program, running);

PUTS(puts_foreign_mask, scx_bpf_put_cpumask)
PUTS(puts_foreign_idle_mask, scx_bpf_put_idle_cpumask)

SEC("?struct_ops/running") void BPF_PROG(keeps_cgroup, struct task_struct *p)
{
	scx_bpf_task_cgroup(p);
}
TABLE(keeps_cgroup, running);

/* A task that may be none. */
#define OF_NO_TASK(program, kfunc, rest...)					\
	SEC("?struct_ops/running") void BPF_PROG(program, struct task_struct *current_)	\
	{									\
		struct task_struct *p = bpf_task_from_pid(1);			\
										\
		(kfunc)(p, ##rest);						\
		if (p)								\
			bpf_task_release(p);					\
	}									\
	TABLE(program, running);

OF_NO_TASK(null_dispatch, scx_bpf_dispatch, 1, 0, 0)
OF_NO_TASK(null_insert, scx_bpf_dsq_insert, 1, 0, 0)
OF_NO_TASK(null_running, scx_bpf_task_running)
OF_NO_TASK(null_cpu, scx_bpf_task_cpu)
OF_NO_TASK(null_set_slice, scx_bpf_task_set_slice, 1)
OF_NO_TASK(null_set_dsq_vtime, scx_bpf_task_set_dsq_vtime, 1)

/* Memory that is not there, a callback that must not sleep, a result that must be looked at. */
INIT(events_beyond)
{
	struct scx_event_stats events;

	scx_bpf_events(&events, sizeof(events) + 8);
	return (s32)events.SCX_EV_BYPASS_ACTIVATE;
}
TABLE(events_beyond, init);

SEC("?struct_ops/enqueue") void BPF_PROG(creates_in_enqueue, struct task_struct *p, u64 flags)
{
	scx_bpf_create_dsq(1, -1);
}
TABLE(creates_in_enqueue, enqueue);

SEC("?struct_ops/dispatch") void BPF_PROG(unchecked_peek, s32 cpu, struct task_struct *prev)
{
	scx_bpf_kick_cpu(scx_bpf_dsq_peek(1)->pid, 0);
}
TABLE(unchecked_peek, dispatch);

SEC("?struct_ops/dispatch") void BPF_PROG(unchecked_curr, s32 cpu, struct task_struct *prev)
{
	scx_bpf_kick_cpu(scx_bpf_cpu_curr(cpu)->pid, 0);
}
TABLE(unchecked_curr, dispatch);
