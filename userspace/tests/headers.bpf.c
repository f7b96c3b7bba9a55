// SPDX-License-Identifier: GPL-2.0
/* Uses every macro of the headers, with no argument and with as many as there may be. */
#include <scx/common.bpf.h>
#include <scx/vtime.bpf.h>

char LICENSE[] SEC("license") = "GPL";

void BPF_STRUCT_OPS(all_dump, struct scx_dump_ctx *context)
{
	scx_bpf_dump("no argument\n");
	scx_bpf_dump("twelve: %d %d %d %d %d %d %d %d %d %d %d %d\n", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
		     11, 12);
}

void BPF_STRUCT_OPS(all_tick, struct task_struct *p)
{
	if (vtime_before(p->scx.dsq_vtime, 1))
		scx_bpf_error("%s[%d] ran for %llu", p->comm, p->pid, vtime_charge(1000, 200));
	else
		scx_bpf_exit(7, "done");
}

s32 BPF_STRUCT_OPS_SLEEPABLE(all_init)
{
	return 0;
}

void BPF_STRUCT_OPS(all_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(all_ops, .dump = (void *)all_dump, .tick = (void *)all_tick,
	       .init = (void *)all_init, .exit = (void *)all_exit, .name = "all");
