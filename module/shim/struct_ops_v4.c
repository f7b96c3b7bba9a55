// SPDX-License-Identifier: GPL-2.0
/* struct sched_ext_ops_v4 as BPF sees it: the table of July 2023. See struct_ops.c. */
#include <linux/bpf.h>
#include <linux/btf.h>

#include "internal.h"

static int init_member(const struct btf_type *type, const struct btf_member *member, void *kdata,
		       const void *udata)
{
	return scx_entry_take_member_v4(__btf_member_bit_offset(type, member) / 8, udata, kdata);
}

static int check_member(const struct btf_type *type, const struct btf_member *member,
			const struct bpf_prog *prog)
{
	u32 offset = __btf_member_bit_offset(type, member) / 8;

	return prog->sleepable && !scx_entry_op_may_sleep_v4(offset) ? -EINVAL : 0;
}

static int init(struct btf *btf) { return 0; }
static int reg(void *kdata, struct bpf_link *link)
{
	return scx_entry_register_v4(kdata, shim_owner(kdata, link));
}

#define ENABLE	(struct task_struct *p, struct scx_enable_args *args)
#define MOVE	(struct task_struct *p, struct cgroup *from, struct cgroup *to)
#define CALLBACKS_V4(X)								\
	X(s32, select_cpu, (struct task_struct *p, s32 prev_cpu, u64 wake_flags))	\
	X(void, enqueue, (struct task_struct *p, u64 enq_flags))		\
	X(void, dequeue, (struct task_struct *p, u64 deq_flags))		\
	X(void, dispatch, (s32 cpu, struct task_struct *prev__nullable))	\
	X(void, runnable, (struct task_struct *p, u64 enq_flags))		\
	X(void, running, (struct task_struct *p))				\
	X(void, stopping, (struct task_struct *p, bool runnable))		\
	X(void, quiescent, (struct task_struct *p, u64 deq_flags))		\
	X(bool, yield, (struct task_struct *from, struct task_struct *to__nullable))	\
	X(bool, core_sched_before, (struct task_struct *a, struct task_struct *b))	\
	X(void, set_weight, (struct task_struct *p, u32 weight))		\
	X(void, set_cpumask, (struct task_struct *p, const struct cpumask *cpumask))	\
	X(void, update_idle, (s32 cpu, bool idle))				\
	X(void, cpu_acquire, (s32 cpu, struct scx_cpu_acquire_args *args))	\
	X(void, cpu_release, (s32 cpu, struct scx_cpu_release_args *args))	\
	X(void, cpu_online, (s32 cpu))						\
	X(void, cpu_offline, (s32 cpu))						\
	X(s32, prep_enable, ENABLE)						\
	X(void, enable, ENABLE)							\
	X(void, cancel_enable, ENABLE)						\
	X(void, disable, (struct task_struct *p))				\
	X(s32, cgroup_init, (struct cgroup *cgrp, struct scx_cgroup_init_args *args))	\
	X(void, cgroup_exit, (struct cgroup *cgrp))				\
	X(s32, cgroup_prep_move, MOVE)						\
	X(void, cgroup_move, MOVE)						\
	X(void, cgroup_cancel_move, MOVE)					\
	X(void, cgroup_set_weight, (struct cgroup *cgrp, u32 weight))		\
	X(s32, init, (void))							\
	X(void, exit, (struct scx_exit_info_v4 *info))

#define STUB(ret, name, proto)	static ret sched_ext_ops_v4__##name proto { return (ret)0; }
#define MEMBER(ret, name, proto)	.name = sched_ext_ops_v4__##name,

CALLBACKS_V4(STUB)
static struct sched_ext_ops_v4 stubs = { CALLBACKS_V4(MEMBER) };

static struct bpf_struct_ops sched_ext_struct_ops_v4 = {
	.name = "sched_ext_ops_v4",
	.owner = THIS_MODULE,
	.verifier_ops = &shim_verifier_ops,
	.cfi_stubs = &stubs,
	.init = init,
	.init_member = init_member,
	.check_member = check_member,
	.reg = reg,
	.unreg = shim_unreg,
	.update = shim_refuse_update,
	.validate = shim_validate,
};

int shim_struct_ops_v4_register(void)
{
	return register_bpf_struct_ops(&sched_ext_struct_ops_v4, sched_ext_ops_v4);
}
