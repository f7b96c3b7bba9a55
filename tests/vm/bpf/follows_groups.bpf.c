// SPDX-License-Identifier: GPL-2.0
/*
 * Keeps its own account of cgroups from the callbacks alone: which exist, their weights, how many
 * tasks each has. tests/vm/cases/groups.py compares it with cgroupfs. What contradicts the account
 * ends the scheduler. Tasks called `unmoved` may not move.
 */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

void bpf_cgroup_release(struct cgroup *cgrp) __ksym;

enum { EXITING = 0x4 }; /* PF_EXITING */

struct group {
	u64 weight;
	s64 tasks;
};

/* By cgroup id. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u64);
	__type(value, struct group);
} groups SEC(".maps");

struct member {
	u64 group;
	u64 moving_to; /* 0: does not move. */
};

/* By the task's address: numbers are used again before a task is forgotten. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, u64);
	__type(value, struct member);
} members SEC(".maps");

static struct member *member_of(struct task_struct *p)
{
	u64 key = (u64)p;

	return bpf_map_lookup_elem(&members, &key);
}

static void count(u64 id, s64 change)
{
	struct group *group = bpf_map_lookup_elem(&groups, &id);

	if (group)
		__sync_fetch_and_add(&group->tasks, change);
}

static void join(struct task_struct *p, u64 id)
{
	struct member member = {.group = id};
	u64 key = (u64)p;

	if (!bpf_map_lookup_elem(&groups, &id))
		scx_bpf_error("%s[%d] joins group %llu, which was never announced", p->comm, p->pid, id);
	if (bpf_map_update_elem(&members, &key, &member, BPF_ANY))
		scx_bpf_error("no place for %s[%d]", p->comm, p->pid);
	count(id, 1);
}

s32 BPF_STRUCT_OPS(groups_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	join(p, args->cgroup->kn->id);
	return 0;
}

void BPF_STRUCT_OPS(groups_exit_task, struct task_struct *p, struct scx_exit_task_args *args)
{
	struct member *member = member_of(p);
	u64 key = (u64)p;

	if (!member)
		return;
	count(member->group, -1);
	bpf_map_delete_elem(&members, &key);
}

s32 BPF_STRUCT_OPS(groups_cgroup_init, struct cgroup *cgrp, struct scx_cgroup_init_args *args)
{
	struct group group = {.weight = args->weight};
	u64 id = cgrp->kn->id;

	if (bpf_map_update_elem(&groups, &id, &group, BPF_NOEXIST))
		scx_bpf_error("group %llu is announced a second time", id);
	return 0;
}

void BPF_STRUCT_OPS(groups_cgroup_exit, struct cgroup *cgrp)
{
	u64 id = cgrp->kn->id;

	if (bpf_map_delete_elem(&groups, &id))
		scx_bpf_error("group %llu ends, which was never announced", id);
}

void BPF_STRUCT_OPS(groups_cgroup_set_weight, struct cgroup *cgrp, u32 weight)
{
	u64 id = cgrp->kn->id;
	struct group *group = bpf_map_lookup_elem(&groups, &id);

	if (group)
		group->weight = weight;
	else
		scx_bpf_error("group %llu gets weight %u, but was never announced", id, weight);
}

s32 BPF_STRUCT_OPS(groups_cgroup_prep_move, struct task_struct *p, struct cgroup *from,
		   struct cgroup *to)
{
	static const char unmoved[] = "unmoved";
	struct member *member = member_of(p);

	if (!bpf_strncmp(p->comm, sizeof(unmoved), unmoved))
		return -EPERM;
	if (!member || member->group != from->kn->id || member->moving_to)
		scx_bpf_error("%s[%d] is not in group %llu, which it is to leave", p->comm, p->pid,
			      from->kn->id);
	else
		member->moving_to = to->kn->id;
	return 0;
}

void BPF_STRUCT_OPS(groups_cgroup_move, struct task_struct *p, struct cgroup *from,
		    struct cgroup *to)
{
	struct member *member = member_of(p);

	if (!member || member->group != from->kn->id || member->moving_to != to->kn->id) {
		scx_bpf_error("%s[%d] moves to group %llu, which was not prepared", p->comm, p->pid,
			      to->kn->id);
		return;
	}
	count(member->group, -1);
	count(member->moving_to, 1);
	member->group = member->moving_to;
	member->moving_to = 0;
}

void BPF_STRUCT_OPS(groups_cgroup_cancel_move, struct task_struct *p, struct cgroup *from,
		    struct cgroup *to)
{
	struct member *member = member_of(p);

	if (!member || member->moving_to != to->kn->id)
		scx_bpf_error("%s[%d]: a move that was not prepared is cancelled", p->comm, p->pid);
	else
		member->moving_to = 0;
}

void BPF_STRUCT_OPS(groups_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct cgroup *cgrp = scx_bpf_task_cgroup(p);
	struct member *member = member_of(p);
	u64 id = 0;

	if (cgrp) {
		id = cgrp->kn->id;
		bpf_cgroup_release(cgrp);
	}
	/* Who is about to exit may be in a group that is gone already. */
	if (!(p->flags & EXITING) && (!member || member->group != id))
		scx_bpf_error("%s[%d] is in group %llu, but has moved to %llu", p->comm, p->pid, id,
			      member ? member->group : 0);
	scx_bpf_dispatch(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(groups_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(groups_ops,
	       .init_task = (void *)groups_init_task,
	       .exit_task = (void *)groups_exit_task,
	       .cgroup_init = (void *)groups_cgroup_init,
	       .cgroup_exit = (void *)groups_cgroup_exit,
	       .cgroup_set_weight = (void *)groups_cgroup_set_weight,
	       .cgroup_prep_move = (void *)groups_cgroup_prep_move,
	       .cgroup_move = (void *)groups_cgroup_move,
	       .cgroup_cancel_move = (void *)groups_cgroup_cancel_move,
	       .enqueue = (void *)groups_enqueue,
	       .exit = (void *)groups_exit,
	       .flags = SCX_OPS_HAS_CGROUP_WEIGHT,
	       .timeout_ms = 10000,
	       .name = "follows_groups");
