// SPDX-License-Identifier: GPL-2.0
/* Works for a while, then declares itself broken. */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

enum { ENQUEUES_UNTIL_ERROR = 100 };

static u64 enqueues;

s32 BPF_STRUCT_OPS(reports_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(reports_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (__sync_fetch_and_add(&enqueues, 1) == ENQUEUES_UNTIL_ERROR)
		scx_bpf_error("enough after %d enqueues, %s", ENQUEUES_UNTIL_ERROR, "says the test");
	scx_bpf_dispatch(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(reports_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(reports_ops,
	       .select_cpu = (void *)reports_select_cpu,
	       .enqueue = (void *)reports_enqueue,
	       .exit = (void *)reports_exit,
	       .name = "reports_error");
