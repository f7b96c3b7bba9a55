// SPDX-License-Identifier: GPL-2.0
/*
 * Tasks called `endless` get a slice without end, all others the usual one. Who may choose runs on CPU
 * 0; kernel threads of CPU 1 do not wait there. When a task called `breaker` yields, CPU 1 is to
 * reschedule, then and whenever somebody called `endless` starts there: who preempted it would have
 * brought the slice back.
 */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

bool bpf_cpumask_test_cpu(u32 cpu, const struct cpumask *mask) __ksym;

enum { KTHREAD = 0x00200000 }; /* PF_KTHREAD */

static bool is_called(const struct task_struct *p, const char *name, u32 size)
{
	return !bpf_strncmp(p->comm, size, name);
}

static const char endless[] = "endless";
static const char breaker[] = "breaker";

static bool broken;

s32 BPF_STRUCT_OPS(endless_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return bpf_cpumask_test_cpu(0, p->cpus_ptr) ? 0 : prev_cpu;
}

void BPF_STRUCT_OPS(endless_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 slice = is_called(p, endless, sizeof(endless)) ? SCX_SLICE_INF : SCX_SLICE_DFL;

	if (bpf_cpumask_test_cpu(0, p->cpus_ptr))
		scx_bpf_dispatch(p, SCX_DSQ_LOCAL_ON | 0, slice, enq_flags);
	else
		scx_bpf_dispatch(p, SCX_DSQ_LOCAL, slice,
				 enq_flags | (p->flags & KTHREAD ? SCX_ENQ_PREEMPT : 0));
}

bool BPF_STRUCT_OPS(endless_yield, struct task_struct *from, struct task_struct *to)
{
	if (is_called(from, breaker, sizeof(breaker))) {
		broken = true;
		scx_bpf_kick_cpu(1, SCX_KICK_PREEMPT);
	}
	return false;
}

void BPF_STRUCT_OPS(endless_running, struct task_struct *p)
{
	if (broken && is_called(p, endless, sizeof(endless)))
		scx_bpf_kick_cpu(1, SCX_KICK_PREEMPT);
}

void BPF_STRUCT_OPS(endless_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(endless_ops,
	       .select_cpu = (void *)endless_select_cpu,
	       .enqueue = (void *)endless_enqueue,
	       .running = (void *)endless_running,
	       .yield = (void *)endless_yield,
	       .exit = (void *)endless_exit,
	       .timeout_ms = 20000,
	       .name = "endless_slices");
