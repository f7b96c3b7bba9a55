#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Runs in a guest: what the scheduler `follows_groups` has been told of cgroups is what cgroupfs shows,
while groups, tasks and controllers come, move and go.

usage: groups.py BPFTOOL LOADER FOLLOWS_GROUPS.bpf.o"""

import contextlib
import json
import pathlib
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path("/sys/fs/cgroup")
A, B, C = ROOT / "a", ROOT / "a/b", ROOT / "c"
STATE = pathlib.Path("/sys/kernel/sched_ext/state")
# Looks, a tenth of a second apart at least: groups go away behind the scenes.
LOOKS = 40
ROOT_WEIGHT = 100

# Threads that sleep until the standard input ends, and a last one that takes each name it reads there.
THREADS = """
import sys, threading
over = threading.Event()
def renamed():
    for name in sys.stdin:
        open(f"/proc/self/task/{threading.get_native_id()}/comm", "w").write(name.strip())
        print(flush=True)
    over.set()
for _ in range(3):
    threading.Thread(target=over.wait).start()
threading.Thread(target=renamed).start()
"""
FORKS = ["sh", "-c", "while :; do /bin/true; done"]
HOG = ["sh", "-c", "while :; do :; done"]


class Disagreement(Exception):
    """What the scheduler believes is not so."""


def write(path: pathlib.Path, text: str) -> None:
    path.write_text(text, encoding="ascii")


def controller(group: pathlib.Path, change: str) -> None:
    write(group / "cgroup.subtree_control", f"{change}cpu")


def move(process: subprocess.Popen, group: pathlib.Path) -> None:
    write(group / "cgroup.procs", str(process.pid))


def start(command: list[str], group: pathlib.Path) -> subprocess.Popen:
    process = subprocess.Popen(command)
    move(process, group)
    return process


def threads_called(name: str) -> subprocess.Popen:
    process = subprocess.Popen([sys.executable, "-c", THREADS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    rename_last(process, name)
    return process


def rename_last(threads: subprocess.Popen, name: str) -> None:
    print(name, file=threads.stdin, flush=True)
    threads.stdout.readline()


def end(process: subprocess.Popen) -> None:
    process.kill()
    process.wait()


def shown() -> dict[int, tuple[int, int]]:
    """By id: weight and tasks of each group that has the controller. A group without it is its parent's."""
    groups: dict[int, list[int]] = {}

    def visit(group: pathlib.Path, owner: int) -> None:
        weight = group / "cpu.weight"
        if group == ROOT or weight.exists():
            owner = group.stat().st_ino
            groups[owner] = [ROOT_WEIGHT if group == ROOT else int(weight.read_text(encoding="ascii")), 0]
        groups[owner][1] += len((group / "cgroup.threads").read_text(encoding="ascii").split())
        for child in group.iterdir():
            if child.is_dir():
                visit(child, owner)

    visit(ROOT, 0)
    return {number: (weight, tasks) for number, (weight, tasks) in groups.items()}


class Scheduler:
    """follows_groups, from its start to its end."""

    def __init__(self, bpftool: str, loader: str, scheduler: str):
        self.bpftool = bpftool
        self.process = subprocess.Popen([loader, scheduler], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        while STATE.read_text(encoding="ascii").strip() != "enabled":
            self.must_live()
            time.sleep(0.1)

    def must_live(self) -> None:
        if self.process.poll() is not None:
            raise Disagreement(self.process.communicate()[0].strip())

    def believes(self) -> dict[int, tuple[int, int]]:
        dumped = subprocess.run([self.bpftool, "-j", "map", "dump", "name", "groups"], capture_output=True, check=False)
        if dumped.returncode != 0:
            # The map goes with the scheduler, whose last words say more.
            self.process.wait(timeout=60)
            self.must_live()
        return {entry["formatted"]["key"]: (entry["formatted"]["value"]["weight"], entry["formatted"]["value"]["tasks"])
                for entry in json.loads(dumped.stdout)}

    def agrees(self, when: str) -> None:
        for _ in range(LOOKS):
            self.must_live()
            truth, belief = shown(), self.believes()
            # Who looks and who is being buried belongs to the root.
            root = ROOT.stat().st_ino
            truth[root] = belief[root] = (ROOT_WEIGHT, 0) if root in belief else None
            if truth == belief:
                return
            time.sleep(0.1)
        raise Disagreement(f"{when}: cgroupfs shows {truth}, the scheduler believes {belief} (id: weight, tasks)")

    def leave(self) -> None:
        self.must_live()
        self.process.send_signal(signal.SIGINT)
        said = self.process.communicate()[0]
        if "EXIT: unregistered from user space" not in said:
            raise Disagreement(said.strip())


def autogroup_is_no_group(scheduler: Scheduler) -> None:
    """A session has a group of its own that no cgroup stands for: its tasks are the root's."""
    session = subprocess.Popen(["setsid", "sh", "-c", "while :; do /bin/true; done"])
    try:
        while not pathlib.Path(f"/proc/{session.pid}/autogroup").read_text(encoding="ascii").startswith("/autogroup-"):
            time.sleep(0.1)
        scheduler.agrees("tasks of an autogroup")
        move(session, C)
        scheduler.agrees("a move from an autogroup")
        move(session, ROOT)
        time.sleep(0.2)
        scheduler.agrees("a move to an autogroup")
    finally:
        end(session)


def weights(scheduler: Scheduler) -> None:
    for weight in (1, 10000, 250):
        write(A / "cpu.weight", str(weight))
        write(C / "cpu.weight.nice", "-5")
        scheduler.agrees(f"weight {weight}")


def moves(scheduler: Scheduler, forks: subprocess.Popen, threads: subprocess.Popen) -> None:
    for group in (B, C, C, ROOT, B):
        move(forks, group)
        move(threads, group)
        scheduler.agrees(f"moves to {group}")


def refused_move(scheduler: Scheduler) -> None:
    """The last of a process's threads may not move: then none does. Later it may."""
    threads = threads_called("unmoved")
    try:
        move(threads, C)
    except PermissionError:
        scheduler.agrees("a refused move")
    else:
        raise Disagreement("a move that ops.cgroup_prep_move() refused was made")
    rename_last(threads, "moved")
    move(threads, C)
    scheduler.agrees("a move that was refused before")
    end(threads)


def toggling(scheduler: Scheduler) -> None:
    """As systemd does: the controller comes and goes while tasks stay where they are."""
    for _ in range(3):
        controller(A, "+")
        scheduler.agrees("the controller came to a/b")
        write(B / "cpu.weight", "333")
        scheduler.agrees("weight of a/b")
        controller(A, "-")
        scheduler.agrees("the controller left a/b")
    controller(ROOT, "-")
    scheduler.agrees("the controller left all groups")
    controller(ROOT, "+")
    scheduler.agrees("the controller came back")


def make_groups() -> None:
    for group in (A, B, C):
        group.mkdir()


def remove_groups() -> None:
    for group in (B, A, C):
        for _ in range(LOOKS):
            with contextlib.suppress(OSError):
                group.rmdir()
                break
            time.sleep(0.1)


def main() -> int:
    controller(ROOT, "+")
    make_groups()
    threads = threads_called("moved")
    processes = [start(HOG, B), start(FORKS, B), threads]
    move(threads, C)
    write(C / "cpu.weight", "77")
    try:
        scheduler = Scheduler(*sys.argv[1:])
        scheduler.agrees("groups that were there before")
        weights(scheduler)
        moves(scheduler, processes[1], threads)
        refused_move(scheduler)
        toggling(scheduler)
        autogroup_is_no_group(scheduler)
        for process in processes:
            end(process)
        remove_groups()
        scheduler.agrees("all groups are gone")
        make_groups()
        scheduler.agrees("new groups")
        scheduler.leave()
        remove_groups()
        controller(ROOT, "-")
    except Disagreement as why:
        print(why)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
