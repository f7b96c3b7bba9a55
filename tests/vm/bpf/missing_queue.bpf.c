// SPDX-License-Identifier: GPL-2.0
/* Dispatches to a queue that nobody created. */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

enum { NO_SUCH_QUEUE = 0xbad };

s32 BPF_STRUCT_OPS(missing_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(missing_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dispatch(p, NO_SUCH_QUEUE, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(missing_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(missing_ops,
	       .select_cpu = (void *)missing_select_cpu,
	       .enqueue = (void *)missing_enqueue,
	       .exit = (void *)missing_exit,
	       .name = "missing_queue");
