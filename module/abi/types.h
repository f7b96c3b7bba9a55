/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's and the module's types that cross the border by pointer. */
#ifndef SCX_ABI_TYPES_H
#define SCX_ABI_TYPES_H

struct affinity_context; struct bpf_iter_scx_dsq; struct cgroup; struct cgroup_subsys_state;
struct cgroup_taskset; struct cpumask; struct irq_work; struct list_head; struct load_weight;
struct percpu_rw_semaphore; struct raw_spinlock; struct rq; struct rq_flags; struct sched_class;
struct sched_enq_and_set_ctx; struct sched_ext_ops; struct sched_ext_ops_v4; struct scx_bpf_dsq_insert_vtime_args;
struct scx_dispatch_q; struct scx_event_stats; struct scx_exit_info;
struct task_group; struct task_struct;

#endif /* SCX_ABI_TYPES_H */
