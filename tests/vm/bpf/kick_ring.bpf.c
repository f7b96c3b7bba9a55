// SPDX-License-Identifier: GPL-2.0
/* Three CPUs in a ring: each kicks the next one and waits for it at every dispatch. */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

enum { RING = 3 };

s32 BPF_STRUCT_OPS(ring_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(ring_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dispatch(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(ring_dispatch, s32 cpu, struct task_struct *prev)
{
	if (cpu >= 0 && cpu < RING)
		scx_bpf_kick_cpu((cpu + 1) % RING, SCX_KICK_PREEMPT | SCX_KICK_WAIT);
}

void BPF_STRUCT_OPS(ring_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(ring_ops,
	       .select_cpu = (void *)ring_select_cpu,
	       .enqueue = (void *)ring_enqueue,
	       .dispatch = (void *)ring_dispatch,
	       .exit = (void *)ring_exit,
	       .timeout_ms = 10000,
	       .name = "kick_ring");
