#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The bugs that the exploration must find: a change of the core for each, the protocol that it breaks.

    bugs.py DIRECTORY     writes the changed sources and bugs.cmake there
    bugs.py --list        prints "bug protocol" for each
"""

import pathlib
import re
import sys
from dataclasses import dataclass

CORE = pathlib.Path(__file__).resolve().parents[3] / "module" / "core"


@dataclass(frozen=True)
class Bug:
    """`old` stands once in `file` and becomes `new`."""

    name: str
    protocol: str
    file: str
    old: str
    new: str


BUGS = [
    # A verdict about an earlier stay of a task is carried out in its present one.
    Bug("any_brand", "ownership-requeue", "ownership.cc",
        "if (brand_of(seen) != brand)", "if (brand_of(seen) != brand && !brand)"),
    # A dispatcher writes to the task before it knows which stay its verdict is about.
    Bug("late_brand", "ownership-requeue", "kfunc_dispatch.cc",
        "\tp->scx.slice = slice_for_dispatch(slice, p->scx.slice);\n\tcommit(*p, brand, dsq_id, enq_flags);",
        "\tp->scx.slice = slice_for_dispatch(slice, p->scx.slice);\n"
        "\tcommit(*p, Ownership{*p}.brand_before_writes(), dsq_id, enq_flags);"),
    # Who finds the task in a later state need not see what was done to it in the earlier one.
    Bug("unordered_release", "ownership-dequeue", "ownership.hpp",
        "store_release(entity_.ops_state.counter, static_cast<long>(word));",
        "write_once(entity_.ops_state.counter, static_cast<long>(word));"),
    # A dequeue does not wait for the dispatcher who has the task.
    Bug("impatient_dequeue", "ownership-dequeue", "ownership.hpp",
        "wait_while(SCX_OPSS_DISPATCHING);\n\t\tCXXRT_BUG_ON(word() != SCX_OPSS_NONE);", ""),
    # A dispatcher takes the task in two steps.
    Bug("claim_in_two_steps", "ownership-two-dispatchers", "ownership.cc",
        "if (likely(exchange_if(seen, SCX_OPSS_DISPATCHING)))\n\t\t\t\treturn true;\n\t\t\tcontinue;",
        "write_once(entity_.ops_state.counter, static_cast<long>(SCX_OPSS_DISPATCHING));\n"
        "\t\t\treturn true;"),
    # The taker does not look again once it has the runqueue's lock.
    Bug("blind_taker", "transfer-dequeue", "transfer.cc",
        "return likely(read_once(p.scx.holding_cpu) == here) &&", "return"),
    # A dequeue leaves the task in the taker's hands.
    Bug("silent_dequeue", "transfer-requeue", "dispatch.cc",
        "\telse\n\t\twrite_once(p.scx.holding_cpu, -1);\n\tp.scx.dsq = nullptr;",
        "\tp.scx.dsq = nullptr;"),
    # A dispatcher does not look again once it has the runqueue's lock.
    Bug("blind_dispatcher", "ownership-to-local", "dispatch.cc",
        "if (unlikely(read_once(p.scx.holding_cpu) != here ||", "if (unlikely(false ||"),
    # The worker takes a report that is not finished.
    Bug("hasty_worker", "exit-claim", "exit_info.cc",
        "while (!load_acquire(published_))\n\t\t\tcxxrt::cpu_relax();", ";"),
    # Two of those who end the scheduler both believe to be the first.
    Bug("two_claims", "exit-claim", "exit_info.cc",
        "if (!cxxrt::try_compare_exchange(kind_, expected, kind))\n\t\treturn false;",
        "if (read_once(kind_) != expected)\n\t\treturn false;\n\twrite_once(kind_, kind);"),
    # Arming becomes visible before what it resets.
    Bug("unordered_arming", "exit-arm", "exit_info.cc",
        "store_release(kind_, SCX_EXIT_NONE);", "write_once(kind_, SCX_EXIT_NONE);"),
    # The place where messages are put together is left before the message is whole.
    Bug("unordered_messages", "exit-messages", "exit_info.cc",
        "store_release(bpf_message_busy, 0u);", "write_once(bpf_message_busy, 0u);"),
    # Tasks are born while the others are initialised.
    Bug("forks_while_loading", "loading-and-fork", "enable.cc",
        "\tRwsemWrite no_forks{scx_fork_rwsem};\n\tRwsemWrite no_group", "\tRwsemWrite no_group"),
    # A task that dies is initialised without a reference.
    Bug("no_reference", "loading-and-exit", "enable.cc",
        "if (!kshim_tryget_task(p))\n\t\t\tcontinue;", "(void)kshim_tryget_task(p), --p->host_references;"),
    # Tasks are born while the others are given up.
    Bug("forks_while_unloading", "unloading-and-fork", "disable.cc",
        "\tpercpu_down_write(&scx_fork_rwsem);\n\tscheduler.set_inits_tasks(false);",
        "\tscheduler.set_inits_tasks(false);\n\tpercpu_down_write(&scx_fork_rwsem);"),
    # An iterator leaves its place in the queue without the queue's lock.
    Bug("unlocked_iterator", "iterator-leaves-early", "dsq_iterator.cc",
        "\tif (list::is_linked(it.cursor.node)) {\n\t\tDsqIrqGuard guard{*it.dsq};\n\n",
        "\tif (list::is_linked(it.cursor.node)) {\n"),
    # An iterator moves a task that is not in its queue any more.
    Bug("stale_move", "iterator-moves", "dsq_iterator.cc",
        "return read_once(p.scx.dsq) == it.dsq && !joined_later(it, p) &&", "return"),
    # A queue is found by its shortcut before it is made.
    Bug("unordered_shortcut", "iterator-and-creation", "queues.cc",
        "store_release(shortcuts[id % kShortcuts], &dsq);", "write_once(shortcuts[id % kShortcuts], &dsq);"),
    # A queue's shortcut outlives its memory.
    Bug("lasting_shortcut", "iterator-and-destruction", "queues.cc",
        "\tclear_shortcut(dsq);\n", "\t(void)clear_shortcut;\n"),
]


def units(file: str) -> list[str]:
    """What must be compiled again because of a change of this file."""
    if file.endswith(".cc"):
        return [file]
    included = re.compile(rf'#include "core/{re.escape(file)}"')
    return sorted(p.name for p in CORE.glob("*.cc") if included.search(p.read_text()))


def write_if_new(path: pathlib.Path, text: str) -> None:
    """Leaves an up-to-date file alone, for the build's sake."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def seed(directory: pathlib.Path) -> None:
    """All bugs' sources and the list for CMake."""
    lines = []
    for bug in BUGS:
        text = (CORE / bug.file).read_text()
        if text.count(bug.old) != 1:
            sys.exit(f"bugs.py: {bug.name}: {bug.file} has its place {text.count(bug.old)} times, not once; "
                     "write the bug anew")
        write_if_new(directory / "bugs" / bug.name / "core" / bug.file, text.replace(bug.old, bug.new))
        lines.append(f"seeded_bug({bug.name} {' '.join(units(bug.file))})\n")
    write_if_new(directory / "bugs.cmake", "".join(lines))


def main() -> None:
    """See above."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if sys.argv[1] == "--list":
        for bug in BUGS:
            print(bug.name, bug.protocol)
    else:
        seed(pathlib.Path(sys.argv[1]))


main()
