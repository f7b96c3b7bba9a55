/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Written to the API of 2023 with every callback and function that it had. Counts each and looks at
 * what it is given: what is not as the document says ends the scheduler with the line that saw it.
 *
 * Kernel threads are FIFO entries of the same queue in which the others wait by virtual time. Some
 * tasks go to the global queue, and some are kept until dispatch.
 */
#include "scx_common.bpf.h"

#include "complete.h"

char _license[] SEC("license") = "GPL";

enum { ORDERED = 1, TEMPORARY = 2, MISSING = 0xbad };

const volatile bool switch_partial;
const volatile u32 fault;

u64 counts[NR_COUNTED];
struct user_exit_info uei;

/* Tasks that this side owns, by number. */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 4096);
	__type(value, s32);
} held SEC(".maps");

/* Where a task is in its life. */
struct life {
	bool enabled, runnable, running;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct life);
} lives SEC(".maps");

#define COUNT(name) __sync_fetch_and_add(&counts[n_##name], 1)
#define EXPECT(condition)	\
	({ if (!(condition)) scx_bpf_error("line %d: " #condition " is false", __LINE__); })

/* None for a task that is just being freed. */
static struct life *life_of(struct task_struct *p)
{
	return bpf_task_storage_get(&lives, p, NULL, 0);
}

static bool is_victim(struct task_struct *p)
{
	return !bpf_strncmp(p->comm, sizeof("victim") - 1, "victim");
}

static bool is_cpu(s32 cpu)
{
	return cpu >= 0 && cpu < 4096;
}

/* ---- Step 1: a CPU ---- */

static s32 idle_cpu_for(struct task_struct *p, s32 prev_cpu)
{
	const struct cpumask *idle = scx_bpf_get_idle_cpumask();
	const struct cpumask *cores = scx_bpf_get_idle_smtmask();
	bool prev_idle = bpf_cpumask_test_cpu((u32)prev_cpu, idle);
	s32 cpu;

	if (!bpf_cpumask_empty(idle))
		COUNT(idle_cpumask);
	if (!bpf_cpumask_empty(cores))
		COUNT(idle_smtmask);
	scx_bpf_put_idle_cpumask(cores);
	scx_bpf_put_idle_cpumask(idle);

	if (prev_idle && scx_bpf_test_and_clear_cpu_idle(prev_cpu)) {
		COUNT(test_and_clear_cpu_idle);
		return prev_cpu;
	}
	cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, SCX_PICK_IDLE_CORE);
	if (cpu >= 0) {
		COUNT(pick_idle_core);
		return cpu;
	}
	EXPECT(cpu == -EBUSY);
	cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);
	if (cpu >= 0)
		COUNT(pick_idle_cpu);
	return cpu;
}

s32 BPF_STRUCT_OPS(complete_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	s32 cpu;

	COUNT(select_cpu);
	EXPECT(is_cpu(prev_cpu));
	EXPECT(wake_flags & (SCX_WAKE_TTWU | SCX_WAKE_FORK));
	EXPECT(!(wake_flags & SCX_WAKE_EXEC));
	if (fault == SELECT_DISPATCHES && is_victim(p))
		scx_bpf_dispatch(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);

	cpu = idle_cpu_for(p, prev_cpu);
	if (cpu >= 0)
		return cpu;
	cpu = scx_bpf_pick_any_cpu(p->cpus_ptr, 0);
	EXPECT(is_cpu(cpu));
	COUNT(pick_any_cpu);
	/* Every other time one that the task may not use, perhaps: it is ignored then. */
	return counts[n_select_cpu] % 2 ? 0 : cpu;
}

/* ---- Step 2: a queue ---- */

static void look_at_group(struct task_struct *p)
{
	struct cgroup *cgrp = scx_bpf_task_cgroup(p);

	if (cgrp->kn)
		COUNT(task_cgroup);
	bpf_cgroup_release(cgrp);
}

static void look_at_task(struct task_struct *p)
{
	s32 cpu = scx_bpf_task_cpu(p);

	EXPECT(is_cpu(cpu));
	COUNT(task_cpu);
	if (!scx_bpf_task_running(p))
		COUNT(task_running);
	if (counts[n_enqueue] % 64 == 0) {
		scx_bpf_kick_cpu(cpu, SCX_KICK_PREEMPT);
		COUNT(kick_preempt);
	}
	if (counts[n_enqueue] % 64 == 32) {
		scx_bpf_kick_cpu(cpu, SCX_KICK_WAIT);
		COUNT(kick_wait);
	}
}

/* True if the victim is done with. */
static bool do_wrong(struct task_struct *p, u64 enq_flags)
{
	if (!is_victim(p))
		return false;
	if (fault == REPORTS_ERROR)
		scx_bpf_error("task %d asked for it", p->pid);
	if (fault == MISSING_QUEUE) {
		scx_bpf_dispatch(p, MISSING, SCX_SLICE_DFL, enq_flags);
		return true;
	}
	return fault == LOSES_TASK;
}

static void to_shared(struct task_struct *p, u64 enq_flags)
{
	if (p->flags & PF_KTHREAD) {
		scx_bpf_dispatch(p, ORDERED, SCX_SLICE_DFL, enq_flags);
		COUNT(dispatched);
	} else {
		scx_bpf_dispatch_vtime(p, ORDERED, SCX_SLICE_DFL / 4, p->scx.dsq_vtime, enq_flags);
		COUNT(dispatched_vtime);
	}
}

void BPF_STRUCT_OPS(complete_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct life *life = life_of(p);
	s32 pid = p->pid;

	COUNT(enqueue);
	EXPECT(!life || life->runnable);
	look_at_group(p);
	look_at_task(p);
	if (do_wrong(p, enq_flags))
		return;
	if (enq_flags & SCX_ENQ_LAST) {
		COUNT(enq_last);
		EXPECT(enq_flags & SCX_ENQ_LOCAL);
	}
	if (enq_flags & SCX_ENQ_LOCAL) {
		COUNT(enq_local);
		scx_bpf_dispatch(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, enq_flags);
	} else if (counts[n_enqueue] % 7 == 0) {
		scx_bpf_dispatch(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	} else if (counts[n_enqueue] % 3 || bpf_map_push_elem(&held, &pid, 0)) {
		to_shared(p, enq_flags);
	}
}

void BPF_STRUCT_OPS(complete_dequeue, struct task_struct *p, u64 deq_flags)
{
	COUNT(dequeue);
}

/* ---- Step 4, after the local and the global queue ---- */

void BPF_STRUCT_OPS(complete_dispatch, s32 cpu, struct task_struct *prev)
{
	COUNT(dispatch);
	EXPECT(is_cpu(cpu) && (!prev || prev->pid > 0));
	EXPECT(scx_bpf_dispatch_nr_slots() == 8);
	bpf_repeat(8) {
		struct task_struct *p;
		s32 pid;

		if (bpf_map_pop_elem(&held, &pid))
			break;
		p = bpf_task_from_pid(pid);
		if (!p)
			continue;
		if (pid % 2)
			to_shared(p, 0);
		else
			scx_bpf_dispatch(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, 0);
		if (scx_bpf_dispatch_nr_slots() < 8)
			COUNT(dispatch_nr_slots);
		/* Who may run it may have looked for work a moment ago, in vain. */
		scx_bpf_kick_cpu(scx_bpf_task_cpu(p), 0);
		bpf_task_release(p);
	}

	EXPECT(scx_bpf_dsq_nr_queued(SCX_DSQ_GLOBAL) >= 0 && scx_bpf_dsq_nr_queued(ORDERED) >= 0);
	EXPECT(scx_bpf_dsq_nr_queued(SCX_DSQ_LOCAL) >= 0);
	EXPECT(scx_bpf_dsq_nr_queued(SCX_DSQ_LOCAL_ON | (u32)cpu) >= 0);
	EXPECT(scx_bpf_dsq_nr_queued(MISSING) == -ENOENT);
	COUNT(dsq_nr_queued);
	if (scx_bpf_consume(SCX_DSQ_GLOBAL))
		COUNT(consume_global);
	else if (scx_bpf_consume(ORDERED))
		COUNT(consume);
}

/* ---- What becomes of tasks ---- */

void BPF_STRUCT_OPS(complete_runnable, struct task_struct *p, u64 enq_flags)
{
	struct life *life = life_of(p);

	COUNT(runnable);
	if (!life)
		return;
	EXPECT(life->enabled && !life->runnable && !life->running);
	life->runnable = true;
}

void BPF_STRUCT_OPS(complete_running, struct task_struct *p)
{
	struct life *life = life_of(p);

	COUNT(running);
	if (!life)
		return;
	EXPECT(life->runnable && !life->running);
	life->running = true;
}

void BPF_STRUCT_OPS(complete_stopping, struct task_struct *p, bool runnable)
{
	struct life *life = life_of(p);

	COUNT(stopping);
	p->scx.dsq_vtime += (SCX_SLICE_DFL - p->scx.slice) * 100 / p->scx.weight;
	if (!life)
		return;
	EXPECT(life->runnable && life->running);
	life->running = false;
}

void BPF_STRUCT_OPS(complete_quiescent, struct task_struct *p, u64 deq_flags)
{
	struct life *life = life_of(p);

	COUNT(quiescent);
	if (!life)
		return;
	EXPECT(life->runnable && !life->running);
	life->runnable = false;
}

bool BPF_STRUCT_OPS(complete_yield, struct task_struct *from, struct task_struct *to)
{
	COUNT(yield);
	from->scx.slice = 0;
	return false;
}

bool BPF_STRUCT_OPS(complete_core_sched_before, struct task_struct *a, struct task_struct *b)
{
	COUNT(core_sched_before);
	return (s64)(a->scx.dsq_vtime - b->scx.dsq_vtime) < 0;
}

void BPF_STRUCT_OPS(complete_set_weight, struct task_struct *p, u32 weight)
{
	COUNT(set_weight);
	EXPECT(weight >= 1 && weight <= 10000 && p->scx.weight == weight);
}

void BPF_STRUCT_OPS(complete_set_cpumask, struct task_struct *p, struct cpumask *mask)
{
	COUNT(set_cpumask);
	EXPECT(!bpf_cpumask_empty(mask));
}

/* Once each, prepared first, and enabled before it is first runnable. */
s32 BPF_STRUCT_OPS_SLEEPABLE(complete_prep_enable, struct task_struct *p,
			     struct scx_enable_args *args)
{
	struct life *life;

	COUNT(prep_enable);
	EXPECT(args->cgroup && args->cgroup->kn);
	if (fault == REFUSES_TASK && is_victim(p))
		return -EAGAIN;
	life = bpf_task_storage_get(&lives, p, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!life)
		return -ENOMEM;
	life->enabled = life->runnable = life->running = false;
	return 0;
}

void BPF_STRUCT_OPS(complete_enable, struct task_struct *p, struct scx_enable_args *args)
{
	struct life *life = life_of(p);

	COUNT(enable);
	EXPECT(args->cgroup && p->scx.weight >= 1 && p->scx.weight <= 10000);
	EXPECT(life && !life->enabled);
	if (life)
		life->enabled = true;
}

void BPF_STRUCT_OPS(complete_cancel_enable, struct task_struct *p, struct scx_enable_args *args)
{
	struct life *life = life_of(p);

	COUNT(cancel_enable);
	EXPECT(args->cgroup && (!life || !life->enabled));
}

void BPF_STRUCT_OPS(complete_disable, struct task_struct *p)
{
	struct life *life = life_of(p);

	COUNT(disable);
	EXPECT(!life || life->enabled);
	if (life)
		life->enabled = false;
}

/* ---- CPUs ---- */

void BPF_STRUCT_OPS(complete_update_idle, s32 cpu, bool idle)
{
	COUNT(update_idle);
	EXPECT(is_cpu(cpu));
}

void BPF_STRUCT_OPS(complete_cpu_acquire, s32 cpu, struct scx_cpu_acquire_args *args)
{
	COUNT(cpu_acquire);
	EXPECT(counts[n_cpu_acquire] <= counts[n_cpu_release]);
}

void BPF_STRUCT_OPS(complete_cpu_release, s32 cpu, struct scx_cpu_release_args *args)
{
	COUNT(cpu_release);
	EXPECT(args->reason <= SCX_CPU_PREEMPT_UNKNOWN && args->task && args->task->pid > 0);
	if (scx_bpf_reenqueue_local() < 4096)
		COUNT(reenqueue_local);
}

void BPF_STRUCT_OPS(complete_cpu_online, s32 cpu)
{
	COUNT(cpu_online);
}

void BPF_STRUCT_OPS(complete_cpu_offline, s32 cpu)
{
	COUNT(cpu_offline);
}

/* ---- Groups ---- */

s32 BPF_STRUCT_OPS_SLEEPABLE(complete_cgroup_init, struct cgroup *cgrp,
			     struct scx_cgroup_init_args *args)
{
	COUNT(cgroup_init);
	EXPECT(cgrp->kn && args->weight >= 1 && args->weight <= 10000);
	return 0;
}

void BPF_STRUCT_OPS_SLEEPABLE(complete_cgroup_exit, struct cgroup *cgrp)
{
	COUNT(cgroup_exit);
	EXPECT(counts[n_cgroup_exit] <= counts[n_cgroup_init]);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(complete_cgroup_prep_move, struct task_struct *p, struct cgroup *from,
			     struct cgroup *to)
{
	COUNT(cgroup_prep_move);
	EXPECT(from != to);
	/* Threads of this name stay, and so their whole process does. */
	return bpf_strncmp(p->comm, sizeof("unmoved"), "unmoved") ? 0 : -EAGAIN;
}

void BPF_STRUCT_OPS(complete_cgroup_move, struct task_struct *p, struct cgroup *from,
		    struct cgroup *to)
{
	COUNT(cgroup_move);
	EXPECT(from != to);
}

void BPF_STRUCT_OPS(complete_cgroup_cancel_move, struct task_struct *p, struct cgroup *from,
		    struct cgroup *to)
{
	COUNT(cgroup_cancel_move);
}

void BPF_STRUCT_OPS(complete_cgroup_set_weight, struct cgroup *cgrp, u32 weight)
{
	COUNT(cgroup_set_weight);
	EXPECT(weight >= 1 && weight <= 10000);
}

/* ---- The scheduler ---- */

s32 BPF_STRUCT_OPS_SLEEPABLE(complete_init)
{
	s32 failed;

	COUNT(init);
	EXPECT(!counts[n_prep_enable] && !counts[n_cgroup_init]);
	if (!switch_partial) {
		scx_bpf_switch_all();
		COUNT(switch_all);
	}
	failed = scx_bpf_create_dsq(ORDERED, -1);
	if (failed)
		return failed;
	EXPECT(scx_bpf_create_dsq(ORDERED, -1) == -EEXIST);
	EXPECT(scx_bpf_create_dsq(SCX_DSQ_GLOBAL, -1) == -EINVAL);
	if (!scx_bpf_create_dsq(TEMPORARY, -1))
		COUNT(create_dsq);
	EXPECT(scx_bpf_dsq_nr_queued(TEMPORARY) == 0);
	scx_bpf_destroy_dsq(TEMPORARY);
	if (scx_bpf_dsq_nr_queued(TEMPORARY) == -ENOENT)
		COUNT(destroy_dsq);
	return 0;
}

void BPF_STRUCT_OPS_SLEEPABLE(complete_exit, struct scx_exit_info *ei)
{
	COUNT(exit);
	uei_record(&uei, ei);
}

SEC(".struct_ops")
struct sched_ext_ops complete_ops = {
	.select_cpu = (void *)complete_select_cpu,
	.enqueue = (void *)complete_enqueue,
	.dequeue = (void *)complete_dequeue,
	.dispatch = (void *)complete_dispatch,
	.runnable = (void *)complete_runnable,
	.running = (void *)complete_running,
	.stopping = (void *)complete_stopping,
	.quiescent = (void *)complete_quiescent,
	.yield = (void *)complete_yield,
	.core_sched_before = (void *)complete_core_sched_before,
	.set_weight = (void *)complete_set_weight,
	.set_cpumask = (void *)complete_set_cpumask,
	.update_idle = (void *)complete_update_idle,
	.cpu_acquire = (void *)complete_cpu_acquire,
	.cpu_release = (void *)complete_cpu_release,
	.cpu_online = (void *)complete_cpu_online,
	.cpu_offline = (void *)complete_cpu_offline,
	.prep_enable = (void *)complete_prep_enable,
	.enable = (void *)complete_enable,
	.cancel_enable = (void *)complete_cancel_enable,
	.disable = (void *)complete_disable,
	.cgroup_init = (void *)complete_cgroup_init,
	.cgroup_exit = (void *)complete_cgroup_exit,
	.cgroup_prep_move = (void *)complete_cgroup_prep_move,
	.cgroup_move = (void *)complete_cgroup_move,
	.cgroup_cancel_move = (void *)complete_cgroup_cancel_move,
	.cgroup_set_weight = (void *)complete_cgroup_set_weight,
	.init = (void *)complete_init,
	.exit = (void *)complete_exit,
	.dispatch_max_batch = 8,
	.flags = SCX_OPS_KEEP_BUILTIN_IDLE | SCX_OPS_ENQ_LAST | SCX_OPS_ENQ_EXITING | SCX_OPS_CGROUP_KNOB_WEIGHT,
	.timeout_ms = 20000,
	.name = "complete",
};
