# SPDX-License-Identifier: GPL-2.0
"""What the machine does while a misuse is waited for: everyday work, and what a row needs."""

import contextlib
import os
import pathlib
import subprocess
import time

CGROUPS = pathlib.Path("/sys/fs/cgroup")
CPU1 = pathlib.Path("/sys/devices/system/cpu/cpu1/online")
SCHED_EXT = 7


def everyday() -> None:
    """Forks, sleeps and wakes."""
    subprocess.run(["true"], check=False)
    time.sleep(0.002)


def own_cpus() -> list[int]:
    return sorted(os.sched_getaffinity(0))


def set_nice() -> None:
    for nice in (5, 0):
        os.setpriority(os.PRIO_PROCESS, 0, nice)


def renice_hogs() -> None:
    for hog in running_hogs:
        for nice in (5, 0):
            os.setpriority(os.PRIO_PROCESS, hog.pid, nice)


def set_affinity() -> None:
    cpus = own_cpus()
    os.sched_setaffinity(0, cpus[:1])
    os.sched_setaffinity(0, cpus)


def set_policy() -> None:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def fork_ext() -> None:
    """A task that asks for the class forks."""
    os.sched_setscheduler(0, SCHED_EXT, os.sched_param(0))
    subprocess.run(["true"], check=False)
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def realtime() -> None:
    """A task of a higher class takes every CPU from whoever runs there, for a moment."""
    for cpu in own_cpus():
        subprocess.run(["chrt", "--fifo", "10", "taskset", "-c", str(cpu), "true"], check=False)


def pin_child() -> None:
    subprocess.run(["taskset", "-c", "0", "sleep", "0.001"], check=False)


# Two threads until the standard input ends; says when they are there.
TWO_THREADS = """
import sys, threading
threading.Thread(target=sys.stdin.read).start()
print(flush=True)
"""


def write(path: pathlib.Path, text: str) -> None:
    """A refused write is what some rows are about."""
    with contextlib.suppress(OSError):
        path.write_text(text, encoding="ascii")


def cgroups() -> None:
    """Groups come and go, weights change, a process of two threads moves."""
    write(CGROUPS / "cgroup.subtree_control", "+cpu")
    group = CGROUPS / "misuse"
    with contextlib.suppress(OSError):
        group.mkdir()
    with subprocess.Popen(["python3", "-c", TWO_THREADS], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as threads:
        threads.stdout.readline()
        write(group / "cpu.weight", "200")
        write(group / "cgroup.procs", str(threads.pid))
        write(group / "cpu.weight", "100")
    with contextlib.suppress(OSError):
        group.rmdir()


def hotplug() -> None:
    write(CPU1, "0")
    write(CPU1, "1")


NEEDS = {
    "": everyday, "fork": everyday, "hog": everyday, "yield": os.sched_yield, "nice": set_nice, "renice": renice_hogs,
    "affinity": set_affinity, "policy": set_policy, "ext": fork_ext, "rt": realtime, "pinned": pin_child,
    "cgroup": cgroups, "hotplug": hotplug,
}
# Something must be running for these to come about.
WITH_HOGS = ("hog", "rt", "yield", "renice")
running_hogs: list[subprocess.Popen] = []


@contextlib.contextmanager
def hogs(needs: str):
    """As many tasks that never sleep as there are CPUs, and one more."""
    if needs in WITH_HOGS:
        for _ in range(len(own_cpus()) + 1):
            running_hogs.append(subprocess.Popen(["sh", "-c", "while :; do :; done"]))
    try:
        yield
    finally:
        while running_hogs:
            hog = running_hogs.pop()
            hog.kill()
            hog.wait()
