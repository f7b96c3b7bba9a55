// SPDX-License-Identifier: GPL-2.0
/* Every task that may use CPU 0 goes there, and nowhere else. */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

bool bpf_cpumask_test_cpu(u32 cpu, const struct cpumask *mask) __ksym;

enum { CROWD = 1 };

s32 BPF_STRUCT_OPS_SLEEPABLE(cpu0_init)
{
	return scx_bpf_create_dsq(CROWD, -1);
}

s32 BPF_STRUCT_OPS(cpu0_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return bpf_cpumask_test_cpu(0, p->cpus_ptr) ? 0 : prev_cpu;
}

void BPF_STRUCT_OPS(cpu0_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (bpf_cpumask_test_cpu(0, p->cpus_ptr)) {
		scx_bpf_dispatch(p, CROWD, SCX_SLICE_DFL, enq_flags);
		scx_bpf_kick_cpu(0, SCX_KICK_IDLE);
	} else {
		scx_bpf_dispatch(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, enq_flags);
	}
}

void BPF_STRUCT_OPS(cpu0_dispatch, s32 cpu, struct task_struct *prev)
{
	if (cpu == 0)
		scx_bpf_consume(CROWD);
}

void BPF_STRUCT_OPS(cpu0_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(cpu0_ops,
	       .init = (void *)cpu0_init,
	       .select_cpu = (void *)cpu0_select_cpu,
	       .enqueue = (void *)cpu0_enqueue,
	       .dispatch = (void *)cpu0_dispatch,
	       .exit = (void *)cpu0_exit,
	       .timeout_ms = 30000,
	       .name = "cpu0_only");
