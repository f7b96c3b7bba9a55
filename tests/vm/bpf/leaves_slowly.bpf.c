// SPDX-License-Identifier: GPL-2.0
/*
 * A task called `leaver` goes to and fro between CPUs 0 and 1. Nobody has it when it is put back; the
 * CPU that it is not on takes it. Its first departures last so long that it is taken before it is off
 * its CPU: the callback about the task that follows, which runs on its behalf, takes its time.
 */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

/* Longer than QEMU lets one CPU run before the next one has its turn. */
enum { SLOW_DEPARTURES = 4, DEPARTURE_NS = 150000000 };

static u32 waiting, departures;
static s32 leaves_cpu;

static bool is_leaver(const struct task_struct *p)
{
	return !bpf_strncmp(p->comm, sizeof("leaver"), "leaver");
}

s32 BPF_STRUCT_OPS(leaves_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(leaves_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (!is_leaver(p)) {
		scx_bpf_dispatch(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, enq_flags);
		return;
	}
	leaves_cpu = scx_bpf_task_cpu(p);
	waiting = (u32)p->pid;
}

void BPF_STRUCT_OPS(leaves_dispatch, s32 cpu, struct task_struct *prev)
{
	struct task_struct *p;

	if (cpu > 1 || !waiting || cpu == leaves_cpu)
		return;
	p = bpf_task_from_pid((s32)waiting);
	if (!p)
		return;
	scx_bpf_dispatch(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	bpf_task_release(p);
}

static long is_over(u32 index, u64 *end)
{
	return bpf_ktime_get_ns() > *end;
}

void BPF_STRUCT_OPS(leaves_running, struct task_struct *p)
{
	u64 end;

	if (is_leaver(p)) {
		waiting = 0;
		return;
	}
	if (!waiting || scx_bpf_task_cpu(p) != leaves_cpu || departures >= SLOW_DEPARTURES)
		return;
	departures++;
	end = bpf_ktime_get_ns() + DEPARTURE_NS;
	bpf_loop(1 << 23, is_over, &end, 0);
}

void BPF_STRUCT_OPS(leaves_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(leaves_ops,
	       .select_cpu = (void *)leaves_select_cpu,
	       .enqueue = (void *)leaves_enqueue,
	       .dispatch = (void *)leaves_dispatch,
	       .running = (void *)leaves_running,
	       .exit = (void *)leaves_exit,
	       .flags = SCX_OPS_SWITCH_PARTIAL,
	       .timeout_ms = 5000,
	       .name = "leaves_slowly");
