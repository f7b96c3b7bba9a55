# SPDX-License-Identifier: GPL-2.0
"""scx_pair: sibling CPUs never run tasks of two groups at once, as the scheduler itself sees it and as
the kernel's tracepoint tells; and all groups get on."""

import collections
import os
import pathlib
import signal
import time

from boot import Boot
from common import CPUS, LONG, Group, Scheduler, Task, expect, figure, measure, read
from tracing import Switch, SwitchTrace

BOOTS = (
    Boot("smt", ("siblings", "lone_group"), topology="cores=4,threads=2", fixed=True, allow=("idle-softirq",)),
    Boot("stride", ("stride", "halves"), cpus=4, fixed=True, allow=("idle-softirq",)),
)
SOAK_OPTIONS = ("--stride", "4")

SECONDS = 60 if LONG else 3
GROUPS = 4
ROOT = "/"


def sleeps_often() -> None:
    """Works for 3 ms and sleeps for 2, for ever."""
    while True:
        end = time.process_time() + 0.003
        while time.process_time() < end:
            pass
        time.sleep(0.002)


def takes_the_cpu() -> None:
    """Of a higher class, above the driver: 2 ms of every 20 are its own."""
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(2))
    while True:
        end = time.process_time() + 0.002
        while time.process_time() < end:
            pass
        time.sleep(0.018)


def sibling_sets() -> list[set[int]]:
    sets = []
    for cpu in range(CPUS):
        words = read(pathlib.Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")).replace("-", ",").split(",")
        one = {int(word) for word in words}
        if one not in sets:
            sets.append(one)
    return sets


def group_of(pid: int) -> str | None:
    """The task's group, None if it is of a higher class. One that is gone was a child of the driver's."""
    try:
        if os.sched_getscheduler(pid) & ~os.SCHED_RESET_ON_FORK in (os.SCHED_FIFO, os.SCHED_RR):
            return None
        return read(pathlib.Path(f"/proc/{pid}/cgroup")).rpartition("::")[2] or ROOT
    except OSError:
        return ROOT


def overlaps(switches: list[Switch], sets: list[set[int]], group) -> list[str]:
    """Each moment at which CPUs of a set began to run tasks of two groups at once."""
    runs: dict[int, int] = {}
    set_of = {cpu: one for one in sets for cpu in one}
    found = []
    for switch in switches:
        runs[switch.cpu] = switch.next
        here = {cpu: group(runs[cpu]) for cpu in set_of[switch.cpu] if runs.get(cpu)}
        if len(set(here.values()) - {None}) > 1:
            found.append(f"at {switch.time / 1e9:.6f} CPU {switch.cpu} began {switch.next_name}: {here}")
    return found


def watch(sets: list[set[int]], *options: str) -> None:
    """Four groups of hogs and of tasks that sleep, under a higher class that takes CPUs now and then."""
    # First, so that it is told of a switch before the scheduler is.
    trace = SwitchTrace(buffer_kib=4096 if LONG else 2048)
    with Scheduler("scx_pair", *options) as scheduler:
        groups = [Group(f"pair{number}") for number in range(GROUPS)]
        tasks = {group: [Task(group) for _ in range(max(2, CPUS // 2))] + [Task(group, work=sleeps_often)] for group in groups}
        Task(cpus={CPUS - 1}, name="higher", work=takes_the_cpu)
        time.sleep(0.3)
        before = scheduler.statistics()
        trace.clear()
        got = measure([task.ran for group in groups for task in tasks[group]], SECONDS)
        switches = trace.read()
        after = scheduler.statistics()

        known: dict[int, str | None] = {0: None}
        for switch in switches:
            if switch.next not in known:
                known[switch.next] = group_of(switch.next)
        found = overlaps(switches, sets, known.get)
        ran = collections.Counter(known[switch.next] for switch in switches)
        by_group = [sum(got[number * len(got) // GROUPS:(number + 1) * len(got) // GROUPS]) for number in range(GROUPS)]
        grown = {name: after[name] - before[name] for name in after}
        figure(f"{SECONDS} s on {CPUS} CPUs in {len(sets)} sets, {len(switches)} switches, {grown['turns']} turns, "
               f"{grown['drains']} drains: {len(found)} overlaps traced, {grown['violations']} seen by the scheduler, "
               f"{grown['bypassed']} tasks that it had not taken; groups got "
               f"{':'.join(f'{100 * ns / sum(by_group):.0f}' for ns in by_group)} % of {sum(by_group) / SECONDS / 1e9:.1f} CPUs")
        expect(not found, f"{len(found)} overlaps, the first {found[:1]}")
        expect(grown["violations"] == 0, f"the scheduler saw {grown['violations']} violations")
        expect(grown["bypassed"] == 0, f"{grown['bypassed']} tasks ran that were not taken")
        expect(grown["turns"] > 10 * SECONDS, f"only {grown['turns']} turns")
        expect(all(ran[str(group.path).removeprefix("/sys/fs/cgroup")] for group in groups), f"not all groups were traced: {ran}")
        expect(min(got) > 0, f"a task stood still: {got}")
        expect(min(by_group) > 0.1 * sum(by_group), f"a group got little: {by_group}")
    trace.close()


def siblings() -> None:
    sets = sibling_sets()
    expect(len(sets) < CPUS, f"no siblings among {CPUS} CPUs")
    watch(sets)


def stride() -> None:
    watch([{cpu, cpu + 1} for cpu in range(0, CPUS, 2)], "--stride", "1")


def halves() -> None:
    """Without siblings and without a stride, halves of the machine are paired."""
    watch([{cpu, cpu + CPUS // 2} for cpu in range(CPUS // 2)])


def lone_group() -> None:
    """A group that is alone has all CPUs, and nothing is lost to turns."""
    with Scheduler("scx_pair") as scheduler:
        group = Group("alone")
        tasks = [Task(group) for _ in range(2 * CPUS)]
        time.sleep(0.3)
        began = time.monotonic()
        got = measure([task.ran for task in tasks], 2)
        share = sum(got) / 1e9 / (time.monotonic() - began) / CPUS
        figure(f"{len(tasks)} tasks of one group used {100 * share:.0f} % of {CPUS} CPUs")
        expect(share > 0.9 and min(got) > 0, f"used {100 * share:.0f} %, each {got}")
        scheduler.stop(signal.SIGTERM)
