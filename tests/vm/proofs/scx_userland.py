# SPDX-License-Identifier: GPL-2.0
"""scx_userland: weights as a process decides them, crowds, and what happens when that process is
starved, stopped or killed."""

import signal
import time

from boot import Boot
from common import (CPUS, LONG, SCHED_EXT, STATE, UPSTREAM, Scheduler, Task, expect, expect_shares, figure, measure, read,
                    wait_until)

BOOTS = (
    Boot("short", ("weights", "two_on_one_cpu", "newcomer", "partial_shares", "idle_cost", "killed"), upstream=True),
    Boot("bounds", ("light_task", "few_cpus"), upstream=True),
    Boot("crowd", ("crowd",), long=True),
    # Its mail stays unread while it is stopped.
    Boot("stopped", ("stopped",), ejections=("userland:runnable task stall",)),
)

# As the kernel turns nice values into weights.
NICE = {-5: 3121, 0: 1024, 5: 335}
CROWD = 500


def weights() -> None:
    """On all CPUs, of each weight as many as there are CPUs."""
    with Scheduler("scx_userland"):
        tasks = {nice: [Task(nice=nice) for _ in range(CPUS)] for nice in NICE}
        time.sleep(0.5)
        got = measure([task.ran for one in tasks.values() for task in one], 4)
        sums = [sum(got[number * CPUS:(number + 1) * CPUS]) for number in range(len(NICE))]
        # The heaviest cannot use more than all its tasks can.
        expect_shares(f"nice {', '.join(map(str, NICE))}", sums, list(NICE.values()), 0.1)


def two_on_one_cpu() -> None:
    """The one that runs is in no queue, and still is weighed against the one that waits."""
    with Scheduler("scx_userland"):
        tasks = [Task(nice=nice, cpus={CPUS - 1}) for nice in (0, 5)]
        time.sleep(0.5)
        expect_shares("nice 0 and 5, one each on one CPU", measure([task.ran for task in tasks], 3), [NICE[0], NICE[5]], 0.1)


def crowd() -> None:
    """Hundreds of tasks that never sleep: each gets on, and so does the process that decides."""
    with Scheduler("scx_userland") as scheduler:
        first = scheduler.statistics()
        tasks = [Task() for _ in range(CROWD)]
        time.sleep(0.5)
        lines, seconds = len(scheduler.all_statistics()), 20 if LONG else 4
        got = measure([task.ran for task in tasks], seconds)
        lines = len(scheduler.all_statistics()) - lines
        last = scheduler.statistics()
        figure(f"{CROWD} tasks on {CPUS} CPUs ran {min(got) / 1e6:.0f} to {max(got) / 1e6:.0f} ms of {seconds} s")
        expect(min(got) > 0, f"{got.count(0)} of {CROWD} tasks did not run in {seconds} s")
        if last is not None:
            figure(f"waited {last['longest_wait_us'] / 1e6:.2f} s at most, {last['reported'] - first['reported']} reports, "
                   f"{last['overflow']} lost their place to overflow, {lines} lines of figures in time for {seconds * 2}")
            expect(last["longest_wait_us"] < 10e6, f"a task waited {last['longest_wait_us']} us")
            expect(lines >= seconds * 2 * 0.8, f"it printed {lines} lines of figures in {seconds} s")


def used_by(scheduler: Scheduler) -> int:
    """CPU time of all its threads so far, in ns."""
    return time.clock_gettime_ns((~scheduler.process.pid << 3) | 2)


def partial_shares() -> None:
    """The thread that decides is of the class as well, or it could not hand a CPU over: it would never sleep."""
    with Scheduler("scx_userland", "--partial", upstream_options=("-p",)) as scheduler:
        tasks = [Task(policy=SCHED_EXT) for _ in range(2 * CPUS)]
        time.sleep(0.5)
        *got, used = measure([*(task.ran for task in tasks), lambda: used_by(scheduler)], 4)
        expect_shares(f"{len(tasks)} of SCHED_EXT", got, [1] * len(tasks), 0.1)
        figure(f"it used {used / 4e7:.1f} % of a CPU itself")


def idle_cost() -> None:
    """Next to nothing, whether all tasks are of the class or none is; and the watchdog finds nothing wrong
    with a thread that has nothing to decide."""
    for mode, seconds in ((), 4), (("--partial",), 12):
        with Scheduler("scx_userland", *mode, upstream_options=mode and ("-p",)) as scheduler:
            time.sleep(1)
            percent = measure([lambda: used_by(scheduler)], seconds)[0] / seconds / 1e7
            figure(f"idle it uses {percent:.2f} % of a CPU{' with --partial' if mode else ''}")
            expect(UPSTREAM or percent < 5, f"idle it uses {percent:.1f} % of a CPU {' '.join(mode)}")


def killed() -> None:
    """SIGKILL: the kernel takes over at once."""
    for mode, policy in ((), None), (("--partial",), SCHED_EXT):
        killed_in(mode, policy)


def killed_in(mode: tuple[str, ...], policy: int | None) -> None:
    with Scheduler("scx_userland", *mode, upstream_options=mode and ("-p",)) as scheduler:
        tasks = [Task(policy=policy) for _ in range(2 * CPUS)]
        time.sleep(0.3)
        scheduler.process.send_signal(signal.SIGKILL)
        scheduler.process.wait(timeout=60)
        wait_until(lambda: read(STATE / "state") == "disabled", "the scheduler is gone with its process", 10)
        got = measure([task.ran for task in tasks], 0.5)
        expect(min(got) > 0, f"a task stands still after its end: {got}")
        figure(f"all of {len(tasks)} tasks run on under the kernel{' after --partial' if mode else ''}")
        for task in tasks:
            task.stop()


def stopped() -> None:
    """SIGSTOP: tasks wait for answers that do not come until the watchdog ends it."""
    with Scheduler("scx_userland") as scheduler:
        tasks = [Task() for _ in range(CPUS + 1)]
        time.sleep(0.3)
        began = time.monotonic()
        scheduler.process.send_signal(signal.SIGSTOP)
        wait_until(lambda: read(STATE / "state") == "disabled", "the watchdog ends it", 60)
        took = time.monotonic() - began
        got = measure([task.ran for task in tasks], 0.5)
        expect(min(got) > 0, f"a task stands still after its end: {got}")
        scheduler.process.send_signal(signal.SIGCONT)
        line = scheduler.wait_ejected()
        expect("runnable task stall" in line, f"it ended with {line}")
        figure(f"thrown out after {took:.0f} s: {line.removeprefix('EXIT: ')}")
