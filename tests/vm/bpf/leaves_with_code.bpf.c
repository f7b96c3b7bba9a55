// SPDX-License-Identifier: GPL-2.0
/* Works for a while, then leaves in good order with a code of its own. */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

enum { ENQUEUES_UNTIL_EXIT = 100, EXIT_CODE = 42 };

static u64 enqueues;

s32 BPF_STRUCT_OPS(leaves_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(leaves_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (__sync_fetch_and_add(&enqueues, 1) == ENQUEUES_UNTIL_EXIT)
		scx_bpf_exit(EXIT_CODE, "done after %d enqueues", ENQUEUES_UNTIL_EXIT);
	scx_bpf_dispatch(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(leaves_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(leaves_ops,
	       .select_cpu = (void *)leaves_select_cpu,
	       .enqueue = (void *)leaves_enqueue,
	       .exit = (void *)leaves_exit,
	       .name = "leaves_with_code");
