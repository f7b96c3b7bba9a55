// SPDX-License-Identifier: GPL-2.0
/* Cannot start: its init operation returns an error. */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

enum { NO_MEMORY = 12 };

s32 BPF_STRUCT_OPS_SLEEPABLE(init_init)
{
	return -NO_MEMORY;
}

void BPF_STRUCT_OPS(init_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(init_ops,
	       .init = (void *)init_init,
	       .exit = (void *)init_exit,
	       .name = "init_fails");
