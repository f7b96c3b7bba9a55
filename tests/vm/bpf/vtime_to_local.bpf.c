// SPDX-License-Identifier: GPL-2.0
/* Dispatches by vtime to a local queue, which is always first come, first served. */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

s32 BPF_STRUCT_OPS(local_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(local_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dispatch_vtime(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, p->scx.dsq_vtime, enq_flags);
}

void BPF_STRUCT_OPS(local_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(local_ops,
	       .select_cpu = (void *)local_select_cpu,
	       .enqueue = (void *)local_enqueue,
	       .exit = (void *)local_exit,
	       .name = "vtime_to_local");
