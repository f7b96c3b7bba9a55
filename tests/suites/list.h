/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every case of the shared suites, for C and C++. A suite is called scx_NAME
 * where it runs. CASE(suite, name) is a function; TABLE(suite, name) is one
 * that runs once for each row of its table. What is defined and not listed
 * does not compile, what is listed and not defined does not link.
 */
#ifndef SUITES_LIST_H
#define SUITES_LIST_H

#define SUITES(SUITE) \
	SUITE(dispatch_queue) \
	SUITE(user_queue) \
	SUITE(dispatch_batch) \
	SUITE(ownership) \
	SUITE(direct_dispatch) \
	SUITE(idle_cpus) \
	SUITE(slice) \
	SUITE(watchdog) \
	SUITE(exit_claim) \
	SUITE(containers) \
	SUITE(allocation) \
	SUITE(on_request)

#define SUITE_CASES_dispatch_queue(CASE, TABLE) \
	CASE(dispatch_queue, starts_empty) \
	TABLE(dispatch_queue, order) \
	CASE(dispatch_queue, head_flag_does_not_overrule_vtime) \
	CASE(dispatch_queue, fifo_into_a_vtime_queue_is_misuse) \
	CASE(dispatch_queue, vtime_into_a_fifo_queue_is_misuse) \
	CASE(dispatch_queue, an_emptied_queue_takes_either_order) \
	CASE(dispatch_queue, builtin_queues_are_fifo_whatever_is_asked) \
	TABLE(dispatch_queue, unlink) \
	CASE(dispatch_queue, each_insertion_has_a_brand) \
	CASE(dispatch_queue, inserting_a_task_twice_is_noticed) \
	CASE(dispatch_queue, walks_skip_cursors) \
	CASE(dispatch_queue, cursors_are_no_tasks)

#define SUITE_CASES_user_queue(CASE, TABLE) \
	CASE(user_queue, iterates_in_both_directions) \
	CASE(user_queue, iterates_by_vtime) \
	CASE(user_queue, an_iterator_of_no_queue_has_nothing) \
	CASE(user_queue, a_parked_iterator_goes_on_when_its_task_leaves) \
	CASE(user_queue, an_iterator_does_not_meet_later_tasks) \
	CASE(user_queue, two_iterators_do_not_disturb_each_other) \
	CASE(user_queue, moves_keep_order_and_change_it) \
	CASE(user_queue, a_task_that_left_is_not_moved) \
	CASE(user_queue, mixed_use_is_an_error) \
	CASE(user_queue, a_full_queue_is_not_destroyed) \
	CASE(user_queue, an_identifier_can_be_used_again)

#define SUITE_CASES_dispatch_batch(CASE, TABLE) \
	CASE(dispatch_batch, flushes_in_the_order_of_the_verdicts) \
	CASE(dispatch_batch, local_tasks_run) \
	CASE(dispatch_batch, slots_are_counted_down) \
	CASE(dispatch_batch, more_than_the_batch_is_an_error) \
	CASE(dispatch_batch, cancel_takes_the_last_verdict_back) \
	CASE(dispatch_batch, cancelling_nothing_is_an_error) \
	CASE(dispatch_batch, consuming_flushes_first) \
	CASE(dispatch_batch, a_second_verdict_for_a_task_is_stale) \
	CASE(dispatch_batch, a_verdict_for_a_sleeper_is_dropped) \
	CASE(dispatch_batch, a_verdict_for_a_task_dequeued_meanwhile_is_dropped) \
	CASE(dispatch_batch, a_verdict_for_a_task_queued_anew_is_dropped) \
	CASE(dispatch_batch, a_dropped_entry_does_not_stop_the_rest) \
	CASE(dispatch_batch, verdicts_by_vtime) \
	CASE(dispatch_batch, a_verdict_may_go_to_another_cpu) \
	CASE(dispatch_batch, an_unknown_queue_is_an_error) \
	CASE(dispatch_batch, dispatching_outside_of_callbacks_is_an_error)

#define SUITE_CASES_ownership(CASE, TABLE) \
	CASE(ownership, starts_with_the_core) \
	CASE(ownership, queueing_then_queued) \
	CASE(ownership, direct_dispatch_ends_queueing) \
	CASE(ownership, one_claim_wins) \
	CASE(ownership, a_stale_brand_is_refused) \
	CASE(ownership, brand_zero_is_no_stay) \
	CASE(ownership, brands_skip_zero_when_they_wrap) \
	CASE(ownership, taking_back_tells_the_scheduler_first) \
	CASE(ownership, queueing_a_queued_task_is_noticed) \
	CASE(ownership, taking_back_waits_for_a_dispatcher) \
	CASE(ownership, a_claim_waits_for_the_enqueuer) \
	CASE(ownership, each_stay_ends_once)

#define SUITE_CASES_direct_dispatch(CASE, TABLE) \
	CASE(direct_dispatch, from_enqueue_to_the_local_queue) \
	CASE(direct_dispatch, from_enqueue_to_a_queue_of_its_own) \
	CASE(direct_dispatch, from_enqueue_to_the_global_queue) \
	CASE(direct_dispatch, from_select_cpu_skips_enqueue) \
	CASE(direct_dispatch, local_from_select_cpu_means_the_cpu_returned) \
	CASE(direct_dispatch, to_another_cpu_waits_for_the_end_of_the_wakeup) \
	CASE(direct_dispatch, outside_a_wakeup_an_interrupt_does_it) \
	CASE(direct_dispatch, a_deferred_task_may_be_dequeued) \
	CASE(direct_dispatch, a_second_verdict_is_an_error) \
	CASE(direct_dispatch, a_verdict_about_another_task_is_an_error) \
	CASE(direct_dispatch, the_default_is_local_where_a_cpu_idles) \
	CASE(direct_dispatch, a_slice_of_zero_keeps_what_is_left)

#define SUITE_CASES_idle_cpus(CASE, TABLE) \
	TABLE(idle_cpus, select) \
	TABLE(idle_cpus, pick) \
	TABLE(idle_cpus, select_among) \
	CASE(idle_cpus, all_are_idle_at_first) \
	CASE(idle_cpus, a_claim_is_given_out_once) \
	CASE(idle_cpus, a_core_idles_when_its_last_thread_does) \
	CASE(idle_cpus, a_task_that_cannot_migrate_stays) \
	CASE(idle_cpus, the_masks_follow_the_cpus) \
	CASE(idle_cpus, each_node_has_a_global_queue)

#define SUITE_CASES_slice(CASE, TABLE) \
	TABLE(slice, charge) \
	TABLE(slice, dispatch) \
	CASE(slice, running_uses_it_up) \
	CASE(slice, waiting_does_not) \
	CASE(slice, infinite_never_ends) \
	CASE(slice, the_next_task_runs_when_it_has_ended) \
	CASE(slice, the_only_task_gets_another)

#define SUITE_CASES_watchdog(CASE, TABLE) \
	TABLE(watchdog, waiting) \
	TABLE(watchdog, its_own_absence) \
	CASE(watchdog, a_task_that_ran_begins_anew) \
	CASE(watchdog, a_running_task_does_not_wait) \
	CASE(watchdog, a_stall_ends_the_scheduler)

#define SUITE_CASES_exit_claim(CASE, TABLE) \
	TABLE(exit_claim, reason) \
	CASE(exit_claim, nothing_is_pending_at_first) \
	CASE(exit_claim, the_first_claim_counts) \
	CASE(exit_claim, an_error_says_where) \
	CASE(exit_claim, the_report_is_taken_once) \
	CASE(exit_claim, a_message_is_cut_where_it_is_too_long) \
	CASE(exit_claim, one_of_many_claimers_wins) \
	CASE(exit_claim, an_error_ends_the_scheduler) \
	CASE(exit_claim, unloading_is_an_exit_too)

#define SUITE_CASES_containers(CASE, TABLE) \
	CASE(containers, list_keeps_its_order) \
	CASE(containers, list_elements_leave) \
	CASE(containers, list_may_change_during_a_walk) \
	CASE(containers, list_moves_and_splices) \
	TABLE(containers, tree_order) \
	CASE(containers, tree_of_many) \
	CASE(containers, an_owner_frees_once) \
	CASE(containers, references_are_counted) \
	CASE(containers, results_carry_errors) \
	CASE(containers, each_cpu_has_its_own)

#define SUITE_CASES_allocation(CASE, TABLE) \
	CASE(allocation, objects_and_arrays) \
	CASE(allocation, inserting_the_module) \
	CASE(allocation, loading_a_scheduler) \
	CASE(allocation, creating_a_queue)

#define SUITE_CASES_on_request(CASE, TABLE) \
	CASE(on_request, fails) \
	CASE(on_request, skips)

#define SUITE_CASES(suite, CASE, TABLE) SUITE_CASES_##suite(CASE, TABLE)

#endif /* SUITES_LIST_H */
