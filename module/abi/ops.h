/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The API of BPF schedulers: enumerations, arguments, and the operations
 * table. Names, values and layouts are upstream's of 6.12; BPF programs find
 * them in this module's BTF. Readable by C and C++.
 *
 * Contexts of the callbacks below: PI = the task's pi_lock is held, interrupts
 * off. RQ = a runqueue lock is held, interrupts off. S = may sleep.
 */
#ifndef SCX_ABI_OPS_H
#define SCX_ABI_OPS_H

#include "abi/types.h"

#ifdef __cplusplus
#define SCX_ENUM(name, type) enum name : type
#else
#define SCX_ENUM(name, type) enum name
#endif

SCX_ENUM(scx_consts, u32) {
	SCX_DSP_DFL_MAX_BATCH = 32,	/* tasks one ops.dispatch() may buffer */
	SCX_DSP_MAX_LOOPS = 32,		/* ops.dispatch() calls per balance */
	SCX_EXIT_BT_LEN = 64,		/* frames in scx_exit_info::bt */
	SCX_EXIT_MSG_LEN = 1024,	/* bytes in scx_exit_info::msg */
	SCX_EXIT_DUMP_DFL_LEN = 32768,	/* bytes in scx_exit_info::dump */
	SCX_CPUPERF_ONE = 1024,		/* full performance of a CPU */
	SCX_OPS_TASK_ITER_BATCH = 32,	/* tasks visited per lock hold */
};

SCX_ENUM(scx_exit_kind, u32) {
	SCX_EXIT_NONE = 0,
	SCX_EXIT_DONE = 1,
	SCX_EXIT_UNREG = 64,		/* by user space */
	SCX_EXIT_UNREG_BPF = 65,	/* by scx_bpf_exit() */
	SCX_EXIT_UNREG_KERN = 66,	/* by the kernel, see scx_exit_code */
	SCX_EXIT_SYSRQ = 67,
	SCX_EXIT_ERROR = 1024,		/* from here on: ejected */
	SCX_EXIT_ERROR_BPF = 1025,	/* by scx_bpf_error() */
	SCX_EXIT_ERROR_STALL = 1026,	/* by the watchdog */
};

/* Bits 63..48: what to do. 47..32: why. 31..0: the scheduler's own. */
SCX_ENUM(scx_exit_code, u64) {
	SCX_ECODE_RSN_HOTPLUG = 1ULL << 32,
	SCX_ECODE_ACT_RESTART = 1ULL << 48,
};

SCX_ENUM(scx_ops_flags, u64) {
	SCX_OPS_KEEP_BUILTIN_IDLE = 1ULL << 0,	/* despite ops.update_idle() */
	SCX_OPS_ENQ_LAST = 1ULL << 1,		/* ask before keeping a CPU's only task */
	SCX_OPS_ENQ_EXITING = 1ULL << 2,	/* enqueue exiting tasks too */
	SCX_OPS_SWITCH_PARTIAL = 1ULL << 3,	/* only tasks of policy SCHED_EXT */
	SCX_OPS_HAS_CGROUP_WEIGHT = 1ULL << 16,
	SCX_OPS_ALL_FLAGS = SCX_OPS_KEEP_BUILTIN_IDLE | SCX_OPS_ENQ_LAST | SCX_OPS_ENQ_EXITING |
			    SCX_OPS_SWITCH_PARTIAL | SCX_OPS_HAS_CGROUP_WEIGHT,
};

SCX_ENUM(scx_wake_flags, u32) {
	SCX_WAKE_FORK = 0x04,
	SCX_WAKE_TTWU = 0x08,
	SCX_WAKE_SYNC = 0x10,	/* the waker is about to sleep */
};

SCX_ENUM(scx_enq_flags, u64) {
	SCX_ENQ_WAKEUP = 0x01,
	SCX_ENQ_HEAD = 0x10,
	SCX_ENQ_CPU_SELECTED = 0x400,	/* ops.select_cpu() was called */
	SCX_ENQ_PREEMPT = 1ULL << 32,	/* on a local queue: end the current slice */
	SCX_ENQ_REENQ = 1ULL << 40,	/* back from scx_bpf_reenqueue_local() */
	SCX_ENQ_LAST = 1ULL << 41,	/* the CPU has nothing else to run */
	__SCX_ENQ_INTERNAL_MASK = 0xffULL << 56,
	SCX_ENQ_CLEAR_OPSS = 1ULL << 56,	/* internal: ends QUEUEING or DISPATCHING */
	SCX_ENQ_DSQ_PRIQ = 1ULL << 57,		/* internal: order by vtime */
};

SCX_ENUM(scx_deq_flags, u64) {
	SCX_DEQ_SLEEP = 0x01,
	SCX_DEQ_CORE_SCHED_EXEC = 1ULL << 32,	/* core scheduling runs it undispatched */
};

SCX_ENUM(scx_pick_idle_cpu_flags, u64) {
	SCX_PICK_IDLE_CORE = 1ULL << 0,	/* all SMT siblings idle as well */
};

SCX_ENUM(scx_kick_flags, u64) {
	SCX_KICK_IDLE = 1ULL << 0,	/* only if idle */
	SCX_KICK_PREEMPT = 1ULL << 1,	/* end the current slice */
	SCX_KICK_WAIT = 1ULL << 2,	/* wait until the CPU has rescheduled */
};

SCX_ENUM(scx_ops_enable_state, u32) {
	SCX_OPS_ENABLING,
	SCX_OPS_ENABLED,
	SCX_OPS_DISABLING,
	SCX_OPS_DISABLED,
};

/* Who owns a task. Bits 1..0 of sched_ext_entity::ops_state; above: qseq. */
SCX_ENUM(scx_ops_state, u64) {
	SCX_OPSS_NONE,		/* the core */
	SCX_OPSS_QUEUEING,	/* on the way to the BPF side, runqueue lock held */
	SCX_OPSS_QUEUED,	/* the BPF side */
	SCX_OPSS_DISPATCHING,	/* on the way back */
	SCX_OPSS_QSEQ_SHIFT = 2,
};

SCX_ENUM(scx_dsq_iter_flags, u32) {
	SCX_DSQ_ITER_REV = 1U << 16,	/* last task first */
	__SCX_DSQ_ITER_HAS_SLICE = 1U << 30,
	__SCX_DSQ_ITER_HAS_VTIME = 1U << 31,
};

SCX_ENUM(scx_cpu_preempt_reason, u32) {
	SCX_CPU_PREEMPT_RT,
	SCX_CPU_PREEMPT_DL,
	SCX_CPU_PREEMPT_STOP,
	SCX_CPU_PREEMPT_UNKNOWN,
};

/* Why a scheduler ended; the strings live until ops.exit() has returned. */
struct scx_exit_info {
	enum scx_exit_kind kind;
	s64 exit_code;		/* scx_exit_code, or what scx_bpf_exit() was given */
	const char *reason;	/* kind, in words */
	unsigned long *bt;	/* addresses, innermost first; for errors */
	u32 bt_len;
	char *msg;		/* what exactly, one line */
	char *dump;		/* the scheduler's state; for errors */
};

struct scx_init_task_args {
	bool fork;		/* else: a scheduler is being loaded */
	struct cgroup *cgroup;	/* where the task is, or will be */
};

struct scx_exit_task_args {
	bool cancelled;		/* the task never ran under this scheduler */
};

struct scx_cgroup_init_args {
	u32 weight;		/* 1..10000, 100 is normal */
};

struct scx_cpu_acquire_args {};

struct scx_cpu_release_args {
	enum scx_cpu_preempt_reason reason;
	struct task_struct *task;	/* about to run instead */
};

struct scx_dump_ctx {
	/* Why, as in scx_exit_info; SCX_EXIT_NONE for a dump on request. */
	enum scx_exit_kind kind;
	s64 exit_code;
	const char *reason;
	/* When. */
	u64 at_ns;		/* CLOCK_MONOTONIC */
	u64 at_jiffies;
};

/* What a kfunc of more than five arguments takes, under the names of later kernels. */
struct scx_bpf_dsq_insert_vtime_args {
	u64 dsq_id;
	u64 slice;
	u64 vtime;
	u64 enq_flags;
};

struct scx_bpf_select_cpu_and_args {
	s32 prev_cpu;
	u64 wake_flags;
	u64 flags;	/* scx_pick_idle_cpu_flags */
};

/*
 * What happens rarely, counted since the scheduler was loaded: its core/events.hpp says when.
 * ENQ_SKIP_MIGRATION_DISABLED stays 0, because 6.12 asks the scheduler about such tasks too.
 */
#define SCX_EVENTS(X)											\
	X(SCX_EV_SELECT_CPU_FALLBACK) X(SCX_EV_DISPATCH_LOCAL_DSQ_OFFLINE)				\
	X(SCX_EV_DISPATCH_KEEP_LAST) X(SCX_EV_ENQ_SKIP_EXITING)						\
	X(SCX_EV_ENQ_SKIP_MIGRATION_DISABLED) X(SCX_EV_REFILL_SLICE_DFL)				\
	X(SCX_EV_BYPASS_DURATION) X(SCX_EV_BYPASS_DISPATCH) X(SCX_EV_BYPASS_ACTIVATE)			\
	X(SCX_EV_INSERT_NOT_OWNED)
#define SCX_EVENT_MEMBER(name)	s64 name;
struct scx_event_stats { SCX_EVENTS(SCX_EVENT_MEMBER) };

/* What BPF programs hold of an iterator; the real one is core/dsq_iterator.hpp. */
struct bpf_iter_scx_dsq {
	u64 __opaque[6];
} __attribute__((aligned(8)));

/*
 * The table a BPF scheduler fills in. Only `name` must be given. Callbacks
 * return 0 or -errno where they return s32, unless said otherwise.
 */
struct sched_ext_ops {
	/* PI. The CPU for a waking task, a hint; may dispatch the task directly. */
	s32 (*select_cpu)(struct task_struct *p, s32 prev_cpu, u64 wake_flags);
	/* RQ. Dispatch @p directly, or own it until it is dispatched. */
	void (*enqueue)(struct task_struct *p, u64 enq_flags);
	/* RQ. @p leaves the BPF side without being dispatched. */
	void (*dequeue)(struct task_struct *p, u64 deq_flags);
	/* RQ. The local queue of @cpu is empty; @prev, or NULL, ran there. */
	void (*dispatch)(s32 cpu, struct task_struct *prev);
	/* RQ. Every timer tick of a CPU that runs @p. */
	void (*tick)(struct task_struct *p);
	/* RQ. @p can run, starts, stops, cannot run any longer: in this order. */
	void (*runnable)(struct task_struct *p, u64 enq_flags);
	void (*running)(struct task_struct *p);
	void (*stopping)(struct task_struct *p, bool runnable);
	void (*quiescent)(struct task_struct *p, u64 deq_flags);
	/* RQ. @from gives way, to @to if not NULL; true if that was done. */
	bool (*yield)(struct task_struct *from, struct task_struct *to);
	/* RQ of the core. Whether @a should run before @b. */
	bool (*core_sched_before)(struct task_struct *a, struct task_struct *b);
	/* RQ. Weight 1..10000, 100 is nice 0; on enable and on change. */
	void (*set_weight)(struct task_struct *p, u32 weight);
	/* RQ and PI. The CPUs @p may use now. */
	void (*set_cpumask)(struct task_struct *p, const struct cpumask *cpumask);
	/* RQ. Replaces the built-in idle tracking unless KEEP_BUILTIN_IDLE. */
	void (*update_idle)(s32 cpu, bool idle);
	/* RQ. A higher class gave @cpu back, or takes it. */
	void (*cpu_acquire)(s32 cpu, struct scx_cpu_acquire_args *args);
	void (*cpu_release)(s32 cpu, struct scx_cpu_release_args *args);
	/* S. Once per task, before anything else; failing fails the fork or load. */
	s32 (*init_task)(struct task_struct *p, struct scx_init_task_args *args);
	/* RQ. Once per initialised task, after everything else. */
	void (*exit_task)(struct task_struct *p, struct scx_exit_task_args *args);
	/* RQ. @p enters or leaves the class; always in pairs. */
	void (*enable)(struct task_struct *p);
	void (*disable)(struct task_struct *p);
	/* Interrupts off. Write with scx_bpf_dump(); @idle CPUs may stay silent. */
	void (*dump)(struct scx_dump_ctx *ctx);
	void (*dump_cpu)(struct scx_dump_ctx *ctx, s32 cpu, bool idle);
	void (*dump_task)(struct scx_dump_ctx *ctx, struct task_struct *p);
	/* S. A group comes, on load or mkdir; goes, on unload or rmdir. */
	s32 (*cgroup_init)(struct cgroup *cgrp, struct scx_cgroup_init_args *args);
	void (*cgroup_exit)(struct cgroup *cgrp);
	/* S. Before a move; failing refuses it. Pairs with one of the next two. */
	s32 (*cgroup_prep_move)(struct task_struct *p, struct cgroup *from, struct cgroup *to);
	/* RQ. The move is done. */
	void (*cgroup_move)(struct task_struct *p, struct cgroup *from, struct cgroup *to);
	/* S. The move is called off. */
	void (*cgroup_cancel_move)(struct task_struct *p, struct cgroup *from, struct cgroup *to);
	/* cpu.weight changed: 1..10000. */
	void (*cgroup_set_weight)(struct cgroup *cgrp, u32 weight);
	/* S. CPU hotplug; a scheduler without the callback is asked to restart. */
	void (*cpu_online)(s32 cpu);
	void (*cpu_offline)(s32 cpu);
	/* S. First and last call; exit follows a failed init too. */
	s32 (*init)(void);
	void (*exit)(struct scx_exit_info *info);

	u32 dispatch_max_batch;	/* 0: SCX_DSP_DFL_MAX_BATCH */
	u64 flags;		/* scx_ops_flags */
	u32 timeout_ms;		/* how long a runnable task may wait; 0: 30000, the most */
	u32 exit_dump_len;	/* bytes; 0: SCX_EXIT_DUMP_DFL_LEN */
	u64 hotplug_seq;	/* refuse to load if it has moved on; 0: do not check */
	char name[SCX_OPS_NAME_LEN];	/* letters, digits, '_' and '.' */
};

#endif /* SCX_ABI_OPS_H */
