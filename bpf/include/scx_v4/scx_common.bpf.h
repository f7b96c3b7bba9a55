/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For BPF halves written to the API of July 2023: the one header that they
 * include, found with -I bpf/include/scx_v4 (vmlinux.h and libbpf's headers
 * must be found, too). docs/api-2023.md says what carries over.
 *
 * The names are those of 2023. Where today's kernel or module means something
 * else by one, it stands here for what has the old meaning.
 */
#ifndef SCX_V4_COMMON_BPF_H
#define SCX_V4_COMMON_BPF_H

#ifndef BPF_NO_KFUNC_PROTOTYPES
#define BPF_NO_KFUNC_PROTOTYPES
#endif

#include <vmlinux.h>

#include <asm-generic/errno.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "../scx/language.bpf.h"
#include "../scx/kernel_kfuncs.bpf.h"
#include "../scx/pointers.bpf.h"
#include "../scx/report.bpf.h"

/* ---- Types ---- */
#define sched_ext_ops sched_ext_ops_v4
#define scx_exit_info scx_exit_info_v4
#define scx_exit_type scx_exit_type_v4

/* ---- Values that differ from today's ---- */
#define SCX_EXIT_NONE		SCX_V4_EXIT_NONE
#define SCX_EXIT_DONE		SCX_V4_EXIT_DONE
#define SCX_EXIT_UNREG		SCX_V4_EXIT_UNREG
#define SCX_EXIT_SYSRQ		SCX_V4_EXIT_SYSRQ
#define SCX_EXIT_ERROR		SCX_V4_EXIT_ERROR
#define SCX_EXIT_ERROR_BPF	SCX_V4_EXIT_ERROR_BPF
#define SCX_EXIT_ERROR_STALL	SCX_V4_EXIT_ERROR_STALL

#define SCX_EXIT_REASON_LEN	SCX_V4_EXIT_REASON_LEN
#define SCX_EXIT_BT_LEN		SCX_V4_EXIT_BT_LEN
#define SCX_EXIT_MSG_LEN	SCX_V4_EXIT_MSG_LEN

#define SCX_ENQ_LOCAL		SCX_V4_ENQ_LOCAL
/* Weights always reach the scheduler, and the files of the cgroups stay. */
#define SCX_OPS_CGROUP_KNOB_WEIGHT SCX_OPS_HAS_CGROUP_WEIGHT

enum scx_v4_wake_flags {
	SCX_WAKE_EXEC = 0x2,	/* of 2023; no wakeup has it today */
};

enum scx_v4_enable_state {
	SCX_V4_OPS_PREPPING,
	SCX_V4_OPS_ENABLING,
	SCX_V4_OPS_ENABLED,
	SCX_V4_OPS_DISABLING,
	SCX_V4_OPS_DISABLED,
};
#define scx_ops_enable_state	scx_v4_enable_state
#define SCX_OPS_PREPPING	SCX_V4_OPS_PREPPING
#define SCX_OPS_ENABLING	SCX_V4_OPS_ENABLING
#define SCX_OPS_ENABLED		SCX_V4_OPS_ENABLED
#define SCX_OPS_DISABLING	SCX_V4_OPS_DISABLING
#define SCX_OPS_DISABLED	SCX_V4_OPS_DISABLED

enum scx_v4_kick_flags {
	SCX_V4_KICK_PREEMPT = 1 << 0,
	SCX_V4_KICK_WAIT = 1 << 1,
};

/* ---- Functions ---- */

/* From init alone: all tasks, not only those of policy SCHED_EXT. */
void scx_bpf_switch_all(void) __ksym;

s32 scx_bpf_create_dsq(u64 dsq_id, s32 node) __ksym;
void scx_bpf_destroy_dsq(u64 dsq_id) __ksym;
s32 scx_bpf_dsq_nr_queued(u64 dsq_id) __ksym;

/* From enqueue and dispatch; not from select_cpu. */
void scx_bpf_dispatch(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags) __ksym;
void scx_bpf_dispatch_vtime(struct task_struct *p, u64 dsq_id, u64 slice, u64 vtime,
			    u64 enq_flags) __ksym;
u32 scx_bpf_dispatch_nr_slots(void) __ksym;
bool scx_bpf_consume(u64 dsq_id) __ksym;
u32 scx_bpf_reenqueue_local(void) __ksym;

bool scx_bpf_test_and_clear_cpu_idle(s32 cpu) __ksym;
s32 scx_bpf_pick_idle_cpu(const struct cpumask *cpus_allowed, u64 flags) __ksym;
s32 scx_bpf_pick_any_cpu(const struct cpumask *cpus_allowed, u64 flags) __ksym;
const struct cpumask *scx_bpf_get_idle_cpumask(void) __ksym;
const struct cpumask *scx_bpf_get_idle_smtmask(void) __ksym;
void scx_bpf_put_idle_cpumask(const struct cpumask *cpumask) __ksym;

bool scx_bpf_task_running(const struct task_struct *p) __ksym;
s32 scx_bpf_task_cpu(const struct task_struct *p) __ksym;
struct cgroup *scx_bpf_task_cgroup(struct task_struct *p) __ksym;

void scx_bpf_error_bstr(char *fmt, unsigned long long *data, u32 data_len) __ksym;

/* Today's flags have one more at the low end. */
void scx_bpf_kick_cpu(s32 cpu, u64 flags) __ksym;

static __always_inline void scx_v4_kick_cpu(s32 cpu, u64 flags)
{
	u64 kick = 0;

	if (flags & SCX_V4_KICK_PREEMPT)
		kick |= SCX_KICK_PREEMPT;
	if (flags & SCX_V4_KICK_WAIT)
		kick |= SCX_KICK_WAIT;
	scx_bpf_kick_cpu(cpu, kick);
}

#define scx_bpf_kick_cpu scx_v4_kick_cpu
#define scx_kick_flags scx_v4_kick_flags
#define SCX_KICK_PREEMPT SCX_V4_KICK_PREEMPT
#define SCX_KICK_WAIT SCX_V4_KICK_WAIT

/* Under their names of 2023. */
#define bpf_cpumask_any(mask) bpf_cpumask_any_distribute(mask)
#define bpf_cpumask_any_and(a, b) bpf_cpumask_any_and_distribute((a), (b))

/* ---- A scheduler: a function per operation, and a table that names them ---- */
#define BPF_STRUCT_OPS(name, args...)		\
	SEC("struct_ops/" #name) BPF_PROG(name, ##args)

/* Only prep_enable, cgroup_init, cgroup_exit, cgroup_prep_move, init and exit may sleep. */
#define BPF_STRUCT_OPS_SLEEPABLE(name, args...)	\
	SEC("struct_ops.s/" #name) BPF_PROG(name, ##args)

#include "user_exit_info.h"

/* These have the same bits as something of 2023 that they do not mean. */
#pragma GCC poison SCX_KICK_IDLE SCX_OPS_SWITCH_PARTIAL SCX_EXIT_UNREG_BPF SCX_EXIT_UNREG_KERN

#endif
