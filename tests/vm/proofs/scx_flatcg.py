# SPDX-License-Identifier: GPL-2.0
"""scx_flatcg: the weights of a hierarchy, changed at any time, and groups that come in herds."""

import time

import common
from boot import Boot
from common import CPUS, LONG, Group, Scheduler, Task, expect, expect_shares, fail, figure, measure, shares

BOOTS = (
    Boot("short", ("siblings", "nested", "changes", "one_each", "within_a_group", "herd", "comings_and_goings",
                   "newcomer", "few_cpus", "beside_bound_ones"),
         upstream=True),
    Boot("light", ("light_task",), upstream=True),
)

# As the kernel turns nice values into weights.
NICE_0, NICE_5 = 1024, 335
# How long shares are measured, after the groups have found their places.
SECONDS = 2.0
SETTLE = 0.4


def crowded(name: str, weight: int, parent: Group | None = None, tasks: int = CPUS) -> Group:
    """A group that could use all CPUs."""
    group = Group(name, weight, parent)
    for _ in range(tasks):
        Task(group)
    return group


def used_by(groups: list[Group], seconds: float = SECONDS) -> list[int]:
    time.sleep(SETTLE)
    return measure([group.used for group in groups], seconds)


def siblings() -> None:
    weights = [100, 200, 400]
    for option in ([], ["-f"]):
        with Scheduler("scx_flatcg", *option):
            groups = [crowded(f"w{weight}", weight) for weight in weights]
            expect_shares("in order of arrival" if option else "siblings", used_by(groups), weights, 0.05)
            for group in groups:
                group.remove()


def nested() -> None:
    """Two more levels below siblings, with groups of other numbers of tasks in each."""
    with Scheduler("scx_flatcg"):
        one, two = Group("one", 100), Group("two", 300)
        middle = Group("middle", 200, two)
        leaves = [crowded("a", 100, one), crowded("b", 300, one, 2 * CPUS), crowded("c", 100, two),
                  crowded("d", 100, middle), crowded("e", 400, middle, 2 * CPUS)]
        # Of all: one 1/4, two 3/4; of two: c 1/3, middle 2/3.
        wanted = [1 / 16, 3 / 16, 3 / 12, 3 / 30, 12 / 30]
        expect_shares("three levels", used_by(leaves, 2 * SECONDS), [round(960 * share) for share in wanted], 0.05)


def changes() -> None:
    """New weights are in force within a turn or so."""
    with Scheduler("scx_flatcg"):
        groups = [crowded("first", 100), crowded("second", 100)]
        for weights in ([100, 100], [400, 100], [100, 300]):
            for group, weight in zip(groups, weights):
                group.set_weight(weight)
            expect_shares("set to", used_by(groups, 1.5), weights, 0.05)


def one_each() -> None:
    """One task in each group on one CPU: the one that runs is in no queue, and still is weighed."""
    with Scheduler("scx_flatcg"):
        weights = [100, 300]
        groups = [Group(f"only{weight}", weight) for weight in weights]
        for group in groups:
            Task(group, cpus={CPUS - 1})
        expect_shares("one task each on one CPU", used_by(groups), weights, 0.05)


def within_a_group() -> None:
    with Scheduler("scx_flatcg"):
        group = Group("mixed", 100)
        tasks = [Task(group, nice=0) for _ in range(CPUS)] + [Task(group, nice=5) for _ in range(CPUS)]
        time.sleep(SETTLE)
        got = measure([task.ran for task in tasks], SECONDS)
        expect_shares("nice 0 and 5 in a group", [sum(got[:CPUS]), sum(got[CPUS:])], [NICE_0, NICE_5], 0.1)


# The herd: so many groups, each with a task that works for so long whenever the second changes.
HERD, WORK = 200, 0.004


def wake_with_the_herd() -> None:
    while True:
        now = time.monotonic()
        time.sleep(1 - now % 1)
        end = time.process_time() + WORK
        while time.process_time() < end:
            pass


def herd() -> None:
    """What a group keeps of its half while 200 groups that share the other half wake up at once."""
    with Scheduler("scx_flatcg"):
        steady, parent = crowded("steady", 100), Group("herd", 100)
        for number in range(HERD):
            Task(Group(f"h{number}", 100, parent), name="herd", work=wake_with_the_herd)
        window, samples = 0.05, []
        time.sleep(1.5 - time.monotonic() % 1)
        for _ in range(120 if LONG else 30):
            samples.append((time.monotonic(), steady.used(), parent.used()))
            time.sleep(window)
        worst = 1.0
        for (begin, own, others), (end, own_after, others_after) in zip(samples, samples[4:]):
            busy = own_after - own + others_after - others
            if others_after - others > busy / 10:
                worst = min(worst, (own_after - own) / busy)
        all_of_it = samples[-1][2] - samples[0][2]
        figure(f"{HERD} groups in a herd got {all_of_it / 1e6:.2f} s of CPU time; in the worst 0.2 s the group "
               f"beside them kept {100 * worst:.0f} % where 50 % is its share")
        expect(all_of_it > 0.5 * HERD * WORK * 1e6, f"the herd got {all_of_it} us")
        expect(worst > 0.25, f"kept {100 * worst:.0f} % in the worst 0.2 s")


def comings_and_goings() -> None:
    """Groups and tasks come, move and go; all that stays makes progress."""
    with Scheduler("scx_flatcg") as scheduler:
        steady = [crowded(f"steady{number}", 100, tasks=2) for number in range(3)]
        before = [group.used() for group in steady]
        moves, rounds = 0, 100 if LONG else 12
        for number in range(rounds):
            group = Group(f"guest{number}", 50 + number)
            tasks = [Task(group) for _ in range(2)]
            (steady[number % 3].path / "cgroup.procs").write_text(str(tasks[0].pid))
            time.sleep(0.02)
            (group.path / "cgroup.procs").write_text(str(tasks[0].pid))
            moves += 2
            group.set_weight(1 + 100 * (number % 7))
            for task in tasks:
                task.stop()
            group.remove()
        got = [group.used() - start for group, start in zip(steady, before)]
        if min(got) < 10000:
            fail(f"a group stood still: {got} us")
        figure(f"{rounds} groups came and went, {moves} moves; those that stayed ran {min(got) / 1e6:.2f} s or more")
        expect(scheduler.process.poll() is None, f"ended: {scheduler.exit_line()}")


def beside_bound_ones() -> None:
    """One that may run anywhere has its turn among two of each CPU, all of one group."""
    for order in ((), ("-f",)):
        with Scheduler("scx_flatcg", *order):
            tasks = [Task(cpus={cpu}) for cpu in range(CPUS) for _ in range(2)]
            time.sleep(SETTLE)
            tasks.append(Task())
            got = measure([task.ran for task in tasks], 1)
            part = shares(got, [1] * len(got))[-1]
            figure(f"one task beside {2 * CPUS} of one CPU each got {100 * part:.0f} % of its share{', in order of arrival' * bool(order)}")
            if not common.UPSTREAM:
                expect(part > 0.5, f"a task that may run anywhere waits: {[round(ran / 1e6) for ran in got]} ms")
