// SPDX-License-Identifier: GPL-2.0
/*
 * Implements every callback, counts how often each is called, and looks at every argument: what is
 * not as it should be ends the scheduler with a message that says so. SCX_OPS_ENQ_LAST is on, so
 * that ops.enqueue() is asked about a CPU's last task too.
 */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

enum { QUEUE = 1 };

/* Tasks that this side owns, by number. */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 4096);
	__type(value, s32);
} held SEC(".maps");

/* The callbacks of struct sched_ext_ops, in its order. */
enum callback {
	select_cpu, enqueue, dequeue, dispatch, tick, runnable, running, stopping, quiescent, yield,
	core_sched_before, set_weight, set_cpumask, update_idle, cpu_acquire, cpu_release,
	init_task, exit_task, enable, disable, dump, dump_cpu, dump_task, cgroup_init, cgroup_exit,
	cgroup_prep_move, cgroup_move, cgroup_cancel_move, cgroup_set_weight, cpu_online,
	cpu_offline, init, exit, NR_CALLBACKS,
};

/* By tests/vm/cases/every_callback.py, which knows the order from the module's header. */
u64 calls[NR_CALLBACKS];

#define CALLED(callback) __sync_fetch_and_add(&calls[callback], 1)
#define EXPECT(condition)	\
	({ if (!(condition)) scx_bpf_error("line %d: " #condition " is false", __LINE__); })

static bool is_task(struct task_struct *p)
{
	return p->pid > 0 && p->scx.weight >= 1 && p->scx.weight <= 10000;
}

static bool is_cpu(s32 cpu)
{
	return cpu >= 0 && (u32)cpu < scx_bpf_nr_cpu_ids();
}

s32 BPF_STRUCT_OPS(every_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	CALLED(select_cpu);
	EXPECT(is_task(p) && is_cpu(prev_cpu));
	EXPECT(wake_flags & (SCX_WAKE_TTWU | SCX_WAKE_FORK));
	return prev_cpu;
}

void BPF_STRUCT_OPS(every_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 pid = p->pid;

	CALLED(enqueue);
	EXPECT(is_task(p));
	/* Each third one is held back until ops.dispatch(), and may be dequeued before. */
	if (!(enq_flags & SCX_ENQ_LAST) && calls[enqueue] % 3 == 0 &&
	    !bpf_map_push_elem(&held, &pid, 0))
		return;
	scx_bpf_dsq_insert(p, enq_flags & SCX_ENQ_LAST ? SCX_DSQ_LOCAL : QUEUE, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(every_dequeue, struct task_struct *p, u64 deq_flags)
{
	CALLED(dequeue);
	EXPECT(is_task(p));
}

void BPF_STRUCT_OPS(every_dispatch, s32 cpu, struct task_struct *prev)
{
	CALLED(dispatch);
	EXPECT(is_cpu(cpu));
	EXPECT(!prev || is_task(prev));
	bpf_repeat(SCX_DSP_DFL_MAX_BATCH) {
		struct task_struct *p;
		s32 pid;

		if (bpf_map_pop_elem(&held, &pid))
			break;
		p = bpf_task_from_pid(pid);
		if (!p)
			continue;
		scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, 0);
		bpf_task_release(p);
	}
	scx_bpf_dsq_move_to_local(QUEUE);
}

void BPF_STRUCT_OPS(every_tick, struct task_struct *p)
{
	CALLED(tick);
	EXPECT(is_task(p) && scx_bpf_task_running(p));
}

void BPF_STRUCT_OPS(every_runnable, struct task_struct *p, u64 enq_flags)
{
	CALLED(runnable);
	EXPECT(is_task(p));
}

void BPF_STRUCT_OPS(every_running, struct task_struct *p)
{
	CALLED(running);
	EXPECT(is_task(p));
}

void BPF_STRUCT_OPS(every_stopping, struct task_struct *p, bool still_runnable)
{
	CALLED(stopping);
	EXPECT(is_task(p));
	EXPECT(calls[stopping] <= calls[running]);
}

void BPF_STRUCT_OPS(every_quiescent, struct task_struct *p, u64 deq_flags)
{
	CALLED(quiescent);
	EXPECT(is_task(p));
	EXPECT(calls[quiescent] <= calls[runnable]);
}

bool BPF_STRUCT_OPS(every_yield, struct task_struct *from, struct task_struct *to)
{
	CALLED(yield);
	EXPECT(is_task(from));
	EXPECT(!to || is_task(to));
	from->scx.slice = 0;
	return false;
}

bool BPF_STRUCT_OPS(every_core_sched_before, struct task_struct *a, struct task_struct *b)
{
	CALLED(core_sched_before);
	EXPECT(a != b);
	return time_before(a->scx.core_sched_at, b->scx.core_sched_at);
}

void BPF_STRUCT_OPS(every_set_weight, struct task_struct *p, u32 weight)
{
	CALLED(set_weight);
	EXPECT(weight >= 1 && weight <= 10000);
	EXPECT(p->scx.weight == weight);
}

void BPF_STRUCT_OPS(every_set_cpumask, struct task_struct *p, const struct cpumask *mask)
{
	CALLED(set_cpumask);
	EXPECT(!bpf_cpumask_empty(mask));
	EXPECT(bpf_cpumask_equal(mask, p->cpus_ptr));
}

void BPF_STRUCT_OPS(every_update_idle, s32 cpu, bool idle)
{
	CALLED(update_idle);
	EXPECT(is_cpu(cpu));
}

void BPF_STRUCT_OPS(every_cpu_acquire, s32 cpu, struct scx_cpu_acquire_args *args)
{
	CALLED(cpu_acquire);
	EXPECT(is_cpu(cpu));
	EXPECT(calls[cpu_acquire] <= calls[cpu_release]);
}

void BPF_STRUCT_OPS(every_cpu_release, s32 cpu, struct scx_cpu_release_args *args)
{
	CALLED(cpu_release);
	EXPECT(is_cpu(cpu));
	EXPECT(args->reason <= SCX_CPU_PREEMPT_UNKNOWN);
	EXPECT(args->task && args->task->pid > 0);
	scx_bpf_reenqueue_local();
}

s32 BPF_STRUCT_OPS_SLEEPABLE(every_init_task, struct task_struct *p,
			     struct scx_init_task_args *args)
{
	CALLED(init_task);
	EXPECT(p->pid >= 0);
	EXPECT(args->cgroup && args->cgroup->kn);
	return 0;
}

void BPF_STRUCT_OPS(every_exit_task, struct task_struct *p, struct scx_exit_task_args *args)
{
	CALLED(exit_task);
	EXPECT(calls[exit_task] <= calls[init_task]);
}

void BPF_STRUCT_OPS(every_enable, struct task_struct *p)
{
	CALLED(enable);
	EXPECT(is_task(p));
}

void BPF_STRUCT_OPS(every_disable, struct task_struct *p)
{
	CALLED(disable);
	EXPECT(calls[disable] <= calls[enable]);
}

void BPF_STRUCT_OPS(every_dump, struct scx_dump_ctx *context)
{
	CALLED(dump);
	EXPECT(context->at_ns && context->at_jiffies);
	scx_bpf_dump("dump of every_callback\n");
}

void BPF_STRUCT_OPS(every_dump_cpu, struct scx_dump_ctx *context, s32 cpu, bool idle)
{
	CALLED(dump_cpu);
	EXPECT(is_cpu(cpu));
	scx_bpf_dump("every_callback: CPU %d\n", cpu);
}

void BPF_STRUCT_OPS(every_dump_task, struct scx_dump_ctx *context, struct task_struct *p)
{
	CALLED(dump_task);
	EXPECT(is_task(p));
	scx_bpf_dump("every_callback: task %d\n", p->pid);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(every_cgroup_init, struct cgroup *cgrp,
			     struct scx_cgroup_init_args *args)
{
	CALLED(cgroup_init);
	EXPECT(cgrp->kn);
	EXPECT(args->weight >= 1 && args->weight <= 10000);
	return 0;
}

void BPF_STRUCT_OPS_SLEEPABLE(every_cgroup_exit, struct cgroup *cgrp)
{
	CALLED(cgroup_exit);
	EXPECT(calls[cgroup_exit] <= calls[cgroup_init]);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(every_cgroup_prep_move, struct task_struct *p, struct cgroup *from,
			     struct cgroup *to)
{
	CALLED(cgroup_prep_move);
	EXPECT(from != to);
	/* Threads called `unmoved` stay, and so their whole process does. */
	return bpf_strncmp(p->comm, sizeof("unmoved"), "unmoved") ? 0 : -EAGAIN;
}

void BPF_STRUCT_OPS(every_cgroup_move, struct task_struct *p, struct cgroup *from,
		    struct cgroup *to)
{
	CALLED(cgroup_move);
	EXPECT(from != to);
	EXPECT(calls[cgroup_move] + calls[cgroup_cancel_move] <= calls[cgroup_prep_move]);
}

void BPF_STRUCT_OPS(every_cgroup_cancel_move, struct task_struct *p, struct cgroup *from,
		    struct cgroup *to)
{
	CALLED(cgroup_cancel_move);
	EXPECT(from != to);
}

void BPF_STRUCT_OPS(every_cgroup_set_weight, struct cgroup *cgrp, u32 weight)
{
	CALLED(cgroup_set_weight);
	EXPECT(weight >= 1 && weight <= 10000);
}

void BPF_STRUCT_OPS_SLEEPABLE(every_cpu_online, s32 cpu)
{
	CALLED(cpu_online);
	EXPECT(is_cpu(cpu));
}

void BPF_STRUCT_OPS_SLEEPABLE(every_cpu_offline, s32 cpu)
{
	CALLED(cpu_offline);
	EXPECT(is_cpu(cpu));
}

s32 BPF_STRUCT_OPS_SLEEPABLE(every_init)
{
	CALLED(init);
	EXPECT(calls[init] == 1 && !calls[init_task] && !calls[cgroup_init]);
	return scx_bpf_create_dsq(QUEUE, -1);
}

void BPF_STRUCT_OPS_SLEEPABLE(every_exit, struct scx_exit_info *info)
{
	CALLED(exit);
	user_exit_record(info);
}

SCX_OPS_DEFINE(every_ops,
	       .select_cpu = (void *)every_select_cpu,
	       .enqueue = (void *)every_enqueue,
	       .dequeue = (void *)every_dequeue,
	       .dispatch = (void *)every_dispatch,
	       .tick = (void *)every_tick,
	       .runnable = (void *)every_runnable,
	       .running = (void *)every_running,
	       .stopping = (void *)every_stopping,
	       .quiescent = (void *)every_quiescent,
	       .yield = (void *)every_yield,
	       .core_sched_before = (void *)every_core_sched_before,
	       .set_weight = (void *)every_set_weight,
	       .set_cpumask = (void *)every_set_cpumask,
	       .update_idle = (void *)every_update_idle,
	       .cpu_acquire = (void *)every_cpu_acquire,
	       .cpu_release = (void *)every_cpu_release,
	       .init_task = (void *)every_init_task,
	       .exit_task = (void *)every_exit_task,
	       .enable = (void *)every_enable,
	       .disable = (void *)every_disable,
	       .dump = (void *)every_dump,
	       .dump_cpu = (void *)every_dump_cpu,
	       .dump_task = (void *)every_dump_task,
	       .cgroup_init = (void *)every_cgroup_init,
	       .cgroup_exit = (void *)every_cgroup_exit,
	       .cgroup_prep_move = (void *)every_cgroup_prep_move,
	       .cgroup_move = (void *)every_cgroup_move,
	       .cgroup_cancel_move = (void *)every_cgroup_cancel_move,
	       .cgroup_set_weight = (void *)every_cgroup_set_weight,
	       .cpu_online = (void *)every_cpu_online,
	       .cpu_offline = (void *)every_cpu_offline,
	       .init = (void *)every_init,
	       .exit = (void *)every_exit,
	       .flags = SCX_OPS_ENQ_LAST | SCX_OPS_KEEP_BUILTIN_IDLE | SCX_OPS_HAS_CGROUP_WEIGHT,
	       .name = "every_callback");
