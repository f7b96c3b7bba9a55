/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The operations table of July 2023, the fourth version of the patches that
 * became sched_ext, where it differs from today's in ops.h. Callbacks, members
 * and values are as they were; the types have names of their own, which
 * bpf/include/scx_v4 gives back. Contexts as in ops.h. Readable by C and C++.
 */
#ifndef SCX_ABI_OPS_V4_H
#define SCX_ABI_OPS_V4_H

#include "abi/ops.h"

SCX_ENUM(scx_exit_type_v4, u32) {
	SCX_V4_EXIT_NONE = 0,
	SCX_V4_EXIT_DONE = 1,
	SCX_V4_EXIT_UNREG = 64,		/* by user space */
	SCX_V4_EXIT_SYSRQ = 65,
	SCX_V4_EXIT_ERROR = 1024,	/* from here on: ejected */
	SCX_V4_EXIT_ERROR_BPF = 1025,	/* by scx_bpf_error() */
	SCX_V4_EXIT_ERROR_STALL = 1026,	/* by the watchdog */
};

SCX_ENUM(scx_consts_v4, u32) {
	SCX_V4_EXIT_REASON_LEN = 128,	/* bytes in scx_exit_info_v4::reason */
	SCX_V4_EXIT_BT_LEN = 64,	/* frames in scx_exit_info_v4::bt */
	SCX_V4_EXIT_MSG_LEN = 1024,	/* bytes in scx_exit_info_v4::msg */
};

SCX_ENUM(scx_flags_v4, u64) {
	SCX_V4_ENQ_LOCAL = 1ULL << 42,	/* the local queue of its CPU is a good place */
	SCX_V4_OPS_ALL_FLAGS = SCX_OPS_KEEP_BUILTIN_IDLE | SCX_OPS_ENQ_LAST | SCX_OPS_ENQ_EXITING |
			       SCX_OPS_HAS_CGROUP_WEIGHT,
};

struct scx_exit_info_v4 {
	enum scx_exit_type_v4 type;
	char reason[SCX_V4_EXIT_REASON_LEN];	/* type, in words */
	u32 bt_len;
	unsigned long bt[SCX_V4_EXIT_BT_LEN];	/* innermost first; for errors */
	char msg[SCX_V4_EXIT_MSG_LEN];		/* what exactly, one line */
};

struct scx_enable_args {
	struct cgroup *cgroup;	/* where the task is, or will be */
};

/* Without a comment: as in struct sched_ext_ops. */
struct sched_ext_ops_v4 {
	/* PI. May not dispatch. */
	s32 (*select_cpu)(struct task_struct *p, s32 prev_cpu, u64 wake_flags);
	void (*enqueue)(struct task_struct *p, u64 enq_flags);
	void (*dequeue)(struct task_struct *p, u64 deq_flags);
	void (*dispatch)(s32 cpu, struct task_struct *prev);
	void (*runnable)(struct task_struct *p, u64 enq_flags);
	void (*running)(struct task_struct *p);
	void (*stopping)(struct task_struct *p, bool runnable);
	void (*quiescent)(struct task_struct *p, u64 deq_flags);
	bool (*yield)(struct task_struct *from, struct task_struct *to);
	bool (*core_sched_before)(struct task_struct *a, struct task_struct *b);
	void (*set_weight)(struct task_struct *p, u32 weight);
	void (*set_cpumask)(struct task_struct *p, const struct cpumask *cpumask);
	void (*update_idle)(s32 cpu, bool idle);
	void (*cpu_acquire)(s32 cpu, struct scx_cpu_acquire_args *args);
	void (*cpu_release)(s32 cpu, struct scx_cpu_release_args *args);
	/* Nothing happens to a scheduler without them. */
	void (*cpu_online)(s32 cpu);
	void (*cpu_offline)(s32 cpu);
	/* S. Once per task, on load or fork; failing fails that. */
	s32 (*prep_enable)(struct task_struct *p, struct scx_enable_args *args);
	/* RQ. Once per task, of whatever class, after prep_enable. */
	void (*enable)(struct task_struct *p, struct scx_enable_args *args);
	/* RQ. What was prepared is not enabled after all. */
	void (*cancel_enable)(struct task_struct *p, struct scx_enable_args *args);
	/* RQ. Once per enabled task: it is dead, or the scheduler ends. */
	void (*disable)(struct task_struct *p);
	s32 (*cgroup_init)(struct cgroup *cgrp, struct scx_cgroup_init_args *args);
	void (*cgroup_exit)(struct cgroup *cgrp);
	s32 (*cgroup_prep_move)(struct task_struct *p, struct cgroup *from, struct cgroup *to);
	void (*cgroup_move)(struct task_struct *p, struct cgroup *from, struct cgroup *to);
	void (*cgroup_cancel_move)(struct task_struct *p, struct cgroup *from, struct cgroup *to);
	void (*cgroup_set_weight)(struct cgroup *cgrp, u32 weight);
	/* S. scx_bpf_switch_all() here, or only SCHED_EXT tasks are scheduled. */
	s32 (*init)(void);
	void (*exit)(struct scx_exit_info_v4 *info);

	u32 dispatch_max_batch;
	u64 flags;	/* scx_ops_flags, but SWITCH_PARTIAL */
	u32 timeout_ms;
	char name[SCX_OPS_NAME_LEN];
};

#endif /* SCX_ABI_OPS_V4_H */
