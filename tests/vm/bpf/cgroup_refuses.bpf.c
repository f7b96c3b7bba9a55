// SPDX-License-Identifier: GPL-2.0
/* Wants no cgroup but the root: loading fails where there is one. */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

enum { INVALID = 22 };

s32 BPF_STRUCT_OPS_SLEEPABLE(refuses_cgroup_init, struct cgroup *cgrp,
			     struct scx_cgroup_init_args *args)
{
	return cgrp->level ? -INVALID : 0;
}

void BPF_STRUCT_OPS(refuses_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(refuses_ops,
	       .cgroup_init = (void *)refuses_cgroup_init,
	       .exit = (void *)refuses_exit,
	       .flags = SCX_OPS_HAS_CGROUP_WEIGHT,
	       .name = "cgroup_refuses");
