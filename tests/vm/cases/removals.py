# SPDX-License-Identifier: GPL-2.0
"""Lines of the module, each with the case that cannot pass without it and what that case says then.

All are taken out of one build of the module, which is told at run time which of them is missing:
REMOVED in what stands instead of a line is true for that one."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Removal:
    """In file, the line (without its indentation) becomes instead; case then fails with words like says."""

    what: str
    file: str
    line: str
    instead: str
    case: str
    says: str


def unless(statement: str) -> str:
    """The statement, but for the removal."""
    return f"if (!REMOVED) {statement}"


def condition(old: str, new: str) -> str:
    """The line `if (OLD)` becomes `if (NEW)`."""
    return f"if (REMOVED ? ({new}) : ({old}))"


CGROUPS, HOTPLUG, SLICE, PICK = (f"module/core/{name}.cc" for name in ("cgroups", "hotplug", "slice", "pick"))
CORE_SCHED = "module/core/core_sched.cc"

REMOVALS = (
    Removal("new groups are announced", CGROUPS,
            "return tracking ? init_group(group) : 0;", "return REMOVED ? 0 : tracking ? init_group(group) : 0;",
            "groups_are_followed", "the controller came to a/b|never announced"),
    Removal("groups that go are announced", CGROUPS,
            "cgroups::exit_group(group);", unless("cgroups::exit_group(group);"),
            "groups_are_followed", "the controller left a/b"),
    Removal("changes of weight are announced", CGROUPS,
            "if (!cgroups::tracking || group->scx_weight == weight)", condition("!cgroups::tracking || group->scx_weight == weight", "true"),
            "groups_are_followed", "weight 1: "),
    Removal("moves are prepared", CGROUPS,
            "if (!tracking)", condition("!tracking", "true"),
            "groups_are_followed", "moves to |in group"),
    Removal("moves are carried out", CGROUPS,
            "if (!cgroups::tracking)", condition("!cgroups::tracking", "true"),
            "groups_are_followed", "moves to |in group"),
    Removal("moves that are refused are taken back", CGROUPS,
            "if (failed)", condition("failed", "false"),
            "groups_are_followed", "refused|is not in group"),
    Removal("an autogroup is the root's", "module/shim/cgroup.c",
            "return tg && tg->css.cgroup ? tg->css.cgroup : &cgrp_dfl_root.cgrp;",
            "return tg && (REMOVED || tg->css.cgroup) ? tg->css.cgroup : &cgrp_dfl_root.cgrp;",
            "groups_are_followed", "group 0|did not report"),
    Removal("a CPU that comes is announced", HOTPLUG,
            'scx::tell(scx::ops.get<&sched_ext_ops::cpu_online>(), *rq, "online");',
            unless('scx::tell(scx::ops.get<&sched_ext_ops::cpu_online>(), *rq, "online");'),
            "cpu_callbacks", "cpu_online was called 0 times"),
    Removal("a CPU that goes is announced", HOTPLUG,
            'scx::tell(scx::ops.get<&sched_ext_ops::cpu_offline>(), *rq, "offline");',
            unless('scx::tell(scx::ops.get<&sched_ext_ops::cpu_offline>(), *rq, "offline");'),
            "cpu_callbacks", "cpu_offline was called 0 times"),
    Removal("a scheduler without callbacks is ended when a CPU goes", HOTPLUG,
            "exit_of_kind(SCX_EXIT_UNREG_KERN, SCX_ECODE_ACT_RESTART | SCX_ECODE_RSN_HOTPLUG,",
            "exit_of_kind(SCX_EXIT_UNREG_KERN, REMOVED ? 0 : SCX_ECODE_ACT_RESTART | SCX_ECODE_RSN_HOTPLUG,",
            "hotplug_exit_codes", "waited in vain for: restarted"),
    Removal("the tasks of a CPU that goes are moved", HOTPLUG,
            "if (cpu_active(cpu_of(*rq)))", condition("cpu_active(cpu_of(*rq))", "true"),
            "cpu_callbacks", "was ejected"),
    Removal("hotplug_seq is compared", "module/core/enable.cc",
            "if (loaded.hotplug_seq && loaded.hotplug_seq != now)", condition("loaded.hotplug_seq && loaded.hotplug_seq != now", "false"),
            "stale_hotplug_seq", "was taken"),
    Removal("siblings are ordered by who waits longer", CORE_SCHED,
            "return before(b->scx.core_sched_at, a->scx.core_sched_at);",
            "return !REMOVED && before(b->scx.core_sched_at, a->scx.core_sched_at);",
            "strangers_take_turns", "one of them hardly ran"),
    Removal("siblings are ordered by ops.core_sched_before()", CORE_SCHED,
            "if (op && !rq_bypassing(task_rq(*a)))", condition("op && !rq_bypassing(task_rq(*a))", "false"),
            "strangers_in_own_order", "that is not four times as much"),
    Removal("a slice that ends keeps the tick", SLICE,
            "return is_ext(*rq->curr) && !(rq->scx.flags & SCX_RQ_CAN_STOP_TICK);",
            "return !REMOVED && is_ext(*rq->curr) && !(rq->scx.flags & SCX_RQ_CAN_STOP_TICK);",
            "finite_slice_keeps_tick", "the tick stands still|was ejected"),
    Removal("a slice without end stops the tick", PICK,
            "bool const can_stop = p.scx.slice == SCX_SLICE_INF;", "bool const can_stop = !REMOVED && p.scx.slice == SCX_SLICE_INF;",
            "endless_slice_stops_tick", "the tick goes on"),
    Removal("a slice that a kick has ended brings the tick back", PICK,
            "follow_slice(*rq, previous);", unless("follow_slice(*rq, previous);"),
            "tick_comes_back", "the tick does not come back"),
    Removal("the governor is told", "module/core/kfunc_cpu.cc",
            "kshim_cpufreq_update(&cpu_rq(cpu));", unless("kshim_cpufreq_update(&cpu_rq(cpu));"),
            "frequency_follows", "waited in vain for: runs_at"),
    Removal("suspend bypasses the scheduler", "module/shim/pm.c",
            "switch (event) {", "switch (REMOVED ? 0 : event) {",
            "suspend_without_agent", "could not be frozen"),
    Removal("each node has a global queue", "module/core/queues.hpp",
            "return *by_node_[kshim_cpu_to_node(cpu)];", "return *by_node_[REMOVED ? 0 : kshim_cpu_to_node(cpu)];",
            "global_queue_of_each_node", "of node"),
)
