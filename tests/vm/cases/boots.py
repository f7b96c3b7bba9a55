# SPDX-License-Identifier: GPL-2.0
"""Which cases share a guest. A boot costs some ten seconds; what needs other kernel parameters,
another kernel or exemptions from the rule about kernel messages has one of its own."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Boot:
    """One guest. The cases run in this order; timeout is in seconds on a busy machine."""

    name: str
    cases: tuple[str, ...]
    timeout: int
    cpus: int | None = None
    # None: the flavour that the whole run is about.
    flavour: str | None = None
    options: tuple[str, ...] = ()
    # case: what tests/vm/run must see ejected if the case runs.
    ejections: dict[str, str] | None = None
    long: bool = False
    # Looks for leaks: with kmemleak where the kernel has it, which makes everything slower.
    counts_memory: bool = False


# Schedulers that lose ksoftirqd.
LATE_SOFTIRQ = ("--allow", "idle-softirq")
# A clock that does not depend on how busy the host is; on a slow machine time costs less.
COUNTED = ("--icount", "--instruction-ns", "4")

# Cases that skip themselves on a flavour: what they would see ejected is not.
SKIPPED_ON = {"rt": ("rcu_stall_ejects",)}

# The longest first, so that two guests at a time end at about the same time.
BOOTS = (
    Boot("load-4", ("load_on_4_cpus",), timeout=900, cpus=4),
    Boot("load-2", ("load_on_2_cpus",), timeout=900, cpus=2),
    Boot("load-1", ("load_on_1_cpu",), timeout=900, cpus=1),
    Boot("everyday",
         ("ext_policy_is_normal_without_scheduler", "vtime_mode", "fifo_mode", "partial_mode",
          "second_scheduler_refused", "killed_under_load", "sysrq", "suspend", "suspend_without_agent",
          "frequency_follows"),
         timeout=900),
    # Shares of CPU time.
    Boot("weights", ("weights",), timeout=300, options=COUNTED),
    Boot("misbehaving",
         ("never_dispatches", "missing_queue", "vtime_to_local", "reports_error", "init_fails",
          "init_task_fails", "leaves_with_code"),
         timeout=700, options=LATE_SOFTIRQ,
         ejections={
             "never_dispatches": "never_dispatches:runnable task stall",
             "missing_queue": "missing_queue:runtime error",
             "vtime_to_local": "vtime_to_local:runtime error",
             "reports_error": "reports_error:scx_bpf_error",
             "init_fails": "init_fails:runtime error",
             "init_task_fails": "init_task_fails:runtime error",
         }),
    Boot("visible", ("state_files", "error_report", "uevents", "sysrq_dump", "task_reports"), timeout=700,
         options=("--allow", "reports-about-cpus"),
         ejections={"error_report": "stages:scx_bpf_error"}),
    Boot("surface", ("both_names",), timeout=700),
    Boot("api-2023", ("document_program", "document_program_ends", "document_cycle", "complete_of_2023",
                      "stall_of_2023", "error_of_2023", "refusal_of_2023", "missing_queue_of_2023",
                      "select_cpu_of_2023"), timeout=700, cpus=4,
         options=(*LATE_SOFTIRQ, *COUNTED, "--topology", "cores=2,threads=2", "--allow", "deadline-server-warning"),
         ejections={
             "stall_of_2023": "complete:runnable task stall",
             "error_of_2023": "complete:scx_bpf_error",
             "refusal_of_2023": "complete:runtime error",
             "missing_queue_of_2023": "complete:runtime error",
             "select_cpu_of_2023": "complete:runtime error",
         }),
    Boot("callbacks", ("every_callback",), timeout=700, cpus=4,
         options=(*LATE_SOFTIRQ, "--topology", "cores=2,threads=2", "--allow", "deadline-server-warning")),
    Boot("changes", ("attributes", "groups", "groups_are_followed", "fork_storm"), timeout=900, cpus=4),
    # SMT siblings, one of which is idle against its will while ksoftirqd waits there, and a CPU without a
    # tick.
    Boot("siblings", ("strangers_take_turns", "strangers_in_own_order"), timeout=300,
         options=(*LATE_SOFTIRQ, *COUNTED, "--topology", "cores=1,threads=2"), long=True),
    Boot("tickless", ("endless_slice_stops_tick", "finite_slice_keeps_tick", "tick_comes_back"), timeout=300,
         options=(*COUNTED, "--append", "nohz_full=1")),
    Boot("nodes", ("global_queue_of_each_node",), timeout=300, cpus=4, options=("--numa", "2")),
    Boot("module", ("memory_rule", "rmmod_refused_while_attached", "module_cycles"), timeout=900, counts_memory=True),
    Boot("reload", ("reload_under_load",), timeout=900, counts_memory=True),
    Boot("reload-whole", ("reload_whole_under_load",), timeout=1800, long=True, counts_memory=True),
    Boot("hotplug", ("cpu_hotplug", "cpu_callbacks", "hotplug_exit_codes", "stale_hotplug_seq"), timeout=400,
         options=("--allow", "deadline-server-warning")),
    Boot("weak-kicks", ("kick_wait_ring", "kick_of_higher_class", "kick_wait_for_higher_class", "preempting_move",
                        "taken_while_it_leaves", "parked_iterator", "rt_hog"), timeout=900, cpus=3, options=LATE_SOFTIRQ),
    Boot("weak-groups", ("exit_task_after_its_cgroup", "refused_groups_go_away"), timeout=900, options=LATE_SOFTIRQ,
         ejections={"refused_groups_go_away": "cgroup_refuses:runtime error"}),
    Boot("weak-crowds", ("end_with_pinned_crowd", "end_with_crowd_on_one_cpu", "dump_leaves_interrupts_on"),
         timeout=1200, cpus=4, options=(*LATE_SOFTIRQ, *COUNTED),
         ejections={"dump_leaves_interrupts_on": "dumps_much:scx_bpf_error"}),
    Boot("weak-lockups", ("soft_lockup_ejects", "rcu_stall_ejects"), timeout=600, options=LATE_SOFTIRQ,
         ejections={"soft_lockup_ejects": "locks_up:runtime error", "rcu_stall_ejects": "parks_rcu_reader:runtime error"}),
    Boot("isolated", ("isolcpus_refused",), timeout=200, options=("--append", "isolcpus=1", "--allow", "isolated-cpus")),
    Boot("spoiled-module", ("module_without_btf_refused", "module_with_broken_btf_refused",
                            "module_of_another_kernel_refused"), timeout=200,
         options=("--no-module", "--allow", "refused-module")),
    Boot("stock", ("insmod_refused_without_hooks_on_stock",), timeout=200, flavour="stock",
         options=("--no-module", "--allow", "refused-module")),
    Boot("builtin", ("insmod_refused_without_hooks_on_builtin",), timeout=200, flavour="builtin",
         options=("--no-module", "--allow", "refused-module")),
    Boot("load-8", ("load_on_8_cpus",), timeout=1800, cpus=8, long=True),
)
