// SPDX-License-Identifier: GPL-2.0
/*
 * struct sched_ext_ops as BPF sees it: what programs may read and write, which
 * values user space may give, and where a filled-in table goes.
 */
#include <linux/bpf.h>
#include <linux/bpf_verifier.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>

#include "internal.h"

/* What the module was built for: the kernel's identifiers and sizes of these types. */
#define KERNEL_TYPES(X)	X(task_struct) X(rq) X(scx_rq) X(scx_dispatch_q) X(task_group)		\
			X(sched_class) X(rq_flags) X(affinity_context) X(sched_ext_hooks)
#define TYPE_ID(name)	BTF_ID(struct, name)
#define TYPE_SIZE(name)	sizeof(struct name),

BTF_ID_LIST(type_ids)
KERNEL_TYPES(TYPE_ID)
static const u32 type_sizes[] = { KERNEL_TYPES(TYPE_SIZE) };
static const struct btf_type *task_struct_type;

/* ---- Verifier ---- */
#define WITHIN(member)	(off >= offsetof(struct task_struct, member) &&		\
			 off + size <= offsetofend(struct task_struct, member))

/*
 * A program's attach type is the number of its member here, and that of
 * cgroup_init is the value that tracepoints have, whose arguments the kernel
 * takes for nullable where a module defines them.
 */
static bool may_read(int off, int size, enum bpf_access_type type, const struct bpf_prog *prog,
		     struct bpf_insn_access_aux *info)
{
	bool valid = bpf_tracing_btf_ctx_access(off, size, type, prog, info);

	if (prog->expected_attach_type == BPF_TRACE_RAW_TP)
		info->reg_type &= ~PTR_MAYBE_NULL;
	return valid;
}

static int may_write(struct bpf_verifier_log *log, const struct bpf_reg_state *reg, int off,
		     int size)
{
	if (btf_type_by_id(reg->btf, reg->btf_id) != task_struct_type)
		return -EACCES;
	return WITHIN(scx.slice) || WITHIN(scx.dsq_vtime) || WITHIN(scx.disallow) ?
	       SCALAR_VALUE : -EACCES;
}

static const struct bpf_func_proto *func_proto(enum bpf_func_id id, const struct bpf_prog *prog)
{
	return id == BPF_FUNC_task_storage_get ? &bpf_task_storage_get_proto :
	       id == BPF_FUNC_task_storage_delete ? &bpf_task_storage_delete_proto :
	       bpf_base_func_proto(id, prog);
}

const struct bpf_verifier_ops shim_verifier_ops = {
	.get_func_proto = func_proto,
	.is_valid_access = may_read,
	.btf_struct_access = may_write,
};

/* ---- What user space gives ---- */
static int init_member(const struct btf_type *type, const struct btf_member *member, void *kdata,
		       const void *udata)
{
	return scx_entry_take_member(__btf_member_bit_offset(type, member) / 8, udata, kdata);
}

static int check_member(const struct btf_type *type, const struct btf_member *member,
			const struct bpf_prog *prog)
{
	u32 offset = __btf_member_bit_offset(type, member) / 8;

	return prog->sleepable && !scx_entry_op_may_sleep(offset) ? -EINVAL : 0;
}

static int reg(void *kdata, struct bpf_link *link)
{
	return scx_entry_register(kdata, shim_owner(kdata, link));
}

void shim_unreg(void *kdata, struct bpf_link *link)
{
	scx_entry_unregister(shim_owner(kdata, link));
}

int shim_validate(void *kdata) { return 0; }

/* A scheduler that is loaded cannot be swapped: loading may fail at any task. */
int shim_refuse_update(void *kdata, void *old_kdata, struct bpf_link *link)
{
	return -EOPNOTSUPP;
}

/* ---- Stubs: the prototypes, and which arguments may be NULL ---- */
#define MOVE	(struct task_struct *p, struct cgroup *from, struct cgroup *to)
#define CALLBACKS(X)								\
	X(s32, select_cpu, (struct task_struct *p, s32 prev_cpu, u64 wake_flags))	\
	X(void, enqueue, (struct task_struct *p, u64 enq_flags))		\
	X(void, dequeue, (struct task_struct *p, u64 deq_flags))		\
	X(void, dispatch, (s32 cpu, struct task_struct *prev__nullable))	\
	X(void, tick, (struct task_struct *p))					\
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
	X(s32, init_task, (struct task_struct *p, struct scx_init_task_args *args))	\
	X(void, exit_task, (struct task_struct *p, struct scx_exit_task_args *args))	\
	X(void, enable, (struct task_struct *p))				\
	X(void, disable, (struct task_struct *p))				\
	X(void, dump, (struct scx_dump_ctx *ctx))				\
	X(void, dump_cpu, (struct scx_dump_ctx *ctx, s32 cpu, bool idle))	\
	X(void, dump_task, (struct scx_dump_ctx *ctx, struct task_struct *p))	\
	X(s32, cgroup_init, (struct cgroup *cgrp, struct scx_cgroup_init_args *args))	\
	X(void, cgroup_exit, (struct cgroup *cgrp))				\
	X(s32, cgroup_prep_move, MOVE)						\
	X(void, cgroup_move, MOVE)						\
	X(void, cgroup_cancel_move, MOVE)					\
	X(void, cgroup_set_weight, (struct cgroup *cgrp, u32 weight))		\
	X(void, cpu_online, (s32 cpu))						\
	X(void, cpu_offline, (s32 cpu))						\
	X(s32, init, (void))							\
	X(void, exit, (struct scx_exit_info *info))

#define STUB(ret, name, proto)	static ret sched_ext_ops__##name proto { return (ret)0; }
#define MEMBER(ret, name, proto)	.name = sched_ext_ops__##name,

CALLBACKS(STUB)
static struct sched_ext_ops stubs = { CALLBACKS(MEMBER) };

/* Called if the kernel took the module's BTF; else registering says that all is well. */
static int registered = -ENODEV;

static int check_types(struct btf *btf)
{
	registered = 0;
	task_struct_type = btf_type_by_id(btf, type_ids[0]);
	for (size_t i = 0; i < ARRAY_SIZE(type_sizes); i++) {
		const struct btf_type *type = btf_type_by_id(btf, type_ids[i]);

		if (!type || type->size != type_sizes[i])
			registered = -ENOEXEC;
	}
	return 0;
}

static struct bpf_struct_ops sched_ext_struct_ops = {
	.name = "sched_ext_ops",
	.owner = THIS_MODULE,
	.verifier_ops = &shim_verifier_ops,
	.cfi_stubs = &stubs,
	.init = check_types,
	.init_member = init_member,
	.check_member = check_member,
	.reg = reg,
	.unreg = shim_unreg,
	.update = shim_refuse_update,
	.validate = shim_validate,
};

/* One value of each enumeration that BPF programs and their loaders look up. */
static void keep_enumerations_in_btf(void)
{
#define KEEP(value)	BTF_TYPE_EMIT_ENUM(value)
	/* The kernel's. */
	KEEP(SCX_SLICE_DFL), KEEP(SCX_DSQ_GLOBAL), KEEP(SCX_TASK_QUEUED), KEEP(SCX_TASK_NONE);
	KEEP(SCX_TASK_DSQ_ON_PRIQ), KEEP(SCX_KF_UNLOCKED), KEEP(SCX_DSQ_LNODE_ITER_CURSOR);
	KEEP(SCX_RQ_ONLINE), KEEP(SCX_TG_ONLINE);
	/* The module's. */
	KEEP(SCX_DSP_MAX_LOOPS), KEEP(SCX_EXIT_NONE), KEEP(SCX_ECODE_ACT_RESTART);
	KEEP(SCX_OPS_ENQ_LAST), KEEP(SCX_WAKE_SYNC), KEEP(SCX_ENQ_WAKEUP), KEEP(SCX_DEQ_SLEEP);
	KEEP(SCX_PICK_IDLE_CORE), KEEP(SCX_KICK_IDLE), KEEP(SCX_OPS_ENABLED), KEEP(SCX_OPSS_NONE);
	KEEP(SCX_DSQ_ITER_REV), KEEP(SCX_CPU_PREEMPT_RT), KEEP(SCX_V4_EXIT_NONE);
	KEEP(SCX_V4_EXIT_REASON_LEN), KEEP(SCX_V4_ENQ_LOCAL);
}

int shim_struct_ops_register(void)
{
	keep_enumerations_in_btf();
	return register_bpf_struct_ops(&sched_ext_struct_ops, sched_ext_ops) ?: registered ?:
	       shim_struct_ops_v4_register();
}
