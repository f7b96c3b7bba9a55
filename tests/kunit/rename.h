/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The core calls the scheduler of the running kernel by these names. In
 * scx_kunit.ko they mean the made-up machine (kernel.cc) instead: nothing here
 * may touch a real runqueue or a real task.
 */
#ifndef KUNIT_RENAME_H
#define KUNIT_RENAME_H

#define resched_curr			made_up_resched_curr
#define activate_task			made_up_activate_task
#define deactivate_task			made_up_deactivate_task
#define dequeue_task			made_up_dequeue_task
#define set_task_cpu			made_up_set_task_cpu
#define update_curr_common		made_up_update_curr_common
#define update_other_load_avgs		made_up_update_other_load_avgs
#define update_rq_clock			made_up_update_rq_clock
#define check_class_changing		made_up_check_class_changing
#define check_class_changed		made_up_check_class_changed
#define set_cpus_allowed_common		made_up_set_cpus_allowed_common
#define __setscheduler_class		made_up_setscheduler_class
#define sched_deq_and_put_task		made_up_sched_deq_and_put_task
#define sched_enq_and_set_task		made_up_sched_enq_and_set_task
#define task_rq_lock			made_up_task_rq_lock
#define raw_spin_rq_lock_nested		made_up_raw_spin_rq_lock_nested
#define raw_spin_rq_trylock		made_up_raw_spin_rq_trylock
#define raw_spin_rq_unlock		made_up_raw_spin_rq_unlock
#define percpu_down_write		made_up_percpu_down_write
#define percpu_up_write			made_up_percpu_up_write
#define cpus_read_lock			made_up_cpus_read_lock
#define cpus_read_unlock		made_up_cpus_read_unlock
#define irq_work_queue			made_up_irq_work_queue
#define sched_clock_cpu			made_up_sched_clock_cpu
#define ktime_get_mono_fast_ns		made_up_ktime_get_mono_fast_ns
#define jiffies_to_msecs		made_up_jiffies_to_msecs
#define cpumask_any_and_distribute	made_up_cpumask_any_and_distribute
#define cpumask_any_distribute		made_up_cpumask_any_distribute
#define __cpu_possible_mask		made_up_cpu_possible_mask
#define __cpu_online_mask		made_up_cpu_online_mask
#define __cpu_active_mask		made_up_cpu_active_mask
#define jiffies				made_up_jiffies

/* Memory is the module's own shim, but counted and made to fail (memory.cc). */
#define kshim_alloc			made_up_alloc
#define kshim_free			made_up_free
#define kshim_alloc_node		made_up_alloc_node
#define kshim_alloc_large		made_up_alloc_large
#define kshim_free_large		made_up_free_large
#define kshim_alloc_percpu		made_up_alloc_percpu
#define kshim_free_percpu		made_up_free_percpu
#define kshim_this_cpu_ptr		made_up_this_cpu_ptr
#define kshim_per_cpu_ptr		made_up_per_cpu_ptr
#define kshim_dsq_free_later		made_up_dsq_free_later

/* The core asks for this CPU through functions, as on the host (core/this_cpu.hpp). */
#define SCX_STAND_INS

#endif /* KUNIT_RENAME_H */
