# SPDX-License-Identifier: GPL-2.0
"""Bring about every callback of the scheduler every_callback, and read how often each was called.

Usage: every_callback.py BPFTOOL LOADER OBJECT. Runs in a guest with two threads per core. The
scheduler itself looks at the arguments, and ends when one is not as it should be.
"""

import ctypes
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[2]
sys.path.insert(0, str(HERE.parent / "misuse"))

import activities  # noqa: E402

PIN = "/sys/fs/bpf/every_callback"
STATE = pathlib.Path("/sys/kernel/sched_ext/state")
PR_SCHED_CORE, PR_SCHED_CORE_CREATE = 62, 1
ROUNDS = 30


# A thread called `unmoved`, until the standard input ends; says when it is there.
UNMOVED = """
import sys, threading
def unmoved():
    open(f"/proc/self/task/{threading.get_native_id()}/comm", "w").write("unmoved")
    print(flush=True)
    sys.stdin.read()
threading.Thread(target=unmoved).start()
"""


def callbacks() -> list[str]:
    text = (TOP / "module/abi/ops.h").read_text(encoding="utf-8")
    return re.findall(r"\(\*(\w+)\)\(", text[text.index("struct sched_ext_ops {"):])


def counts(bpftool: str) -> dict[str, int]:
    dumped = subprocess.run([bpftool, "-j", "map", "dump", "pinned", PIN], capture_output=True, check=True)
    section = json.loads(dumped.stdout)[0]["formatted"]["value"][".bss"]
    numbers = next(variable["calls"] for variable in section if "calls" in variable)
    return dict(zip(callbacks(), numbers, strict=True))


def pin(bpftool: str) -> None:
    maps = json.loads(subprocess.run([bpftool, "-j", "map", "list"], capture_output=True, check=True).stdout)
    number = next(entry["id"] for entry in maps if entry.get("name") == "every_ca.bss")
    subprocess.run([bpftool, "map", "pin", "id", str(number), PIN], check=True)


def core_scheduling() -> None:
    """Two tasks that do not trust one another, on the two threads of a core."""
    def own_cookie() -> None:
        if ctypes.CDLL(None, use_errno=True).prctl(PR_SCHED_CORE, PR_SCHED_CORE_CREATE, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SCHED_CORE)")

    pair = [subprocess.Popen(["taskset", "-c", "0,1", "sh", "-c", "while :; do :; done"], preexec_fn=own_cookie)
            for _ in range(3)]
    time.sleep(0.5)
    for task in pair:
        task.kill()
        task.wait()


def refused_move() -> None:
    """A process moves whose second thread may not."""
    group = activities.CGROUPS / "refused"
    group.mkdir()
    with subprocess.Popen(["python3", "-c", UNMOVED], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as threads:
        threads.stdout.readline()
        activities.write(group / "cgroup.procs", str(threads.pid))
    group.rmdir()


def waiting_changes(hogs: list[int]) -> None:
    """Waiting tasks are dequeued for a moment when their properties change."""
    for nice in range(5):
        for hog in hogs:
            os.setpriority(os.PRIO_PROCESS, hog, nice)


def one_round() -> None:
    activities.everyday()
    os.sched_yield()
    activities.set_nice()
    activities.set_affinity()
    activities.set_policy()
    hogs = [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(8)]
    activities.realtime()
    waiting_changes([hog.pid for hog in hogs])
    for hog in hogs:
        hog.kill()
        hog.wait()
    activities.cgroups()
    refused_move()
    core_scheduling()
    activities.hotplug()
    pathlib.Path("/proc/sysrq-trigger").write_text("D", encoding="ascii")
    time.sleep(0.2)


def enabled() -> bool:
    return STATE.read_text(encoding="ascii").strip() == "enabled"


def main() -> int:
    bpftool, loader, scheduler_object = sys.argv[1:]
    if not os.path.ismount("/sys/fs/bpf"):
        subprocess.run(["mount", "-t", "bpf", "none", "/sys/fs/bpf"], check=True)
    # Only the end has calls of exit, and the last of exit_task and disable: the map outlives it.
    late = {"exit", "disable", "exit_task", "cgroup_exit"}
    with subprocess.Popen([loader, scheduler_object], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as scheduler:
        while not enabled() and scheduler.poll() is None:
            time.sleep(0.1)
        if scheduler.poll() is not None:
            print(scheduler.communicate()[0])
            return 1
        pin(bpftool)
        for _ in range(ROUNDS):
            if scheduler.poll() is not None or not enabled():
                break
            one_round()
            if all(number for name, number in counts(bpftool).items() if name not in late):
                break
        scheduler.send_signal(signal.SIGINT)
        said = scheduler.communicate()[0].splitlines()
    called = counts(bpftool)
    os.unlink(PIN)
    print("INFO " + " ".join(f"{name}={number}" for name, number in called.items()))
    missing = [name for name, number in called.items() if not number]
    if "EXIT: unregistered from user space" not in said:
        print("\n".join(said[-20:]))
        return 1
    if missing:
        print(f"never called: {' '.join(missing)}")
    return int(bool(missing))


if __name__ == "__main__":
    sys.exit(main())
