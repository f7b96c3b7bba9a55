# SPDX-License-Identifier: GPL-2.0
"""Three tasks wake up while two CPUs are taken, then one of the CPUs becomes free.

Usage: document_cycle.py FILE, where the scheduler `cycle` writes what it sees to. The three go to
the local, the global and a queue of the scheduler's; they wake up in the reverse of the order in
which the document says that these are looked at.
"""

import os
import pathlib
import signal
import subprocess
import sys
import time

SCHED_EXT = 7
CPU = 1
WAKING = ("queued", "global", "local")


def become_ext(cpus: set[int]) -> None:
    os.sched_setaffinity(0, cpus)
    os.sched_setscheduler(0, SCHED_EXT, os.sched_param(0))


def until(condition, what: str) -> None:
    for _ in range(600):
        if condition():
            return
        time.sleep(0.1)
    sys.exit(f"waited in vain until {what}")


def sleeper(name: str) -> subprocess.Popen:
    """Sleeps until its standard input ends. May run on either CPU, so that it is asked about."""
    program = f"open('/proc/self/comm', 'w').write('{name}'); import os; print(flush=True); os.read(0, 1)"
    task = subprocess.Popen(["python3", "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    task.stdout.readline()
    until(lambda: state_of(task.pid) == "S", f"{name} sleeps")
    os.sched_setaffinity(task.pid, {0, CPU})
    os.sched_setscheduler(task.pid, SCHED_EXT, os.sched_param(0))
    return task


def holder(cpu: int) -> subprocess.Popen:
    # It sleeps once: who changes its policy while it runs goes on with the slice it has, and the
    # scheduler gives it the endless one when it wakes up.
    task = subprocess.Popen(["sh", "-c", "sleep 0.1; while :; do :; done"], preexec_fn=lambda: become_ext({cpu}))
    until(lambda: comm_of(task.pid) == "sh", f"the holder of CPU {cpu} is there")
    begun = cpu_time(task.pid)
    until(lambda: cpu_time(task.pid) > begun + 300_000_000, f"CPU {cpu} is taken")
    return task


def comm_of(pid: int) -> str:
    return pathlib.Path(f"/proc/{pid}/comm").read_text(encoding="ascii").strip()


def state_of(pid: int) -> str:
    return pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(") ", 1)[1][0]


def cpu_time(pid: int) -> int:
    return int(pathlib.Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0])


def judge(entries: list[str]) -> str | None:
    """What is wrong with what was written down."""
    for name in WAKING:
        if f"select_cpu {name}" not in entries or f"enqueue {name}" not in entries:
            return f"{name} was not asked about"
        if entries.index(f"select_cpu {name}") > entries.index(f"enqueue {name}"):
            return f"step 2 came before step 1 for {name}"
    ran = [entries.index(f"running {name}") for name in reversed(WAKING)]
    if ran != sorted(ran):
        return "the queues were not looked at in the order local, global, the scheduler's own"
    if "dispatch -" in entries[:ran[1]]:
        return "step 4 came before step 3: dispatch was called although the global queue had a task"
    if "dispatch -" not in entries[ran[1]:ran[2]]:
        return "a task of the scheduler's own queue ran although dispatch was not called"
    return None


def main() -> int:
    output = pathlib.Path(sys.argv[1])

    def entries() -> list[str]:
        return [line for line in output.read_text(encoding="ascii").splitlines() if line != "attached"]

    os.sched_setaffinity(0, {2, 3})
    tasks = {name: sleeper(name) for name in WAKING}
    holders = [holder(cpu) for cpu in (0, CPU)]
    before = len(entries())
    for name in WAKING:
        tasks[name].stdin.close()
        until(lambda name=name: f"enqueue {name}" in entries()[before:], f"{name} is enqueued")
    held = " and ".join(f"{state_of(task.pid)} after {cpu_time(task.pid) // 1_000_000} ms" for task in holders)
    holders[1].send_signal(signal.SIGKILL)
    until(lambda: all(f"running {name}" in entries()[before:] for name in WAKING), "all three have run")
    seen = entries()[before:]
    holders[0].kill()
    for task in (*tasks.values(), *holders):
        task.wait()
    wrong = judge(seen)
    if wrong:
        print("\n".join(seen), f"the two CPUs were held by tasks in state {held} until one was killed", wrong, sep="\n")
    return int(wrong is not None)


if __name__ == "__main__":
    sys.exit(main())
