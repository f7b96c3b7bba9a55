// SPDX-License-Identifier: GPL-2.0
/* Each CPU runs its own tasks in turn; one that waits for 8 s is a stall. */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

s32 BPF_STRUCT_OPS(plain_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(plain_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dispatch(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(plain_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(plain_ops,
	       .select_cpu = (void *)plain_select_cpu,
	       .enqueue = (void *)plain_enqueue,
	       .exit = (void *)plain_exit,
	       .timeout_ms = 8000,
	       .name = "plain_local");
