// SPDX-License-Identifier: GPL-2.0
/*
 * A scheduler that works, but for one misuse: the row of tests/vm/misuse/rows.py that the loader
 * chose. It is loaded once for all rows, and starts each with its variables as they were at first.
 * Misuses that the kernel answers with a value report that value; the others eject.
 */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

enum { FIFO = 1, BY_VTIME = 2, MISSING = 0xbad };
#define INTERNAL_FLAG	(1ULL << 57)
#define NO_CPU		4095

enum row {
	NO_MISUSE,
	/* Answered with a value. */
	create_builtin, create_node, create_twice, count_missing, count_global, iter_flags,
	iter_missing, iter_builtin, move_failed_iter, old_move_failed_iter, pick_any_none,
	pick_idle_none, insert_not_owned, insert_vtime_not_owned,
	/* From a callback of their own. */
	destroy_full, count_no_cpu, dispatch_flags, dispatch_missing, dispatch_twice, dispatch_other,
	dispatch_overflow, dispatch_no_cpu, dispatch_not_allowed, dispatch_context, insert_flags,
	insert_context, insert_void_context, vtime_builtin, vtime_on_fifo, fifo_on_vtime,
	vtime_flags, vtime_context, insert_vtime_flags, insert_vtime_context, insert_vtime_void_context,
	slots_context, cancel_nothing, cancel_context, consume_missing, consume_global, consume_context,
	move_missing, move_flags, move_context, move_plain_context, from_dsq_flags, from_dsq_context,
	from_dsq_vtime_context, dsq_move_context, dsq_move_vtime_context, dsq_move_missing,
	reenqueue_context, switch_all_today, kick_no_cpu, kick_idle_wait, dfl_context, dfl_no_cpu, dfl_untracked,
	and_no_cpu, and_untracked, and_other, and_context, claim_no_cpu, claim_untracked, pick_untracked,
	mask_untracked, smtmask_untracked, rq_no_cpu, curr_no_cpu, locked_rq_unlocked,
	locked_rq_select_cpu, cgroup_context, cgroup_other, cap_no_cpu, cur_no_cpu, perf_no_cpu,
	perf_too_high, error_format, exit_format, dump_outside, peek_missing, peek_builtin,
	/* What a callback returns, or does not do. */
	select_cpu_returns, init_returns, init_fails, init_task_returns, init_task_fails,
	init_task_disallow, cgroup_init_returns, cgroup_init_fails, cgroup_prep_move_returns,
	enqueue_loses,
	/* Calls that nothing but ops.dispatch() may make, from all other callbacks. */
	in_select_cpu, in_enqueue, in_dequeue, in_tick, in_runnable, in_running, in_stopping,
	in_quiescent, in_yield, in_set_weight, in_set_cpumask, in_update_idle, in_cpu_acquire,
	in_cpu_release, in_init_task, in_exit_task, in_enable, in_disable, in_cgroup_init,
	in_cgroup_exit, in_cgroup_prep_move, in_cgroup_move, in_cgroup_cancel_move,
	in_cgroup_set_weight, in_cpu_online, in_cpu_offline, in_init,
};

volatile enum row row;

/* For schedulers of the API of 2023: our headers do not offer it to others. */
void scx_bpf_switch_all(void) __ksym;

#define IS(name) (row == (name))
#define REPORT(call) scx_bpf_exit(1, "returned %d", (int)(call))

/* For callbacks that all rows but one leave alone. */
#define WRONG_PLACE(name)						\
	do {								\
		if (IS(name))						\
			scx_bpf_dispatch_cancel();			\
	} while (0)

/* A task of another callback: the parent is never the task at hand. */
static struct task_struct *other_than(struct task_struct *p)
{
	return bpf_task_from_pid(p->pid == 1 ? 2 : 1);
}

static void dispatch_another(struct task_struct *p)
{
	struct task_struct *other = other_than(p);

	if (!other)
		return;
	if (IS(dispatch_other))
		scx_bpf_dispatch(other, SCX_DSQ_GLOBAL, 0, 0);
	else if (IS(and_other))
		scx_bpf_select_cpu_and(other, 0, 0, other->cpus_ptr, 0);
	else
		bpf_cgroup_release(scx_bpf_task_cgroup(other));
	bpf_task_release(other);
}

s32 BPF_STRUCT_OPS(misuse_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool idle;

	WRONG_PLACE(in_select_cpu);
	if (IS(dfl_no_cpu))
		scx_bpf_select_cpu_dfl(p, NO_CPU, 0, &idle);
	if (IS(dfl_untracked))
		scx_bpf_select_cpu_dfl(p, prev_cpu, 0, &idle);
	if (IS(and_no_cpu))
		scx_bpf_select_cpu_and(p, NO_CPU, 0, p->cpus_ptr, 0);
	if (IS(and_untracked))
		scx_bpf_select_cpu_and(p, prev_cpu, 0, p->cpus_ptr, 0);
	if (IS(and_other))
		dispatch_another(p);
	if (IS(locked_rq_select_cpu))
		scx_bpf_locked_rq();
	if (IS(select_cpu_returns))
		return NO_CPU;
	return prev_cpu;
}

/*
 * One FIFO task and one by vtime in the same queue, whichever comes first. The first may leave again:
 * one that runs is only passed through the queue when bypass ends.
 */
static void mix_orders(struct task_struct *p, u64 enq_flags)
{
	bool first = scx_bpf_dsq_nr_queued(BY_VTIME) == 0;

	if (IS(vtime_on_fifo) ? !first : first)
		scx_bpf_dispatch_vtime(p, BY_VTIME, SCX_SLICE_DFL, 0, enq_flags);
	else
		scx_bpf_dispatch(p, BY_VTIME, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(misuse_enqueue, struct task_struct *p, u64 enq_flags)
{
	bool idle;

	WRONG_PLACE(in_enqueue);
	/* For ever, or the tasks that never sleep until one of them is reniced. */
	if (IS(enqueue_loses) || (IS(in_dequeue) && !bpf_strncmp(p->comm, sizeof("sh"), "sh")))
		return;
	if (IS(dfl_context))
		scx_bpf_select_cpu_dfl(p, 0, 0, &idle);
	if (IS(kick_no_cpu))
		scx_bpf_kick_cpu(NO_CPU, 0);
	if (IS(kick_idle_wait))
		scx_bpf_kick_cpu(0, SCX_KICK_IDLE | SCX_KICK_WAIT);
	if (IS(slots_context))
		scx_bpf_dispatch_nr_slots();
	if (IS(cancel_context))
		scx_bpf_dispatch_cancel();
	if (IS(consume_context))
		scx_bpf_consume(FIFO);
	if (IS(move_context))
		scx_bpf_dsq_move_to_local(FIFO, 0);
	if (IS(move_plain_context))
		(scx_bpf_dsq_move_to_local)(FIFO);
	if (IS(reenqueue_context))
		scx_bpf_reenqueue_local();
	if (IS(switch_all_today))
		scx_bpf_switch_all();
	if (IS(dump_outside))
		scx_bpf_dump("not in a dump");
	if (IS(cgroup_other))
		dispatch_another(p);

	if (IS(dispatch_flags))
		scx_bpf_dispatch(p, FIFO, 0, INTERNAL_FLAG);
	else if (IS(insert_flags))
		scx_bpf_dsq_insert(p, FIFO, 0, INTERNAL_FLAG);
	else if (IS(vtime_flags))
		scx_bpf_dispatch_vtime(p, BY_VTIME, 0, 0, INTERNAL_FLAG);
	else if (IS(insert_vtime_flags))
		scx_bpf_dsq_insert_vtime(p, BY_VTIME, 0, 0, INTERNAL_FLAG);
	else if (IS(dispatch_missing))
		scx_bpf_dispatch(p, MISSING, 0, enq_flags);
	else if (IS(dispatch_no_cpu))
		scx_bpf_dispatch(p, SCX_DSQ_LOCAL_ON | NO_CPU, 0, enq_flags);
	else if (IS(dispatch_not_allowed) && p->nr_cpus_allowed == 1)
		scx_bpf_dispatch(p, SCX_DSQ_LOCAL_ON | !scx_bpf_task_cpu(p), 0, enq_flags);
	else if (IS(vtime_builtin))
		scx_bpf_dispatch_vtime(p, SCX_DSQ_LOCAL, 0, 0, enq_flags);
	else if (IS(vtime_on_fifo) || IS(fifo_on_vtime))
		mix_orders(p, enq_flags);
	else if (IS(dispatch_other))
		dispatch_another(p);
	else
		scx_bpf_dispatch(p, FIFO, SCX_SLICE_DFL, enq_flags);

	if (IS(dispatch_twice))
		scx_bpf_dispatch(p, FIFO, 0, enq_flags);
	if (IS(destroy_full) && scx_bpf_dsq_nr_queued(FIFO) > 0)
		scx_bpf_destroy_dsq(FIFO);
}

static void move_by_iterator(void)
{
	struct task_struct *p;

	bpf_for_each(scx_dsq, p, FIFO, 0) {
		if (IS(from_dsq_flags))
			scx_bpf_dispatch_from_dsq(BPF_FOR_EACH_ITER, p, BY_VTIME, INTERNAL_FLAG);
		else if (IS(dsq_move_missing))
			scx_bpf_dsq_move(BPF_FOR_EACH_ITER, p, MISSING, 0);
		else if (IS(from_dsq_context))
			scx_bpf_dispatch_from_dsq(BPF_FOR_EACH_ITER, p, BY_VTIME, 0);
		else if (IS(from_dsq_vtime_context))
			scx_bpf_dispatch_vtime_from_dsq(BPF_FOR_EACH_ITER, p, BY_VTIME, 0);
		else if (IS(dsq_move_context))
			scx_bpf_dsq_move(BPF_FOR_EACH_ITER, p, BY_VTIME, 0);
		else if (IS(dsq_move_vtime_context))
			scx_bpf_dsq_move_vtime(BPF_FOR_EACH_ITER, p, BY_VTIME, 0);
	}
}

/* An iterator that was made in vain, and a task that is in no queue. */
static int move_by_failed_iterator(struct task_struct *p)
{
	struct bpf_iter_scx_dsq it;
	int moved;

	bpf_iter_scx_dsq_new(&it, MISSING, 0);
	moved = IS(move_failed_iter) ? scx_bpf_dsq_move(&it, p, FIFO, 0)
				     : scx_bpf_dispatch_from_dsq(&it, p, FIFO, 0);
	bpf_iter_scx_dsq_destroy(&it);
	return moved;
}

static int make_iterator(u64 dsq_id, u64 flags)
{
	struct bpf_iter_scx_dsq it;
	int made = bpf_iter_scx_dsq_new(&it, dsq_id, flags);

	bpf_iter_scx_dsq_destroy(&it);
	return made;
}

void BPF_STRUCT_OPS(misuse_dispatch, s32 cpu, struct task_struct *prev)
{
	int i;

	if (IS(cancel_nothing))
		scx_bpf_dispatch_cancel();
	if (IS(consume_missing))
		scx_bpf_consume(MISSING);
	if (IS(consume_global))
		scx_bpf_consume(SCX_DSQ_GLOBAL);
	if (IS(move_missing))
		scx_bpf_dsq_move_to_local(MISSING);
	if (IS(move_flags))
		scx_bpf_dsq_move_to_local(FIFO, INTERNAL_FLAG);
	if (IS(and_context) && prev)
		scx_bpf_select_cpu_and(prev, 0, 0, prev->cpus_ptr, 0);
	if (IS(from_dsq_flags) || IS(dsq_move_missing))
		move_by_iterator();
	if (IS(count_missing))
		REPORT(scx_bpf_dsq_nr_queued(MISSING));
	if (IS(count_global))
		REPORT(scx_bpf_dsq_nr_queued(SCX_DSQ_GLOBAL));
	if (IS(count_no_cpu))
		scx_bpf_dsq_nr_queued(SCX_DSQ_LOCAL_ON | NO_CPU);
	if (IS(iter_flags))
		REPORT(make_iterator(FIFO, 1));
	if (IS(iter_missing))
		REPORT(make_iterator(MISSING, 0));
	if (IS(iter_builtin))
		REPORT(make_iterator(SCX_DSQ_GLOBAL, 0));
	if ((IS(move_failed_iter) || IS(old_move_failed_iter)) && prev)
		REPORT(move_by_failed_iterator(prev));
	/* A task that has just gone to sleep. */
	if (IS(insert_not_owned) && prev && !(prev->scx.flags & SCX_TASK_QUEUED))
		REPORT(scx_bpf_dsq_insert(prev, FIFO, 0, 0));
	if (IS(insert_vtime_not_owned) && prev && !(prev->scx.flags & SCX_TASK_QUEUED))
		REPORT(scx_bpf_dsq_insert_vtime(prev, BY_VTIME, 0, 0, 0));
	if (IS(dispatch_overflow) && prev)
		bpf_for(i, 0, 33)
			scx_bpf_dispatch(prev, FIFO, 0, 0);
	if (IS(claim_no_cpu))
		scx_bpf_test_and_clear_cpu_idle(NO_CPU);
	if (IS(claim_untracked))
		scx_bpf_test_and_clear_cpu_idle(0);
	if (IS(pick_untracked) && prev)
		scx_bpf_pick_idle_cpu(prev->cpus_ptr, 0);
	if (IS(mask_untracked))
		scx_bpf_put_idle_cpumask(scx_bpf_get_idle_cpumask());
	if (IS(smtmask_untracked))
		scx_bpf_put_idle_cpumask(scx_bpf_get_idle_smtmask());
	if (IS(rq_no_cpu))
		scx_bpf_cpu_rq(NO_CPU);
	if (IS(curr_no_cpu))
		scx_bpf_cpu_curr(NO_CPU);
	if (IS(cap_no_cpu))
		scx_bpf_cpuperf_cap(NO_CPU);
	if (IS(cur_no_cpu))
		scx_bpf_cpuperf_cur(NO_CPU);
	if (IS(perf_no_cpu))
		scx_bpf_cpuperf_set(NO_CPU, SCX_CPUPERF_ONE);
	if (IS(perf_too_high))
		scx_bpf_cpuperf_set(0, SCX_CPUPERF_ONE + 1);
	if (IS(peek_missing))
		scx_bpf_dsq_peek(MISSING);
	if (IS(peek_builtin))
		scx_bpf_dsq_peek(SCX_DSQ_LOCAL);
	scx_bpf_consume(FIFO);
}

void BPF_STRUCT_OPS(misuse_running, struct task_struct *p)
{
	static char bad[] = "%d %Q";
	unsigned long long number = 1;

	WRONG_PLACE(in_running);
	if (IS(dispatch_context))
		scx_bpf_dispatch(p, FIFO, 0, 0);
	if (IS(insert_context))
		scx_bpf_dsq_insert(p, FIFO, 0, 0);
	if (IS(insert_void_context))
		(scx_bpf_dsq_insert)(p, FIFO, 0, 0);
	if (IS(vtime_context))
		scx_bpf_dispatch_vtime(p, BY_VTIME, 0, 0, 0);
	if (IS(insert_vtime_context))
		scx_bpf_dsq_insert_vtime(p, BY_VTIME, 0, 0, 0);
	if (IS(insert_vtime_void_context))
		(scx_bpf_dsq_insert_vtime)(p, BY_VTIME, 0, 0, 0);
	if (IS(from_dsq_context) || IS(from_dsq_vtime_context) || IS(dsq_move_context) ||
	    IS(dsq_move_vtime_context))
		move_by_failed_iterator(p), move_by_iterator();
	if (IS(error_format))
		scx_bpf_error_bstr(bad, &number, sizeof(number));
	if (IS(exit_format))
		scx_bpf_exit_bstr(1, bad, &number, sizeof(number));
}

#define NOTHING_BUT(name, args...)	\
	void BPF_STRUCT_OPS(misuse_##name, ##args) { WRONG_PLACE(in_##name); }

NOTHING_BUT(dequeue, struct task_struct *p, u64 flags)
NOTHING_BUT(tick, struct task_struct *p)
NOTHING_BUT(runnable, struct task_struct *p, u64 flags)
NOTHING_BUT(stopping, struct task_struct *p, bool runnable)
NOTHING_BUT(quiescent, struct task_struct *p, u64 flags)
NOTHING_BUT(set_weight, struct task_struct *p, u32 weight)
NOTHING_BUT(set_cpumask, struct task_struct *p, const struct cpumask *mask)
NOTHING_BUT(update_idle, s32 cpu, bool idle)
NOTHING_BUT(cpu_acquire, s32 cpu, struct scx_cpu_acquire_args *args)
NOTHING_BUT(cpu_release, s32 cpu, struct scx_cpu_release_args *args)
NOTHING_BUT(exit_task, struct task_struct *p, struct scx_exit_task_args *args)
NOTHING_BUT(enable, struct task_struct *p)
NOTHING_BUT(disable, struct task_struct *p)
NOTHING_BUT(cgroup_exit, struct cgroup *cgrp)
NOTHING_BUT(cgroup_move, struct task_struct *p, struct cgroup *from, struct cgroup *to)
NOTHING_BUT(cgroup_cancel_move, struct task_struct *p, struct cgroup *from, struct cgroup *to)
NOTHING_BUT(cgroup_set_weight, struct cgroup *cgrp, u32 weight)
NOTHING_BUT(cpu_online, s32 cpu)
NOTHING_BUT(cpu_offline, s32 cpu)

bool BPF_STRUCT_OPS(misuse_yield, struct task_struct *from, struct task_struct *to)
{
	WRONG_PLACE(in_yield);
	return false;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(misuse_init_task, struct task_struct *p,
			     struct scx_init_task_args *args)
{
	WRONG_PLACE(in_init_task);
	if (IS(cgroup_context))
		bpf_cgroup_release(scx_bpf_task_cgroup(p));
	if (IS(init_task_disallow) && args->fork)
		p->scx.disallow = true;
	if (IS(init_task_returns))
		return 1;
	return IS(init_task_fails) ? -ENOMEM : 0;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(misuse_cgroup_init, struct cgroup *cgrp,
			     struct scx_cgroup_init_args *args)
{
	WRONG_PLACE(in_cgroup_init);
	if (IS(cgroup_init_returns))
		return 1;
	return IS(cgroup_init_fails) ? -ENOMEM : 0;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(misuse_cgroup_prep_move, struct task_struct *p, struct cgroup *from,
			     struct cgroup *to)
{
	WRONG_PLACE(in_cgroup_prep_move);
	/* The second of two tasks is refused, so that the move of the first one is called off. */
	if (IS(in_cgroup_cancel_move) && p->pid != p->tgid)
		return -EAGAIN;
	return IS(cgroup_prep_move_returns) ? 1 : 0;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(misuse_init)
{
	struct bpf_cpumask *none;
	s32 error = scx_bpf_create_dsq(FIFO, -1) ?: scx_bpf_create_dsq(BY_VTIME, -1);

	WRONG_PLACE(in_init);
	if (IS(create_builtin))
		REPORT(scx_bpf_create_dsq(SCX_DSQ_GLOBAL, -1));
	if (IS(create_node))
		REPORT(scx_bpf_create_dsq(77, 1000));
	if (IS(create_twice))
		REPORT(scx_bpf_create_dsq(FIFO, -1));
	if (IS(locked_rq_unlocked))
		scx_bpf_locked_rq();
	if (IS(pick_any_none) || IS(pick_idle_none)) {
		none = bpf_cpumask_create();
		if (!none)
			return -ENOMEM;
		if (IS(pick_any_none))
			REPORT(scx_bpf_pick_any_cpu(cast_mask(none), 0));
		else
			REPORT(scx_bpf_pick_idle_cpu(cast_mask(none), 0));
		bpf_cpumask_release(none);
	}
	if (IS(init_returns))
		return 1;
	return IS(init_fails) ? -ENOMEM : error;
}

void BPF_STRUCT_OPS(misuse_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

#define MEMBERS										\
	.select_cpu = (void *)misuse_select_cpu, .enqueue = (void *)misuse_enqueue,	\
	.dequeue = (void *)misuse_dequeue, .dispatch = (void *)misuse_dispatch,		\
	.tick = (void *)misuse_tick, .runnable = (void *)misuse_runnable,		\
	.running = (void *)misuse_running, .stopping = (void *)misuse_stopping,		\
	.quiescent = (void *)misuse_quiescent, .yield = (void *)misuse_yield,		\
	.set_weight = (void *)misuse_set_weight, .set_cpumask = (void *)misuse_set_cpumask, \
	.cpu_acquire = (void *)misuse_cpu_acquire,					\
	.cpu_release = (void *)misuse_cpu_release, .init_task = (void *)misuse_init_task, \
	.exit_task = (void *)misuse_exit_task, .enable = (void *)misuse_enable,		\
	.disable = (void *)misuse_disable, .cgroup_init = (void *)misuse_cgroup_init,	\
	.cgroup_exit = (void *)misuse_cgroup_exit,					\
	.cgroup_prep_move = (void *)misuse_cgroup_prep_move,				\
	.cgroup_move = (void *)misuse_cgroup_move,					\
	.cgroup_cancel_move = (void *)misuse_cgroup_cancel_move,			\
	.cgroup_set_weight = (void *)misuse_cgroup_set_weight,				\
	.cpu_online = (void *)misuse_cpu_online, .cpu_offline = (void *)misuse_cpu_offline, \
	.init = (void *)misuse_init, .exit = (void *)misuse_exit, .timeout_ms = 3000,	\
	.flags = SCX_OPS_HAS_CGROUP_WEIGHT

SEC("?.struct_ops.link")
struct sched_ext_ops misuse = { MEMBERS, .name = "misuse" };

/* With ops.update_idle(), so that nothing tracks idle CPUs. */
SEC("?.struct_ops.link")
struct sched_ext_ops untracked = {
	MEMBERS, .update_idle = (void *)misuse_update_idle, .name = "misuse",
};

/* Tables that are refused, or ejected before anything runs. */
SEC("?.struct_ops.link")
struct sched_ext_ops unknown_flag = { .flags = 1ULL << 63, .name = "misuse" };
SEC("?.struct_ops.link")
struct sched_ext_ops batch_too_large = { .dispatch_max_batch = 0x80000000U, .name = "misuse" };
SEC("?.struct_ops.link")
struct sched_ext_ops timeout_too_long = { .timeout_ms = 30001, .name = "misuse" };
SEC("?.struct_ops.link")
struct sched_ext_ops no_name = { .timeout_ms = 1 };
SEC("?.struct_ops.link")
struct sched_ext_ops old_hotplug_seq = {
	.exit = (void *)misuse_exit, .hotplug_seq = 12345, .name = "misuse",
};
SEC("?.struct_ops.link")
struct sched_ext_ops enq_last_alone = {
	.exit = (void *)misuse_exit, .flags = SCX_OPS_ENQ_LAST, .name = "misuse",
};
SEC("?.struct_ops.link")
struct sched_ext_ops no_cpu_offline = {
	.cpu_online = (void *)misuse_cpu_online, .exit = (void *)misuse_exit, .name = "misuse",
};
SEC("?.struct_ops.link")
struct sched_ext_ops no_cpu_online = {
	.cpu_offline = (void *)misuse_cpu_offline, .exit = (void *)misuse_exit, .name = "misuse",
};
