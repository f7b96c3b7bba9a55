// SPDX-License-Identifier: GPL-2.0
/* Objects to an exit_task for a task of a cgroup after that cgroup's cgroup_exit. */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u64);
	__type(value, u64);
} gone SEC(".maps");

void bpf_cgroup_release(struct cgroup *cgrp) __ksym;

void BPF_STRUCT_OPS(late_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dispatch(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(late_cgroup_exit, struct cgroup *cgrp)
{
	u64 id = cgrp->kn->id, one = 1;

	bpf_map_update_elem(&gone, &id, &one, BPF_ANY);
}

void BPF_STRUCT_OPS(late_exit_task, struct task_struct *p, struct scx_exit_task_args *args)
{
	struct cgroup *cgrp = scx_bpf_task_cgroup(p);
	u64 id;

	if (!cgrp)
		return;
	id = cgrp->kn->id;
	bpf_cgroup_release(cgrp);
	if (bpf_map_lookup_elem(&gone, &id))
		scx_bpf_error("exit_task of %s[%d] came after the cgroup_exit of its cgroup",
			      p->comm, p->pid);
}

void BPF_STRUCT_OPS(late_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(late_ops,
	       .enqueue = (void *)late_enqueue,
	       .cgroup_exit = (void *)late_cgroup_exit,
	       .exit_task = (void *)late_exit_task,
	       .exit = (void *)late_exit,
	       .flags = SCX_OPS_HAS_CGROUP_WEIGHT,
	       .name = "late_exit_task");
