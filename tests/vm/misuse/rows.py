# SPDX-License-Identifier: GPL-2.0
"""Every kfunc and callback, and what happens when it is misused: one row per misuse."""

import dataclasses

ERROR = r"EXIT: runtime error \("
TASK = r"\S.*\[\d+\]"


@dataclasses.dataclass(frozen=True)
class Row:
    """`of` is the kfunc or callback, `does` the misuse in words, `expected` a pattern that what
    came of it matches. `trial` is the enumerator of misuse.bpf.c or the program of refused.bpf.c,
    `table` the struct_ops table for the former and None for the latter, `needs` what else must
    happen while the scheduler runs (see activities.py)."""

    of: str
    does: str
    trial: str
    expected: str
    table: str | None = "misuse"
    needs: str = ""


def returns(value: int) -> str:
    return rf"EXIT: unregistered from BPF \(returned {value}\)"


def error(text: str) -> str:
    return ERROR + text + ".*"


def no_cpu(where: str) -> str:
    return error(rf"CPU 4095 {where} does not exist; CPUs are 0 to \d+")


def context(kfunc: str, place: str, only: str) -> str:
    return error(rf"{kfunc}\(\) called from {place} \(context 0x\w+\); only {only} may call it")


REST = "a callback that may not"
UNLOCKED = r"where the scheduler holds no lock, as in ops.init\(\)"
DISPATCH = r"ops.dispatch\(\)"
ENQUEUE = r"ops.enqueue\(\)"
SELECT = r"ops.select_cpu\(\)"
DISPATCHERS = rf"{SELECT}, {ENQUEUE} and {DISPATCH}"
INTERNAL = r"\(\): enq_flags 0x200000000000000 contain bits that are not for schedulers \(63\.\.56\)"
UNTRACKED = (r"\(\): built-in idle tracking is off, because ops.update_idle\(\) is implemented "
             r"without SCX_OPS_KEEP_BUILTIN_IDLE")
NOT_ALLOWED = r"calling kernel function {} is not allowed"
UNDER_LOCK = r"function calls are not allowed while holding a lock"
UNRELEASED = r"Unreleased reference|BPF_EXIT instruction.* would lead to reference leak"
MAYBE_NULL = r"Possibly NULL pointer passed to (trusted|rcu)? ?arg|must be referenced|R1 must be (a rcu|referenced)"
OR_NULL = r"invalid mem access '(trusted_|rcu_)?ptr_\w*or_null_?'"
NO_ITERATOR = r"expected an initialized iter_scx_dsq as arg #\d"


def refused(of: str, does: str, program: str, expected: str) -> Row:
    return Row(of, does, program, expected, table=None)


# Programs of other kinds may call none: each by its name.
KFUNCS = (
    "scx_bpf_create_dsq", "scx_bpf_destroy_dsq", "scx_bpf_dsq_nr_queued", "scx_bpf_dispatch",
    "scx_bpf_dispatch_vtime", "scx_bpf_dispatch_nr_slots", "scx_bpf_dispatch_cancel", "scx_bpf_dsq_insert",
    "scx_bpf_dsq_insert___v2", "scx_bpf_dsq_insert_vtime", "__scx_bpf_dsq_insert_vtime", "scx_bpf_consume",
    "scx_bpf_dsq_move_to_local", "scx_bpf_dsq_move_to_local___v2", "bpf_iter_scx_dsq_new",
    "bpf_iter_scx_dsq_next", "bpf_iter_scx_dsq_destroy", "scx_bpf_dispatch_from_dsq_set_slice",
    "scx_bpf_dispatch_from_dsq_set_vtime", "scx_bpf_dispatch_from_dsq", "scx_bpf_dispatch_vtime_from_dsq",
    "scx_bpf_dsq_move_set_slice", "scx_bpf_dsq_move_set_vtime", "scx_bpf_dsq_move", "scx_bpf_dsq_move_vtime",
    "scx_bpf_dsq_peek", "scx_bpf_reenqueue_local", "scx_bpf_switch_all", "scx_bpf_kick_cpu", "scx_bpf_select_cpu_dfl",
    "scx_bpf_select_cpu_and", "__scx_bpf_select_cpu_and", "scx_bpf_test_and_clear_cpu_idle",
    "scx_bpf_pick_idle_cpu", "scx_bpf_pick_any_cpu", "scx_bpf_get_idle_cpumask", "scx_bpf_get_idle_smtmask",
    "scx_bpf_put_idle_cpumask", "scx_bpf_get_possible_cpumask", "scx_bpf_get_online_cpumask",
    "scx_bpf_put_cpumask", "scx_bpf_nr_cpu_ids", "scx_bpf_task_running", "scx_bpf_task_cpu", "scx_bpf_cpu_rq",
    "scx_bpf_locked_rq", "scx_bpf_cpu_curr", "scx_bpf_task_cgroup", "scx_bpf_cpuperf_cap",
    "scx_bpf_cpuperf_cur", "scx_bpf_cpuperf_set", "scx_bpf_exit_bstr", "scx_bpf_error_bstr",
    "scx_bpf_dump_bstr", "scx_bpf_now", "scx_bpf_events", "scx_bpf_task_set_slice",
    "scx_bpf_task_set_dsq_vtime",
)


def foreign(kfunc: str) -> Row:
    program = kfunc.replace("bpf_iter_scx_dsq_", "iter_").replace("__scx_bpf_", "packed_", kfunc.startswith("__"))
    return refused(kfunc, "in a program that is no scheduler's", "foreign_" + program.removeprefix("scx_bpf_"),
                   NOT_ALLOWED.format(kfunc))


SLEEPY = (
    "select_cpu", "enqueue", "dequeue", "dispatch", "tick", "runnable", "running", "stopping", "quiescent", "yield",
    "core_sched_before", "set_weight", "set_cpumask", "update_idle", "cpu_acquire", "cpu_release", "exit_task",
    "enable", "disable", "dump", "dump_cpu", "dump_task", "cgroup_move", "cgroup_cancel_move", "cgroup_set_weight",
)


def sleepy(callback: str) -> Row:
    return refused(f"ops.{callback}", "is declared to sleep", f"sleepy_{callback}",
                   rf"attach to unsupported member {callback} of struct sched_ext_ops")


# In each callback a call that is for ops.dispatch() alone. Where: what the message says.
PLACES = {
    "select_cpu": (SELECT, ""), "enqueue": (ENQUEUE, ""), "dequeue": (REST, "renice"), "tick": (REST, "hog"),
    "runnable": (REST, ""), "running": (REST, ""), "stopping": (REST, ""), "quiescent": (REST, ""),
    "yield": (REST, "yield"), "set_weight": (REST, "nice"), "set_cpumask": (REST, "affinity"),
    "update_idle": (REST, ""), "cpu_acquire": (REST, "rt"), "cpu_release": (r"ops.cpu_release\(\)", "rt"),
    "init_task": (UNLOCKED, ""), "exit_task": (REST, "fork"), "enable": (REST, ""), "disable": (REST, "policy"),
    "cgroup_init": (UNLOCKED, ""), "cgroup_exit": (UNLOCKED, "cgroup"), "cgroup_prep_move": (UNLOCKED, "cgroup"),
    "cgroup_move": (REST, "cgroup"), "cgroup_cancel_move": (UNLOCKED, "cgroup"),
    "cgroup_set_weight": (UNLOCKED, "cgroup"), "cpu_online": (UNLOCKED, "hotplug"),
    "cpu_offline": (UNLOCKED, "hotplug"), "init": (UNLOCKED, ""),
}


def wrong_place(callback: str) -> Row:
    place, needs = PLACES[callback]
    return Row(f"ops.{callback}", "calls scx_bpf_dispatch_cancel()", f"in_{callback}",
               context("scx_bpf_dispatch_cancel", place, DISPATCH),
               "untracked" if callback == "update_idle" else "misuse", needs)


ROWS = (
    # ---- Queues ----
    Row("scx_bpf_create_dsq", "of a built-in identifier", "create_builtin", returns(-22)),
    Row("scx_bpf_create_dsq", "on a node that does not exist", "create_node", returns(-22)),
    Row("scx_bpf_create_dsq", "of one that exists", "create_twice", returns(-17)),
    refused("scx_bpf_create_dsq", "in a callback that must not sleep", "creates_in_enqueue",
            "program must be sleepable to call sleepable kfunc scx_bpf_create_dsq"),
    refused("scx_bpf_create_dsq", "in a tracing program", "tracing_create_dsq",
            NOT_ALLOWED.format("scx_bpf_create_dsq")),
    Row("scx_bpf_destroy_dsq", "of a queue with tasks", "destroy_full",
        error(r"scx_bpf_destroy_dsq\(0x1\): \d+ tasks are queued; only an empty queue can be destroyed")),
    Row("scx_bpf_dsq_nr_queued", "of a queue that does not exist", "count_missing", returns(-2)),
    Row("scx_bpf_dsq_nr_queued", "of the global queue", "count_global", returns(-2)),
    Row("scx_bpf_dsq_nr_queued", "of a CPU that does not exist", "count_no_cpu",
        no_cpu(r"of SCX_DSQ_LOCAL_ON in scx_bpf_dsq_nr_queued\(\)")),
    # ---- Dispatching ----
    Row("scx_bpf_dispatch", "with internal flags", "dispatch_flags", error("scx_bpf_dispatch" + INTERNAL)),
    Row("scx_bpf_dispatch", "to a queue that does not exist", "dispatch_missing",
        error(rf"dispatch of {TASK} to queue 0xbad, which does not exist; create it with scx_bpf_create_dsq\(\) first")),
    Row("scx_bpf_dispatch", "twice from one callback", "dispatch_twice",
        error(rf"second direct dispatch of {TASK} from one callback")),
    Row("scx_bpf_dispatch", "of another task than the one at hand", "dispatch_other",
        error(rf"direct dispatch of {TASK} from a callback about {TASK}; only the latter may be dispatched from it")),
    Row("scx_bpf_dispatch", "of more than dispatch_max_batch tasks", "dispatch_overflow",
        error(r"dispatch buffer overflow: more than dispatch_max_batch \(32\) tasks dispatched")),
    Row("scx_bpf_dispatch", "to a CPU that does not exist", "dispatch_no_cpu",
        no_cpu("of SCX_DSQ_LOCAL_ON in a dispatch")),
    Row("scx_bpf_dispatch", "to a CPU that the task may not use", "dispatch_not_allowed",
        error(rf"dispatch to SCX_DSQ_LOCAL\[_ON\]: CPU \d+ is not among those that {TASK} may use"), needs="pinned"),
    Row("scx_bpf_dispatch", "from ops.running()", "dispatch_context", context("scx_bpf_dispatch", REST, DISPATCHERS)),
    refused("scx_bpf_dispatch", "under a BPF spin lock", "locked_dispatch", UNDER_LOCK),
    refused("scx_bpf_dispatch", "of a task that may be NULL", "null_dispatch", MAYBE_NULL),
    refused("scx_bpf_dispatch", "in a syscall program", "syscall_dispatch", NOT_ALLOWED.format("scx_bpf_dispatch")),
    Row("scx_bpf_dsq_insert", "from ops.running()", "insert_void_context",
        context("scx_bpf_dsq_insert", REST, DISPATCHERS)),
    refused("scx_bpf_dsq_insert", "under a BPF spin lock", "locked_insert", UNDER_LOCK),
    refused("scx_bpf_dsq_insert", "of a task that may be NULL", "null_insert", MAYBE_NULL),
    Row("scx_bpf_dsq_insert___v2", "with internal flags", "insert_flags", error("scx_bpf_dsq_insert" + INTERNAL)),
    Row("scx_bpf_dsq_insert___v2", "from ops.running()", "insert_context",
        context("scx_bpf_dsq_insert", REST, DISPATCHERS)),
    Row("scx_bpf_dsq_insert___v2", "of a task that sleeps", "insert_not_owned", returns(0)),
    Row("scx_bpf_dispatch_vtime", "to a local queue", "vtime_builtin",
        error(rf"dispatch of {TASK} by vtime to queue 0x8000000000000002: local and global queues are always FIFO")),
    Row("scx_bpf_dispatch_vtime", "to a queue of FIFO tasks", "vtime_on_fifo",
        error(rf"dispatch of {TASK} by vtime to queue 0x2, which holds FIFO tasks"), needs="hog"),
    Row("scx_bpf_dispatch", "to a queue ordered by vtime", "fifo_on_vtime",
        error(rf"FIFO dispatch of {TASK} to queue 0x2, which holds tasks ordered by vtime"), needs="hog"),
    Row("scx_bpf_dispatch_vtime", "with internal flags", "vtime_flags", error("scx_bpf_dispatch_vtime" + INTERNAL)),
    Row("scx_bpf_dispatch_vtime", "from ops.running()", "vtime_context",
        context("scx_bpf_dispatch_vtime", REST, DISPATCHERS)),
    Row("scx_bpf_dsq_insert_vtime", "from ops.running()", "insert_vtime_void_context",
        context("scx_bpf_dsq_insert_vtime", REST, DISPATCHERS)),
    Row("__scx_bpf_dsq_insert_vtime", "with internal flags", "insert_vtime_flags",
        error("scx_bpf_dsq_insert_vtime" + INTERNAL)),
    Row("__scx_bpf_dsq_insert_vtime", "from ops.running()", "insert_vtime_context",
        context("scx_bpf_dsq_insert_vtime", REST, DISPATCHERS)),
    Row("__scx_bpf_dsq_insert_vtime", "of a task that sleeps", "insert_vtime_not_owned", returns(0)),
    Row("scx_bpf_dispatch_nr_slots", "from ops.enqueue()", "slots_context",
        context("scx_bpf_dispatch_nr_slots", ENQUEUE, DISPATCH)),
    Row("scx_bpf_dispatch_cancel", "with nothing dispatched", "cancel_nothing",
        error(r"scx_bpf_dispatch_cancel\(\) called with nothing dispatched")),
    Row("scx_bpf_dispatch_cancel", "from ops.enqueue()", "cancel_context",
        context("scx_bpf_dispatch_cancel", ENQUEUE, DISPATCH)),
    # ---- Taking from queues ----
    Row("scx_bpf_consume", "from a queue that does not exist", "consume_missing",
        error(r"scx_bpf_consume\(0xbad\): no such queue; only those of scx_bpf_create_dsq\(\) can be taken from")),
    Row("scx_bpf_consume", "from the global queue", "consume_global",
        error(r"scx_bpf_consume\(0x8000000000000001\): no such queue")),
    Row("scx_bpf_consume", "from ops.enqueue()", "consume_context", context("scx_bpf_consume", ENQUEUE, DISPATCH)),
    refused("scx_bpf_consume", "under a BPF spin lock", "locked_consume", UNDER_LOCK),
    Row("scx_bpf_dsq_move_to_local", "from ops.enqueue()", "move_plain_context",
        context("scx_bpf_dsq_move_to_local", ENQUEUE, DISPATCH)),
    refused("scx_bpf_dsq_move_to_local", "under a BPF spin lock", "locked_move", UNDER_LOCK),
    Row("scx_bpf_dsq_move_to_local___v2", "from a queue that does not exist", "move_missing",
        error(r"scx_bpf_dsq_move_to_local\(0xbad\): no such queue")),
    Row("scx_bpf_dsq_move_to_local___v2", "with internal flags", "move_flags",
        error("scx_bpf_dsq_move_to_local" + INTERNAL)),
    Row("scx_bpf_dsq_move_to_local___v2", "from ops.enqueue()", "move_context",
        context("scx_bpf_dsq_move_to_local", ENQUEUE, DISPATCH)),
    Row("scx_bpf_dsq_peek", "into a queue that does not exist", "peek_missing",
        error(r"scx_bpf_dsq_peek\(0xbad\): no such queue")),
    Row("scx_bpf_dsq_peek", "into a built-in queue", "peek_builtin",
        error(r"scx_bpf_dsq_peek\(0x8000000000000002\): only a scheduler's own queues can be looked into")),
    refused("scx_bpf_dsq_peek", "without a look at the result", "unchecked_peek", OR_NULL),
    # ---- Iterators ----
    Row("bpf_iter_scx_dsq_new", "with unknown flags", "iter_flags", returns(-22)),
    Row("bpf_iter_scx_dsq_new", "of a queue that does not exist", "iter_missing", returns(-2)),
    Row("bpf_iter_scx_dsq_new", "of a built-in queue", "iter_builtin", returns(-2)),
    refused("bpf_iter_scx_dsq_new", "outside RCU", "iterates_without_rcu",
            "kernel func bpf_iter_scx_dsq_new requires RCU critical section|expected an RCU CS"),
    refused("bpf_iter_scx_dsq_new", "and never destroyed", "keeps_iterator", UNRELEASED),
    refused("bpf_iter_scx_dsq_next", "on what is no iterator", "steps_no_iterator", NO_ITERATOR),
    refused("bpf_iter_scx_dsq_destroy", "on what is no iterator", "destroys_no_iterator", NO_ITERATOR),
    refused("scx_bpf_dispatch_from_dsq_set_slice", "on what is no iterator", "old_set_slice", NO_ITERATOR),
    refused("scx_bpf_dispatch_from_dsq_set_vtime", "on what is no iterator", "old_set_vtime", NO_ITERATOR),
    refused("scx_bpf_dsq_move_set_slice", "on what is no iterator", "new_set_slice", NO_ITERATOR),
    refused("scx_bpf_dsq_move_set_vtime", "on what is no iterator", "new_set_vtime", NO_ITERATOR),
    Row("scx_bpf_dispatch_from_dsq", "with an iterator made in vain", "old_move_failed_iter", returns(0)),
    Row("scx_bpf_dsq_move", "with an iterator made in vain", "move_failed_iter", returns(0)),
)

MOVERS = r"scx_bpf_d(ispatch_from_dsq|sq_move)"
ROWS += (
    Row("scx_bpf_dispatch_from_dsq", "with internal flags", "from_dsq_flags",
        error(r"scx_bpf_dispatch_from_dsq\(\): enq_flags 0x200000000000000"), needs="hog"),
    Row("scx_bpf_dsq_move", "to a queue that does not exist", "dsq_move_missing",
        error(rf"dispatch of {TASK} to queue 0xbad, which does not exist"), needs="hog"),
    *(Row(kfunc, "from ops.running()", trial,
          error(rf"{MOVERS}\(\) called from {REST} \(context 0x\w+\); only {DISPATCH} may call it"), needs="hog")
      for kfunc, trial in (("scx_bpf_dispatch_from_dsq", "from_dsq_context"),
                           ("scx_bpf_dispatch_vtime_from_dsq", "from_dsq_vtime_context"),
                           ("scx_bpf_dsq_move", "dsq_move_context"),
                           ("scx_bpf_dsq_move_vtime", "dsq_move_vtime_context"))),
    # ---- CPUs ----
    Row("scx_bpf_reenqueue_local", "from ops.enqueue()", "reenqueue_context",
        context("scx_bpf_reenqueue_local", ENQUEUE, r"ops.cpu_release\(\)")),
    Row("scx_bpf_switch_all", "by a scheduler of today's API", "switch_all_today",
        error(r"scx_bpf_switch_all\(\) called from elsewhere than ops.init\(\) of a scheduler written to the API of 2023")),
    Row("scx_bpf_kick_cpu", "of a CPU that does not exist", "kick_no_cpu", no_cpu(r"given to scx_bpf_kick_cpu\(\)")),
    Row("scx_bpf_kick_cpu", "with IDLE and WAIT", "kick_idle_wait",
        error(r"scx_bpf_kick_cpu\(0\): SCX_KICK_IDLE excludes SCX_KICK_PREEMPT and SCX_KICK_WAIT \(flags 0x5\)")),
    Row("scx_bpf_select_cpu_dfl", "from ops.enqueue()", "dfl_context",
        context("scx_bpf_select_cpu_dfl", ENQUEUE, SELECT)),
    Row("scx_bpf_select_cpu_dfl", "with a CPU that does not exist", "dfl_no_cpu",
        no_cpu(r"given to scx_bpf_select_cpu_dfl\(\)")),
    Row("scx_bpf_select_cpu_dfl", "without idle tracking", "dfl_untracked",
        error("scx_bpf_select_cpu_dfl" + UNTRACKED), "untracked"),
    Row("scx_bpf_select_cpu_and", "from ops.dispatch()", "and_context",
        context("scx_bpf_select_cpu_and", DISPATCH, rf"{SELECT} and {ENQUEUE}, or without a lock,")),
    Row("__scx_bpf_select_cpu_and", "with a CPU that does not exist", "and_no_cpu",
        no_cpu(r"given to scx_bpf_select_cpu_and\(\)")),
    Row("__scx_bpf_select_cpu_and", "without idle tracking", "and_untracked",
        error("scx_bpf_select_cpu_and" + UNTRACKED), "untracked"),
    Row("__scx_bpf_select_cpu_and", "for another task than the one at hand", "and_other",
        error(rf"scx_bpf_select_cpu_and\(\) called on {TASK} from {SELECT}; "
              r"only the task that the callback is about may be given")),
    Row("scx_bpf_test_and_clear_cpu_idle", "of a CPU that does not exist", "claim_no_cpu",
        no_cpu(r"given to scx_bpf_test_and_clear_cpu_idle\(\)")),
    Row("scx_bpf_test_and_clear_cpu_idle", "without idle tracking", "claim_untracked",
        error("scx_bpf_test_and_clear_cpu_idle" + UNTRACKED), "untracked"),
    Row("scx_bpf_pick_idle_cpu", "from an empty mask", "pick_idle_none", returns(-16)),
    Row("scx_bpf_pick_idle_cpu", "without idle tracking", "pick_untracked",
        error("scx_bpf_pick_idle_cpu" + UNTRACKED), "untracked"),
    Row("scx_bpf_pick_any_cpu", "from an empty mask", "pick_any_none", returns(-16)),
    Row("scx_bpf_get_idle_cpumask", "without idle tracking", "mask_untracked",
        error("scx_bpf_get_idle_cpumask" + UNTRACKED), "untracked"),
    Row("scx_bpf_get_idle_smtmask", "without idle tracking", "smtmask_untracked",
        error("scx_bpf_get_idle_smtmask" + UNTRACKED), "untracked"),
    refused("scx_bpf_get_idle_cpumask", "and never given back", "keeps_idle", UNRELEASED),
    refused("scx_bpf_get_idle_smtmask", "and never given back", "keeps_smt", UNRELEASED),
    refused("scx_bpf_put_idle_cpumask", "of another mask", "puts_foreign_idle_mask",
            "R1 must be referenced or trusted"),
    refused("scx_bpf_get_possible_cpumask", "and never given back", "keeps_possible", UNRELEASED),
    refused("scx_bpf_get_online_cpumask", "and never given back", "keeps_online", UNRELEASED),
    refused("scx_bpf_put_cpumask", "of another mask", "puts_foreign_mask",
            "R1 must be referenced or trusted"),
    Row("scx_bpf_cpu_rq", "of a CPU that does not exist", "rq_no_cpu", no_cpu(r"given to scx_bpf_cpu_rq\(\)")),
    Row("scx_bpf_cpu_curr", "of a CPU that does not exist", "curr_no_cpu", no_cpu(r"given to scx_bpf_cpu_curr\(\)")),
    refused("scx_bpf_cpu_curr", "without a look at the result", "unchecked_curr", OR_NULL),
    Row("scx_bpf_locked_rq", "from ops.init()", "locked_rq_unlocked",
        error(r"scx_bpf_locked_rq\(\) called where the scheduler holds no runqueue lock \(context 0x0\)")),
    Row("scx_bpf_locked_rq", "from ops.select_cpu()", "locked_rq_select_cpu",
        error(r"scx_bpf_locked_rq\(\) called where the scheduler holds no runqueue lock \(context 0xc\)")),
    Row("scx_bpf_cpuperf_cap", "of a CPU that does not exist", "cap_no_cpu",
        no_cpu(r"given to scx_bpf_cpuperf_cap\(\)")),
    Row("scx_bpf_cpuperf_cur", "of a CPU that does not exist", "cur_no_cpu",
        no_cpu(r"given to scx_bpf_cpuperf_cur\(\)")),
    Row("scx_bpf_cpuperf_set", "of a CPU that does not exist", "perf_no_cpu",
        no_cpu(r"given to scx_bpf_cpuperf_set\(\)")),
    Row("scx_bpf_cpuperf_set", "above SCX_CPUPERF_ONE", "perf_too_high",
        error(r"scx_bpf_cpuperf_set\(0, 1025\): the target is 0 to 1024")),
    # ---- Tasks, messages, counters ----
    Row("scx_bpf_task_cgroup", "where no runqueue is locked", "cgroup_context",
        context("scx_bpf_task_cgroup", UNLOCKED, "callbacks about a task whose runqueue is locked")),
    Row("scx_bpf_task_cgroup", "of another task than the one at hand", "cgroup_other",
        error(rf"scx_bpf_task_cgroup\(\) called on {TASK} from {ENQUEUE}; "
              r"only the task that the callback is about may be given")),
    refused("scx_bpf_task_cgroup", "and never given back", "keeps_cgroup", UNRELEASED),
    refused("scx_bpf_task_running", "of a task that may be NULL", "null_running", MAYBE_NULL),
    refused("scx_bpf_task_cpu", "of a task that may be NULL", "null_cpu", MAYBE_NULL),
    refused("scx_bpf_task_set_slice", "of a task that may be NULL", "null_set_slice", MAYBE_NULL),
    refused("scx_bpf_task_set_dsq_vtime", "of a task that may be NULL", "null_set_dsq_vtime", MAYBE_NULL),
    Row("scx_bpf_error_bstr", "with a format that does not match", "error_format",
        error(r"message of scx_bpf_error\(\) cannot be formatted: format and arguments do not match \(-22\)")),
    Row("scx_bpf_exit_bstr", "with a format that does not match", "exit_format",
        error(r"message of scx_bpf_exit\(\) cannot be formatted: format and arguments do not match \(-22\)")),
    Row("scx_bpf_dump_bstr", "outside a dump", "dump_outside",
        error(r"scx_bpf_dump\(\) called from outside ops.dump\(\), dump_cpu\(\) and dump_task\(\)")),
    refused("scx_bpf_events", "into less memory than it is told", "events_beyond",
            r"invalid (indirect access|write) to stack|leads to invalid memory access|write to stack"),
    # ---- What callbacks return ----
    Row("ops.select_cpu", "returns a CPU that does not exist", "select_cpu_returns",
        no_cpu(r"returned by ops.select_cpu\(\)")),
    Row("ops.enqueue", "forgets the task", "enqueue_loses",
        rf"EXIT: runnable task stall \(({TASK} failed to run|watchdog failed to check in) for [\d.]+s\)"),
    Row("ops.init", "returns a number that is no error", "init_returns",
        error(r"ops.init\(\) returned 1, which is not 0 or an error number")),
    Row("ops.init", "fails", "init_fails", error(r"ops.init\(\) failed \(-12\)")),
    Row("ops.init_task", "returns a number that is no error", "init_task_returns",
        error(r"ops.init_task\(\) returned 1, which is not 0 or an error number")),
    Row("ops.init_task", "fails", "init_task_fails", error(rf"ops.init_task\(\) failed \(-12\) for {TASK}")),
    Row("ops.init_task", "sets disallow during a fork", "init_task_disallow",
        error(rf"ops.init_task\(\) set disallow for {TASK} during its fork"), needs="ext"),
    Row("ops.cgroup_init", "returns a number that is no error", "cgroup_init_returns",
        error(r"ops.cgroup_init\(\) returned 1, which is not 0 or an error number")),
    Row("ops.cgroup_init", "fails", "cgroup_init_fails", error(r"ops.cgroup_init\(\) failed \(-12\)")),
    Row("ops.cgroup_prep_move", "returns a number that is no error", "cgroup_prep_move_returns",
        error(r"ops.cgroup_prep_move\(\) returned 1, which is not 0 or an error number"), needs="cgroup"),
    refused("ops.dispatch", "does not look whether prev is NULL", "unchecked_prev", OR_NULL),
    refused("ops.yield", "does not look whether to is NULL", "unchecked_to", OR_NULL),
    refused("ops.enqueue", "writes p->prio", "writes_prio", "refused: EACCES"),
    refused("ops.enqueue", "writes p->scx.weight", "writes_weight", "refused: EACCES"),
    refused("ops.exit", "writes the exit info", "writes_exit_info", "refused: EACCES"),
    # ---- The other members of the table ----
    Row("ops.flags", "has an unknown bit", "NO_MISUSE", "refused: EINVAL", "unknown_flag"),
    Row("ops.flags", "has ENQ_LAST without ops.enqueue()", "NO_MISUSE",
        error(r"SCX_OPS_ENQ_LAST requires ops.enqueue\(\) to be implemented"), "enq_last_alone"),
    Row("ops.dispatch_max_batch", "is above INT_MAX", "NO_MISUSE", "refused: E2BIG", "batch_too_large"),
    Row("ops.timeout_ms", "is above 30 s", "NO_MISUSE", "refused: E2BIG", "timeout_too_long"),
    Row("ops.name", "is empty", "NO_MISUSE", "refused: EINVAL", "no_name"),
    Row("ops.hotplug_seq", "is of the past", "NO_MISUSE",
        r"EXIT: unregistered from the main kernel \(expected hotplug seq 12345 did not match actual \d+\)",
        "old_hotplug_seq"),
    Row("ops.cpu_offline", "is missing when a CPU goes", "NO_MISUSE",
        r"EXIT: unregistered from the main kernel \(cpu 1 going offline, exiting scheduler\)", "no_cpu_offline", "hotplug"),
    Row("ops.cpu_online", "is missing when a CPU comes", "NO_MISUSE",
        r"EXIT: unregistered from the main kernel \(cpu 1 going online, exiting scheduler\)", "no_cpu_online", "hotplug"),
    *map(wrong_place, PLACES),
    *map(sleepy, SLEEPY),
    *map(foreign, KFUNCS),
)
