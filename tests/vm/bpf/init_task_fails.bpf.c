// SPDX-License-Identifier: GPL-2.0
/* Refuses one task, the one called `unwanted`, among those that exist when it is loaded. */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

enum { NO_MEMORY = 12 };

static const char refused[] = "unwanted";

s32 BPF_STRUCT_OPS_SLEEPABLE(refusing_init_task, struct task_struct *p,
			     struct scx_init_task_args *args)
{
	return bpf_strncmp(p->comm, sizeof(refused), refused) ? 0 : -NO_MEMORY;
}

void BPF_STRUCT_OPS(refusing_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(refusing_ops,
	       .init_task = (void *)refusing_init_task,
	       .exit = (void *)refusing_exit,
	       .name = "init_task_fails");
