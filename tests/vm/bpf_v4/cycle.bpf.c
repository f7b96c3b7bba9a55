/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Writes down in which order the document's scheduling cycle goes, for tasks of policy SCHED_EXT:
 * which callbacks are called for three tasks that wake up while CPU 1 is taken, and what that CPU
 * does when it is free. The tasks are called local, global and queued, and go there.
 */
#include "scx_common.bpf.h"

#include "cycle.h"

char _license[] SEC("license") = "GPL";

enum { QUEUE = 1, CPU = 1 };

/* Before the first of the three wakes, CPU 1 may ask for work as often as it likes. */
static bool begun;

struct entry entries[MAX_ENTRIES];
u32 nr_entries;
struct user_exit_info uei;

/* Tasks of other names keep CPUs busy. */
static u32 place_of(struct task_struct *p)
{
	if (!bpf_strncmp(p->comm, sizeof("local"), "local"))
		return PLACE_LOCAL;
	if (!bpf_strncmp(p->comm, sizeof("global"), "global"))
		return PLACE_GLOBAL;
	if (!bpf_strncmp(p->comm, sizeof("queued"), "queued"))
		return PLACE_QUEUE;
	return PLACE_NONE;
}

static void note(u32 event, u32 place)
{
	u32 at = __sync_fetch_and_add(&nr_entries, 1);

	if (at < MAX_ENTRIES) {
		entries[at].event = event;
		entries[at].place = place;
	}
}

s32 BPF_STRUCT_OPS(cycle_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	u32 place = place_of(p);

	if (place == PLACE_NONE)
		return prev_cpu;
	begun = true;
	note(EVENT_SELECT_CPU, place);
	return CPU;
}

void BPF_STRUCT_OPS(cycle_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 place = place_of(p);

	if (place != PLACE_NONE)
		note(EVENT_ENQUEUE, place);
	if (place == PLACE_GLOBAL)
		scx_bpf_dispatch(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	else if (place == PLACE_QUEUE)
		scx_bpf_dispatch(p, QUEUE, SCX_SLICE_DFL, enq_flags);
	else
		scx_bpf_dispatch(p, SCX_DSQ_LOCAL,
				 place == PLACE_NONE ? SCX_SLICE_INF : SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(cycle_dispatch, s32 cpu, struct task_struct *prev)
{
	if (cpu != CPU || !begun)
		return;
	note(EVENT_DISPATCH, PLACE_NONE);
	scx_bpf_consume(QUEUE);
}

void BPF_STRUCT_OPS(cycle_running, struct task_struct *p)
{
	u32 place = place_of(p);

	if (place != PLACE_NONE)
		note(EVENT_RUNNING, place);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(cycle_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

void BPF_STRUCT_OPS(cycle_exit, struct scx_exit_info *ei)
{
	uei_record(&uei, ei);
}

SEC(".struct_ops")
struct sched_ext_ops cycle_ops = {
	.select_cpu = (void *)cycle_select_cpu,
	.enqueue = (void *)cycle_enqueue,
	.dispatch = (void *)cycle_dispatch,
	.running = (void *)cycle_running,
	.init = (void *)cycle_init,
	.exit = (void *)cycle_exit,
	.name = "cycle",
};
