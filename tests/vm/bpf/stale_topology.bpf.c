// SPDX-License-Identifier: GPL-2.0
/* Was made for CPUs as they were before a change that it does not know of. */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

void BPF_STRUCT_OPS(stale_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(stale_ops,
	       .exit = (void *)stale_exit,
	       /* No machine has had so many. */
	       .hotplug_seq = 1ULL << 62,
	       .name = "stale_topology");
