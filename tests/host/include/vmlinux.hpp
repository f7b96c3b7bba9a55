// SPDX-License-Identifier: GPL-2.0
// The kernel's types for the host tests: by hand, and only the members that the core touches. For
// the module this header is generated from the kernel's BTF. Member names and the widths of
// integers are the kernel's, because counters must wrap where the kernel's do; offsets and the
// rest of each structure are not, and nothing may depend on them.
//
// Members that no kernel has are the stand-ins' own; their names begin with host_.
#pragma once

#include "cxxrt/annotations.hpp"

// These are macros in the C library and enumerators in the core.
#include <sched.h>
#undef SCHED_NORMAL
#undef SCHED_IDLE
#undef SCHED_EXT

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;
typedef __SIZE_TYPE__ size_t;
typedef int pid_t;

// Optional members are announced by the generator like this.
#define SCX_HAS_sched_ext_entity__core_sched_at 1

struct task_struct;
struct cgroup;

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	s64 counter;
} atomic64_t;

typedef atomic64_t atomic_long_t;

struct list_head {
	list_head* next;
	list_head* prev;
};

struct llist_node {
	llist_node* next;
};

struct rhash_head {
	rhash_head* next;
};

struct callback_head {
	callback_head* next;
	void (*func)(callback_head* head);
};

struct rb_node {
	unsigned long __rb_parent_color;
	rb_node* rb_right;
	rb_node* rb_left;
};

struct rb_root {
	struct rb_node* rb_node;
};

typedef struct raw_spinlock {
	int host_holder; // the CPU that holds it, plus 1
	bool host_ready; // initialised
} raw_spinlock_t;

struct percpu_rw_semaphore {
	int host_writers;
	int host_readers;
};

struct irq_work {
	void (*func)(irq_work* work);
	bool host_pending;
};

// Room for 4096 CPUs, as in a kernel of that size.
struct cpumask {
	unsigned long bits[64];
};

typedef cpumask cpumask_t;
typedef cpumask cpumask_var_t[1];

struct load_weight {
	unsigned long weight;
	u32 inv_weight;
};

// The kernel's order of priority is the order of the classes in memory, and all that counts here.
struct sched_class {
	char host_name[64];
};

struct CXXRT_CAPABILITY("dispatch queue") scx_dispatch_q {
	raw_spinlock_t lock;
	list_head list;
	rb_root priq;
	u32 nr;
	u32 seq;
	u64 id;
	rhash_head hash_node;
	llist_node free_node;
	callback_head rcu;
};

struct scx_dsq_list_node {
	list_head node;
	u32 flags;
	u32 priv;
};

struct sched_ext_entity {
	scx_dispatch_q* dsq;
	scx_dsq_list_node dsq_list;
	rb_node dsq_priq;
	u32 dsq_seq;
	u32 dsq_flags;
	u32 flags;
	u32 weight;
	s32 sticky_cpu;
	s32 holding_cpu;
	u32 kf_mask;
	u32 ops_qseq;
	task_struct* kf_tasks[2];
	atomic_long_t ops_state;
	list_head runnable_node;
	unsigned long runnable_at;
	u64 core_sched_at;
	u64 ddsp_dsq_id;
	u64 ddsp_enq_flags;
	u64 slice;
	u64 dsq_vtime;
	bool disallow;
	cgroup* cgrp_moving_from;
	list_head tasks_node;
};

struct sched_entity {
	load_weight load;
	unsigned char on_rq;
	unsigned char sched_delayed;
	u64 exec_start;
	u64 sum_exec_runtime;
};

struct thread_info {
	unsigned long flags;
	u32 cpu;
};

struct task_group {
	u32 scx_flags;
	u32 scx_weight;
	int idle;
	cgroup* host_cgroup;
	task_group* parent;
};

struct task_struct {
	struct thread_info thread_info;
	unsigned int __state;
	unsigned int flags;
	int on_cpu;
	int on_rq;
	int prio;
	int static_prio;
	sched_entity se;
	struct sched_class const* sched_class;
	sched_ext_entity scx;
	task_group* sched_task_group;
	unsigned int policy;
	int nr_cpus_allowed;
	cpumask const* cpus_ptr;
	cpumask cpus_mask;
	void* migration_pending;
	unsigned short migration_disabled;
	int exit_state;
	pid_t pid;
	pid_t tgid;
	raw_spinlock_t pi_lock;
	char comm[16];
	int host_references;
};

struct scx_rq {
	scx_dispatch_q local_dsq;
	list_head runnable_list;
	list_head ddsp_deferred_locals;
	u64 extra_enq_flags;
	u32 nr_running;
	u32 flags;
	u32 cpuperf_target;
	bool cpu_released;
	cpumask_var_t cpus_to_kick;
	cpumask_var_t cpus_to_kick_if_idle;
	cpumask_var_t cpus_to_preempt;
	cpumask_var_t cpus_to_wait;
	irq_work deferred_irq_work;
	unsigned long pnt_seq;
	irq_work kick_cpus_irq_work;
};

struct CXXRT_CAPABILITY("runqueue") rq {
	raw_spinlock_t __lock;
	unsigned int nr_running;
	u64 nr_switches;
	scx_rq scx;
	task_struct* curr;
	task_struct* idle;
	u64 clock;
	u64 clock_task;
	int cpu;
};

struct rq_flags {
	unsigned long flags;
};

struct affinity_context {
	cpumask const* new_mask;
	cpumask* user_mask;
	unsigned int flags;
};

struct sched_enq_and_set_ctx {
	task_struct* p;
	int queue_flags;
	bool queued;
	bool running;
};
