# SPDX-License-Identifier: GPL-2.0
"""What every scheduler must do, whatever it is for, and what several must."""

import signal
import subprocess
import time

import common
from common import (CPUS, SCHED_EXT, STATE, Scheduler, Task, expect, figure, is_in_class, longest_waits, measure, read,
                    set_online, shares, wait_until)


def manners(name: str, options: tuple[str, ...]) -> None:
    """Figures in words and in JSON, clean ends, partial mode, and CPUs that come and go."""
    if common.UPSTREAM:
        return  # It has other options.
    # Fair tasks go before those of the class, so alone.
    partial(name, options)
    tasks = [Task() for _ in range(CPUS)]
    in_words(name, options)
    killed(name, options)
    hotplug(name, options)
    before = [task.ran() for task in tasks]
    wait_until(lambda: all(task.ran() > ran for task, ran in zip(tasks, before)), "everybody runs after it", 10)


def in_words(name: str, options: tuple[str, ...]) -> None:
    with Scheduler(name, *options, json_lines=False) as scheduler:
        wait_until(lambda: len(scheduler.lines()) >= 2 or scheduler.process.poll() is not None, "prints figures", 60)
        expect("=" in scheduler.lines()[0], f"no figures: {scheduler.said()}")
        figure(f"prints `{scheduler.lines()[0]}`")
        scheduler.stop(signal.SIGTERM)


def killed(name: str, options: tuple[str, ...]) -> None:
    with Scheduler(name, *options) as scheduler:
        expect(read(STATE / "switch_all") == "1", "not all tasks are scheduled")
        scheduler.process.kill()
        scheduler.process.wait()
        wait_until(lambda: read(STATE / "state") == "disabled", "is gone when killed")


def partial(name: str, options: tuple[str, ...]) -> None:
    with Scheduler(name, "--partial", *options):
        normal, ours = Task(cpus={0}), Task(cpus={CPUS - 1}, policy=SCHED_EXT)
        wait_until(lambda: is_in_class(ours.pid), "a SCHED_EXT task is in the class")
        expect(not is_in_class(normal.pid), "a normal task is in the class")
        expect(read(STATE / "switch_all") == "0", "all tasks are scheduled")
        normal.stop()
        ours.stop()


def hotplug(name: str, options: tuple[str, ...]) -> None:
    """Starts again or follows: both are fine, ending is not."""
    with Scheduler(name, *options) as scheduler:
        for online in (False, True):
            lives = starts(scheduler)
            set_online(CPUS - 1, online)
            time.sleep(0.5)
            wait_until(lambda: read(STATE / "state") == "enabled", "is enabled again", 60)
            expect(scheduler.process.poll() is None, f"ended: {scheduler.exit_line()}: {scheduler.said()}")
        scheduler.statistics()
        figure("starts again when a CPU comes" if starts(scheduler) > lives else "follows CPUs")


def starts(scheduler: Scheduler) -> int:
    """How often it started again."""
    return sum(line.startswith('{"exit":') for line in scheduler.lines())


def newcomer(name: str, options: tuple[str, ...]) -> None:
    """Who joins a crowd that must stay on its CPU has its turn like them, however far
    others have got meanwhile on CPUs with fewer. Two there: one alone is not stopped and started."""
    with Scheduler(name, *options):
        for cpu in range(CPUS - 1):
            for _ in range(2):
                Task(cpus={cpu})
        crowd = [Task(cpus={CPUS - 1}) for _ in range(6)]
        time.sleep(1.5)
        tasks = [Task(cpus={CPUS - 1}), *crowd]
        got = measure([task.ran for task in tasks], 1.5)
        figure(f"a newcomer among {len(crowd)} on one CPU got {100 * shares(got, [1] * len(got))[0]:.0f} % of its share")
        if not common.UPSTREAM:
            expect(shares(got, [1] * len(got))[0] > 0.5, f"a newcomer waits: {[round(ran / 1e6) for ran in got]} ms")


def light_task(name: str, options: tuple[str, ...]) -> None:
    """Beside tasks that weigh 5917 times as much, one of nice 19 still has a turn every few seconds, whether
    it may run anywhere or they all stay on one CPU: the kernel ejects a scheduler that lets it wait for 30."""
    with Scheduler(name, *options):
        for cpus, number in ((None, CPUS + 1), ({CPUS - 1}, 2)):
            for _ in range(number):
                Task(cpus=cpus, nice=-20)
        light = [Task(nice=19), Task(nice=19, cpus={CPUS - 1})]
        time.sleep(1)
        waits = longest_waits([task.ran for task in light], 13)
        figure(f"beside nice -20 one of nice 19 waits for {waits[0]:.1f} s at most, on one CPU {waits[1]:.1f} s")
        expect(common.UPSTREAM or max(waits) < 10, f"they wait for too long: {waits}")


def few_cpus(name: str, options: tuple[str, ...]) -> None:
    """Tasks that may run on two of the CPUs share these two, and neither is idle while one of them waits."""
    with Scheduler(name, *options):
        tasks = [Task(cpus={0, 1}) for _ in range(3)]
        time.sleep(0.5)
        got = measure([task.ran for task in tasks], 2)
        # If the others had to share one CPU they would go on with that.
        alone = tasks.pop(got.index(max(got)))
        alone.stop()
        time.sleep(0.2)
        rest = measure([task.ran for task in tasks], 1)
        figure(f"3 tasks on 2 of the CPUs got {' '.join(f'{ran / 2e7:.0f}' for ran in got)} % of one, then 2 of them "
               f"{' '.join(f'{ran / 1e7:.0f}' for ran in rest)} %")
        if not common.UPSTREAM:
            expect(min(got) > 2e9 * 0.4, f"they do not share: {got}")
            expect(min(rest) > 1e9 * 0.8, f"a CPU is idle while one waits: {rest}")


def soak(name: str, options: tuple[str, ...], seconds: int = 600) -> None:
    """Mixed load for so long: it must not be thrown out, and everything must go on."""
    with Scheduler(name, *options) as scheduler:
        load = subprocess.run([common.TOP / "tests/vm/mixed-load", str(seconds)], capture_output=True, text=True, check=False)
        expect(load.returncode == 0, f"the load failed: {load.stderr.strip()}")
        expect(scheduler.process.poll() is None, f"ended under load: {scheduler.exit_line()}")
        figure(f"{seconds} s of mixed load on {CPUS} CPUs: {load.stdout.strip()}")
