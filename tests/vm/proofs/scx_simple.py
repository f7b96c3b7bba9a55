# SPDX-License-Identifier: GPL-2.0
"""scx_simple: weights on one CPU and across all, first come first served, who is scheduled."""

import os

from boot import Boot
from common import CPUS, SCHED_EXT, Scheduler, Task, expect, expect_shares, figure, is_in_class, measure

BOOTS = (
    Boot("short", ("weights", "fifo_ignores_weights", "counts", "partial"), upstream=True),
)

# As the kernel turns nice values into weights.
NICE_0, NICE_5 = 1024, 335


def crowd(nice: int, number: int, cpus=None) -> list[Task]:
    return [Task(nice=nice, cpus=cpus) for _ in range(number)]


def by_weight(*options: str) -> list[int]:
    """What three of nice 0 and three of nice 5 got on one CPU. Three: of two alone each would follow
    the other whatever their weights, because the one that runs is not in the queue."""
    with Scheduler("scx_simple", *options):
        tasks = crowd(0, 3, {CPUS - 1}) + crowd(5, 3, {CPUS - 1})
        measure([tasks[0].ran], 0.5)
        got = measure([task.ran for task in tasks], 3)
        for task in tasks:
            task.stop()
        return [sum(got[:3]), sum(got[3:])]


def weights() -> None:
    expect_shares("nice 0 and 5 on one CPU", by_weight(), [NICE_0, NICE_5], 0.05)


def fifo_ignores_weights() -> None:
    expect_shares("first come first served", by_weight("-f"), [1, 1], 0.05)


def counts() -> None:
    """Wakeups on idle CPUs go there, and the crowd goes through the queue."""
    with Scheduler("scx_simple") as scheduler:
        first = scheduler.statistics()
        tasks = crowd(0, 2 * CPUS)
        second = scheduler.statistics()
        got = measure([task.ran for task in tasks], 1)
        if second is not None:
            expect(second["global"] - first["global"] > 2 * CPUS, f"a crowd moved {first} to only {second}")
            figure(f"local={second['local']} global={second['global']}")
    expect_shares(f"{2 * CPUS} on {CPUS} CPUs", got, [1] * len(got), 0.15)


def partial() -> None:
    """Only what asks for it is scheduled."""
    with Scheduler("scx_simple", "-p"):
        normal, ours = Task(cpus={0}), Task(cpus={CPUS - 1}, policy=SCHED_EXT)
        got = measure([normal.ran, ours.ran], 0.5)
        expect(min(got) > 0, f"not both ran: {got}")
        expect(is_in_class(ours.pid) and not is_in_class(normal.pid), "the wrong task is in the class")
        expect(os.sched_getscheduler(ours.pid) == SCHED_EXT, "the policy was changed")
        figure("a SCHED_EXT task is scheduled, a normal one is not")
