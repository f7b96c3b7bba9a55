/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The values of include/linux/sched/ext.h and kernel/sched/sched.h that the
 * C++ core works with. C++ sees no kernel header, and the kernel's BTF holds
 * only those enumerations that its own code happens to use, so they are listed
 * here once: C++ gets constants, C checks each against the kernel's headers
 * (shim/layout_check.c).
 */
#ifndef SCX_ABI_CONSTANTS_H
#define SCX_ABI_CONSTANTS_H

#define SCX_KERNEL_CONSTANTS(X)                                   \
	/* Slices, in ns; and the length of ops.name, in bytes. */ \
	X(u32, SCX_OPS_NAME_LEN, 128)                              \
	X(u64, SCX_SLICE_DFL, 20000000)                            \
	X(u64, SCX_SLICE_INF, ~0ULL)                               \
	/* Identifiers of dispatch queues. */                      \
	X(u64, SCX_DSQ_FLAG_BUILTIN, 1ULL << 63)                   \
	X(u64, SCX_DSQ_INVALID, (1ULL << 63) | 0)                  \
	X(u64, SCX_DSQ_GLOBAL, (1ULL << 63) | 1)                   \
	X(u64, SCX_DSQ_LOCAL, (1ULL << 63) | 2)                    \
	X(u64, SCX_DSQ_LOCAL_ON, 3ULL << 62)                       \
	X(u64, SCX_DSQ_LOCAL_CPU_MASK, 0xffffffffULL)              \
	/* sched_ext_entity::flags, written under the runqueue lock. */ \
	X(u32, SCX_TASK_QUEUED, 1U << 0)                           \
	X(u32, SCX_TASK_RESET_RUNNABLE_AT, 1U << 2)                \
	X(u32, SCX_TASK_DEQD_FOR_SLEEP, 1U << 3)                   \
	X(u32, SCX_TASK_STATE_SHIFT, 8)                            \
	X(u32, SCX_TASK_STATE_MASK, 3U << 8)                       \
	X(u32, SCX_TASK_CURSOR, 1U << 31)                          \
	X(u32, SCX_TASK_NONE, 0)                                   \
	X(u32, SCX_TASK_INIT, 1)                                   \
	X(u32, SCX_TASK_READY, 2)                                  \
	X(u32, SCX_TASK_ENABLED, 3)                                \
	/* sched_ext_entity::dsq_flags and scx_dsq_list_node::flags. */ \
	X(u32, SCX_TASK_DSQ_ON_PRIQ, 1U << 0)                      \
	X(u32, SCX_DSQ_LNODE_ITER_CURSOR, 1U << 0)                 \
	/* sched_ext_entity::kf_mask: which kfuncs the running callback allows. */ \
	X(u32, SCX_KF_UNLOCKED, 0)                                 \
	X(u32, SCX_KF_CPU_RELEASE, 1U << 0)                        \
	X(u32, SCX_KF_DISPATCH, 1U << 1)                           \
	X(u32, SCX_KF_ENQUEUE, 1U << 2)                            \
	X(u32, SCX_KF_SELECT_CPU, 1U << 3)                         \
	X(u32, SCX_KF_REST, 1U << 4)                               \
	/* task_group::scx_flags. */                               \
	X(u32, SCX_TG_ONLINE, 1U << 0)                             \
	X(u32, SCX_TG_INITED, 1U << 1)                             \
	/* scx_rq::flags, written under the runqueue lock. */      \
	X(u32, SCX_RQ_ONLINE, 1U << 0)                             \
	X(u32, SCX_RQ_CAN_STOP_TICK, 1U << 1)                      \
	X(u32, SCX_RQ_BAL_PENDING, 1U << 2)                        \
	X(u32, SCX_RQ_BAL_KEEP, 1U << 3)                           \
	X(u32, SCX_RQ_BYPASSING, 1U << 4)                          \
	X(u32, SCX_RQ_IN_WAKEUP, 1U << 16)                         \
	X(u32, SCX_RQ_IN_BALANCE, 1U << 17)                        \
	/* Flags and values of the scheduler core. */              \
	X(u32, ENQUEUE_RESTORE, 0x02)                              \
	X(u32, DEQUEUE_SLEEP, 0x01)                                \
	X(u32, DEQUEUE_SAVE, 0x02)                                 \
	X(u32, DEQUEUE_MOVE, 0x04)                                 \
	X(u32, DEQUEUE_NOCLOCK, 0x08)                              \
	X(u32, DEQUEUE_DELAYED, 0x200)                             \
	X(u32, WF_EXEC, 0x02)                                      \
	X(u32, TASK_ON_RQ_MIGRATING, 2)                            \
	X(u32, TASK_DEAD, 0x80)                                    \
	X(u32, PF_KTHREAD, 0x00200000)                             \
	X(u32, PF_EXITING, 0x00000004)                             \
	X(s32, SCHED_NORMAL, 0)                                    \
	X(s32, SCHED_IDLE, 5)                                      \
	X(s32, SCHED_EXT, 7)                                       \
	X(s32, MAX_RT_PRIO, 100)                                   \
	X(u32, WEIGHT_IDLEPRIO, 3)                                 \

/* Where struct pcpu_hot keeps what core/this_cpu.hpp reads. */
#define SCX_PCPU_CURRENT_TASK 0
#define SCX_PCPU_CPU_NUMBER   12

#ifdef __cplusplus
#define SCX_DEFINE_CONSTANT(type, name, value) constexpr type name = (value);
SCX_KERNEL_CONSTANTS(SCX_DEFINE_CONSTANT)
#undef SCX_DEFINE_CONSTANT
#endif

#endif /* SCX_ABI_CONSTANTS_H */
