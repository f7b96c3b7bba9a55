# SPDX-License-Identifier: GPL-2.0
"""Change nice values, affinities and policies of running and sleeping tasks, ROUNDS times.

Usage: attributes.py ROUNDS. Fails when a task makes no progress afterwards. For a guest with or without a scheduler.
"""

import mmap
import os
import random
import signal
import struct
import sys
import time

HOGS, SLEEPERS = 3, 3
SCHED_EXT = 7
# A parent that does not wait for any of the tasks whose class it changes.
OWN_PRIORITY = 50

counters = mmap.mmap(-1, 8 * (HOGS + SLEEPERS))


def progress(index: int) -> int:
    return struct.unpack_from("Q", counters, 8 * index)[0]


def work(index: int, sleeps: bool) -> None:
    while True:
        struct.pack_into("Q", counters, 8 * index, progress(index) + 1)
        if sleeps:
            time.sleep(0.001)


def start_tasks() -> list[int]:
    tasks = []
    for index in range(HOGS + SLEEPERS):
        task = os.fork()
        if task == 0:
            work(index, index >= HOGS)
        tasks.append(task)
    return tasks


def change(task: int, hog: bool, cpus: list[int]) -> None:
    kind = random.randrange(4)
    if kind == 0:
        os.setpriority(os.PRIO_PROCESS, task, random.randint(-20, 19))
    elif kind == 1:
        os.sched_setaffinity(task, random.sample(cpus, random.randint(1, len(cpus))))
    elif kind == 2:
        os.sched_setscheduler(task, random.choice([os.SCHED_OTHER, os.SCHED_BATCH, os.SCHED_IDLE, SCHED_EXT]),
                              os.sched_param(0))
    else:
        os.sched_setscheduler(task, random.choice([os.SCHED_FIFO, os.SCHED_RR]), os.sched_param(1))
        if hog:  # Nothing else would run on its CPU.
            os.sched_setscheduler(task, os.SCHED_OTHER, os.sched_param(0))


def main() -> int:
    random.seed(1)
    cpus = sorted(os.sched_getaffinity(0))
    tasks = start_tasks()
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(OWN_PRIORITY))
    for number in range(int(sys.argv[1])):
        index = random.randrange(len(tasks))
        change(tasks[index], index < HOGS, cpus)
        if number % 8 == 0:
            time.sleep(0.001)
    for task in tasks:
        os.sched_setscheduler(task, os.SCHED_OTHER, os.sched_param(0))
        os.setpriority(os.PRIO_PROCESS, task, 0)
        os.sched_setaffinity(task, cpus)
    before = [progress(index) for index in range(len(tasks))]
    stuck = list(range(len(tasks)))
    for _ in range(600):
        stuck = [index for index in stuck if progress(index) <= before[index]]
        if not stuck:
            break
        time.sleep(0.1)
    for task in tasks:
        os.kill(task, signal.SIGKILL)
        os.waitpid(task, 0)
    if stuck:
        print(f"no progress after the changes: tasks {stuck} of {HOGS} hogs and {SLEEPERS} sleepers")
    return 1 if stuck else 0


if __name__ == "__main__":
    sys.exit(main())
