/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where tasks wait in scx_flatcg: one queue for each group, and one for each CPU, for those that may not
 * run anywhere.
 */
#ifndef FLATCG_QUEUES_BPF_H
#define FLATCG_QUEUES_BPF_H

enum {
	/* By slot, and by CPU. */
	GROUP_QUEUES = 0,
	CPU_QUEUES = GROUP_SLOTS,
};

static u64 queue_of_group(u32 slot)
{
	return GROUP_QUEUES + slot;
}

static u64 queue_of_cpu(s32 cpu)
{
	return CPU_QUEUES + (u32)cpu;
}

/* The CPU in whose queue @p is to wait, which may not run anywhere: an idle one, or that with fewer of two. */
static s32 cpu_to_wait_for(struct task_struct *p, bool woke)
{
	s32 here = scx_bpf_task_cpu(p), other, idle;

	if (must_stay(p))
		return here;
	/* A wakeup has looked for an idle CPU already. */
	idle = woke ? -EBUSY : wake_idle_cpu_for(p);
	if (idle >= 0)
		return idle;
	other = any_cpu_of(p);
	if (other == here)
		other = any_cpu_of(p);
	return scx_bpf_dsq_nr_queued(queue_of_cpu(other)) < scx_bpf_dsq_nr_queued(queue_of_cpu(here)) ?
		other : here;
}

/* Whoever waits in whatever queue. */
static __noinline void look_for_overdue(void)
{
	u32 slot;
	s32 cpu;

	bpf_for(slot, 0, GROUP_SLOTS) {
		if (group_at(slot)->nr_waiting > 0)
			overdue_look(queue_of_group(slot));
	}
	bpf_for(cpu, 0, (s32)scx_bpf_nr_cpu_ids())
		overdue_look(queue_of_cpu(cpu));
}

/* Before a CPU goes idle: who waits for another one, and may come here. */
static __noinline bool take_from_other_cpus(s32 cpu)
{
	s32 other;

	bpf_for(other, 0, (s32)scx_bpf_nr_cpu_ids()) {
		if (other != cpu && scx_bpf_dsq_move_to_local(queue_of_cpu(other)))
			return true;
	}
	return false;
}

/* But those of groups, which stay with their slots. From ops.init(). */
static s32 create_queues(void)
{
	s32 cpu, code = 0;

	bpf_for(cpu, 0, (s32)scx_bpf_nr_cpu_ids()) {
		code = scx_bpf_create_dsq(queue_of_cpu(cpu), -1);
		if (code)
			break;
	}
	return code ?: scx_bpf_create_dsq(OVERDUE_QUEUE, -1);
}

#endif
