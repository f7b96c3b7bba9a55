# SPDX-License-Identifier: GPL-2.0
"""scx_simple: weights on one CPU, first come first served, and a crowd on all CPUs."""

from boot import Boot
from common import CPUS, Scheduler, Task, expect, expect_shares, figure, measure

BOOTS = (
    Boot("short", ("weights", "fifo_ignores_weights", "counts", "newcomer", "light_task", "few_cpus"), upstream=True),
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
