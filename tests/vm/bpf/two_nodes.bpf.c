// SPDX-License-Identifier: GPL-2.0
/*
 * Everything goes through the built-in global queue, and every CPU is told of it. The kernel has a
 * global queue for each memory node: a task that only the global queue moves stays on its node.
 * CPUs 0 and 1 are node 0, 2 and 3 node 1. Tasks called `home0` and `home1` may run anywhere; one of
 * them on the other node ends the scheduler.
 */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

enum { CPUS_OF_NODE = 2 };

s32 BPF_STRUCT_OPS(nodes_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(nodes_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 cpu;

	scx_bpf_dispatch(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL / 4, enq_flags);
	bpf_for(cpu, 0, (s32)scx_bpf_nr_cpu_ids())
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

void BPF_STRUCT_OPS(nodes_running, struct task_struct *p)
{
	static const char home0[] = "home0";
	static const char home1[] = "home1";
	s32 cpu = scx_bpf_task_cpu(p);

	if (cpu >= CPUS_OF_NODE && !bpf_strncmp(p->comm, sizeof(home0), home0))
		scx_bpf_error("CPU %d runs a task of node 0", cpu);
	if (cpu < CPUS_OF_NODE && !bpf_strncmp(p->comm, sizeof(home1), home1))
		scx_bpf_error("CPU %d runs a task of node 1", cpu);
}

void BPF_STRUCT_OPS(nodes_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(nodes_ops,
	       .select_cpu = (void *)nodes_select_cpu,
	       .enqueue = (void *)nodes_enqueue,
	       .running = (void *)nodes_running,
	       .exit = (void *)nodes_exit,
	       .timeout_ms = 10000,
	       .name = "two_nodes");
