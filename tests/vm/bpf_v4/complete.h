/* SPDX-License-Identifier: GPL-2.0 */
/* What complete counts, in the order in which both halves have it. */
#ifndef COMPLETE_H
#define COMPLETE_H

#define CALLBACKS(X)										\
	X(select_cpu) X(enqueue) X(dequeue) X(dispatch) X(runnable) X(running) X(stopping)	\
	X(quiescent) X(yield) X(core_sched_before) X(set_weight) X(set_cpumask) X(update_idle)	\
	X(cpu_acquire) X(cpu_release) X(cpu_online) X(cpu_offline) X(prep_enable) X(enable)	\
	X(cancel_enable) X(disable) X(cgroup_init) X(cgroup_exit) X(cgroup_prep_move)		\
	X(cgroup_move) X(cgroup_cancel_move) X(cgroup_set_weight) X(init) X(exit)

/* Functions, where they answered as they should. */
#define FUNCTIONS(X)										\
	X(switch_all) X(create_dsq) X(destroy_dsq) X(dsq_nr_queued) X(dispatched)		\
	X(dispatched_vtime) X(dispatch_nr_slots) X(consume) X(consume_global) X(reenqueue_local) \
	X(kick_preempt) X(kick_wait) X(test_and_clear_cpu_idle) X(pick_idle_cpu) X(pick_idle_core) \
	X(pick_any_cpu) X(idle_cpumask) X(idle_smtmask) X(task_running) X(task_cpu) X(task_cgroup)

/* And what is not one call: the hint that an idle CPU was found, or that there is nobody else. */
#define HINTS(X) X(enq_local) X(enq_last)

#define ENUMERATOR(name) n_##name,
enum counted { CALLBACKS(ENUMERATOR) FUNCTIONS(ENUMERATOR) HINTS(ENUMERATOR) NR_COUNTED };

/* What it does wrong on purpose, to or because of a task whose name begins with `victim`. */
enum fault {
	NO_FAULT,
	LOSES_TASK,	/* enqueue forgets it */
	REPORTS_ERROR,	/* scx_bpf_error() */
	REFUSES_TASK,	/* prep_enable fails for it */
	MISSING_QUEUE,	/* it is dispatched to a queue that does not exist */
	SELECT_DISPATCHES,	/* select_cpu dispatches it */
	NR_FAULTS,
};

#endif
