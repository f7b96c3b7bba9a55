// SPDX-License-Identifier: GPL-2.0
/*
 * Takes the only task off a queue while an iterator is parked there, asks the queue for more, and
 * destroys it: each of 64 queues once, then works as usual.
 */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

enum { QUEUES = 64, FIRST = 1000 };

static u64 destroyed;

s32 BPF_STRUCT_OPS_SLEEPABLE(parked_init)
{
	s32 failed = 0;
	int i;

	bpf_for(i, 0, QUEUES) {
		failed = scx_bpf_create_dsq((u64)(FIRST + i), -1);
		if (failed)
			break;
	}
	return failed;
}

s32 BPF_STRUCT_OPS(parked_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

/* One task at a time, of CPU 0, takes the way through the queues. */
void BPF_STRUCT_OPS(parked_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (destroyed < QUEUES && scx_bpf_task_cpu(p) == 0 && p->nr_cpus_allowed == 1 &&
	    !(p->flags & 0x00200000 /* PF_KTHREAD */) &&
	    !scx_bpf_dsq_nr_queued(FIRST + destroyed))
		scx_bpf_dispatch(p, FIRST + destroyed, SCX_SLICE_DFL, enq_flags);
	else
		scx_bpf_dispatch(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(parked_dispatch, s32 cpu, struct task_struct *prev)
{
	u64 queue = FIRST + destroyed;
	struct task_struct *p;

	if (cpu != 0 || destroyed >= QUEUES)
		return;
	bpf_for_each(scx_dsq, p, queue, 0) {
		if (!scx_bpf_dispatch_from_dsq((&___it), p, SCX_DSQ_LOCAL, 0))
			continue;
		if (scx_bpf_dsq_nr_queued(queue))
			scx_bpf_error("%d tasks in a queue of one cursor",
				      scx_bpf_dsq_nr_queued(queue));
		if (scx_bpf_consume(queue))
			scx_bpf_error("consumed a cursor");
		scx_bpf_destroy_dsq(queue);
		if (scx_bpf_dsq_nr_queued(queue) >= 0)
			scx_bpf_error("queue %llu could not be destroyed", queue);
		if (++destroyed == QUEUES)
			scx_bpf_exit(QUEUES, "all queues are destroyed");
	}
}

void BPF_STRUCT_OPS(parked_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(parked_ops,
	       .init = (void *)parked_init,
	       .select_cpu = (void *)parked_select_cpu,
	       .enqueue = (void *)parked_enqueue,
	       .dispatch = (void *)parked_dispatch,
	       .exit = (void *)parked_exit,
	       .timeout_ms = 10000,
	       .name = "parked_iterator");
