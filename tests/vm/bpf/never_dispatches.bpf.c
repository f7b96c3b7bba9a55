// SPDX-License-Identifier: GPL-2.0
/* Takes every task and gives none back: the watchdog must notice. */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

s32 BPF_STRUCT_OPS(never_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(never_enqueue, struct task_struct *p, u64 enq_flags)
{
}

void BPF_STRUCT_OPS(never_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(never_ops,
	       .select_cpu = (void *)never_select_cpu,
	       .enqueue = (void *)never_enqueue,
	       .exit = (void *)never_exit,
	       .timeout_ms = 2000,
	       .name = "never_dispatches");
