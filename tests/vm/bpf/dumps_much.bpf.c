// SPDX-License-Identifier: GPL-2.0
/*
 * Ends when a task called `errs` runs, and has room for a dump of 4 MiB. Short slices: thousands of
 * tasks on a CPU shall each have run before the watchdog asks.
 */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

void BPF_STRUCT_OPS(dumps_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dispatch(p, SCX_DSQ_LOCAL, 1000000, enq_flags);
}

void BPF_STRUCT_OPS(dumps_running, struct task_struct *p)
{
	static const char wanted[] = "errs";

	if (!bpf_strncmp(p->comm, sizeof(wanted), wanted))
		scx_bpf_error("%s[%d] wants a dump", p->comm, p->pid);
}

void BPF_STRUCT_OPS(dumps_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(dumps_ops,
	       .enqueue = (void *)dumps_enqueue,
	       .running = (void *)dumps_running,
	       .exit = (void *)dumps_exit,
	       .exit_dump_len = 4 << 20,
	       .timeout_ms = 30000,
	       .name = "dumps_much");
