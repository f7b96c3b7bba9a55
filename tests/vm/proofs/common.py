# SPDX-License-Identifier: GPL-2.0
"""What proofs are made of, inside the guest: a scheduler, groups, tasks, and what they got.

A check is a function without parameters. It calls figure() for what it measured, and expect() or
fail() where something is not so. What it starts is registered here and ended after it.
"""

import ctypes
import json
import mmap
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[3]
STATE = pathlib.Path("/sys/kernel/sched_ext")
CGROUPS = pathlib.Path("/sys/fs/cgroup")
SCHED_EXT = 7
# Where the scheduler's binary is: ours or upstream's.
BINARIES = pathlib.Path(os.environ.get("BINARIES", TOP / "build/schedulers"))
UPSTREAM = os.environ.get("UPSTREAM") == "1"
LONG = os.environ.get("LONG") == "1"
ENDED = "EXIT: unregistered from user space"
CPUS = os.cpu_count() or 1

figures: list[str] = []
_started: list = []

# Burns CPU time for ever: 40,000 instructions, then `pause`, at which QEMU lets the next virtual CPU
# run. Without it one that has no timer of its own (nohz_full=) runs until the next timer of another,
# in a guest that counts instructions; the CPU with the timer then only ever handles its interrupts.
_BURN = bytes.fromhex("b9204e0000" "ffc9" "75fc" "f390" "ebf3")
_code = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
_code.write(_BURN)
burn = ctypes.CFUNCTYPE(None)(ctypes.addressof(ctypes.c_char.from_buffer(_code)))


class Failure(Exception):
    """One line: what was not as it should be, with the figures."""


class Skip(Exception):
    """One line: what this guest lacks for the check."""


def figure(text: str) -> None:
    """Something measured, for the line that the check prints at its end."""
    figures.append(text)


def fail(text: str) -> None:
    raise Failure(text)


def expect(condition: object, text: str) -> None:
    if not condition:
        raise Failure(text)


def wait_until(condition, what: str, seconds: float = 30) -> None:
    """Looks until `condition()` holds. The limit is far above what it takes, to end a hang."""
    deadline = time.monotonic() + seconds
    while not condition():
        expect(time.monotonic() < deadline, f"{what}: not within {seconds:g} s")
        time.sleep(0.02)


def shares(amounts: list[float], weights: list[float]) -> list[float]:
    """What each got of what its weight entitles it to: 1.0 is exactly its share."""
    total, weight = sum(amounts), sum(weights)
    expect(total > 0, "nobody ran")
    return [amount / total * weight / own for amount, own in zip(amounts, weights)]


def expect_shares(what: str, amounts: list[float], weights: list[float], tolerance: float) -> None:
    """Records the shares; each must be within `tolerance` (0.05: 5 %) of what its weight says."""
    got = shares(amounts, weights)
    worst = max(abs(share - 1) for share in got)
    percent = ":".join(f"{100 * amount / sum(amounts):.1f}" for amount in amounts)
    wanted = ":".join(f"{weight:g}" for weight in weights)
    figure(f"{what} {wanted} got {percent} % (at most {100 * worst:.1f} % off)")
    if not UPSTREAM:
        expect(worst <= tolerance, f"{what} {wanted} got {percent} %, {100 * worst:.1f} % off, allowed {100 * tolerance:g} %")


class Scheduler:
    """A scheduler in force. Upstream's print no JSON: statistics() is None there."""

    def __init__(self, name: str, *options: str, upstream_options: tuple[str, ...] | None = None, json_lines: bool = True):
        self.name = name
        words = [str(BINARIES / name)]
        if UPSTREAM:
            words += options if upstream_options is None else upstream_options
        else:
            words += [*(["--json"] if json_lines else []), "--interval", "0.5", *options]
        # Files, because nobody reads a pipe while a check measures.
        self.output = pathlib.Path(tempfile.mkstemp(prefix="out-")[1])
        self.errors = pathlib.Path(tempfile.mkstemp(prefix="err-")[1])
        with self.output.open("w") as out, self.errors.open("w") as err:
            # A session of its own: a signal meant for it reaches only it.
            self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True)
        _started.append(self)
        wait_until(self._is_in_force, f"{' '.join(words)} is enabled: {self.said()}", 60)

    def _is_in_force(self) -> bool:
        expect(self.process.poll() is None, f"{self.name} did not start: {self.said()}")
        return read(STATE / "state") == "enabled"

    def lines(self) -> list[str]:
        return self.output.read_text(errors="replace").splitlines()

    def said(self) -> str:
        """The last thing it said, errors first."""
        lines = self.errors.read_text(errors="replace").splitlines() or self.lines()
        return lines[-1] if lines else "it said nothing"

    def all_statistics(self) -> list[dict]:
        """What it has printed so far, a dictionary per interval."""
        found = []
        for line in self.lines():
            if line.startswith("{") and not line.startswith('{"exit":'):
                try:
                    found.append(json.loads(line))
                except ValueError:  # The last line, half written.
                    pass
        return found

    def statistics(self) -> dict | None:
        """The next ones that it prints, counted from now."""
        if UPSTREAM:
            return None
        # The one being made now may be older than the call.
        enough = len(self.all_statistics()) + 2
        wait_until(lambda: len(self.all_statistics()) >= enough or self.process.poll() is not None, f"{self.name} reports", 60)
        expect(self.process.poll() is None, f"{self.name} ended: {self.exit_line()}")
        return self.all_statistics()[-1]

    def exit_line(self) -> str:
        # Upstream's say it on standard error.
        for line in reversed([*self.errors.read_text(errors="replace").splitlines(), *self.lines()]):
            if line.startswith("EXIT: "):
                return line
            if line.startswith('{"exit":'):
                end = json.loads(line)["exit"]
                return f"EXIT: {end['reason']}{' (' + end['message'] + ')' if end['message'] else ''}"
        return "no EXIT line"

    def stop(self, number: int = signal.SIGINT) -> str:
        """Ends it as a user does; it must go cleanly. Returns the exit line."""
        expect(self.process.poll() is None, f"{self.name} had ended already: {self.exit_line()}; {self.said()}")
        self.process.send_signal(number)
        status = self.process.wait(timeout=60)
        _started.remove(self)
        line = self.exit_line()
        expect(status == 0 and line == ENDED, f"{self.name} ended with status {status}, {line}: {self.said()}")
        expect(read(STATE / "state") == "disabled", f"the state is {read(STATE / 'state')} after the end")
        return line

    def wait_ejected(self, seconds: float = 60) -> str:
        """The kernel throws it out. Returns the exit line, which says why."""
        wait_until(lambda: self.process.poll() is not None, f"{self.name} is ejected", seconds)
        _started.remove(self)
        wait_until(lambda: read(STATE / "state") == "disabled", "the state is disabled")
        return self.exit_line()

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is None and self.process.poll() is None:
            self.stop()


class Task:
    """A child that runs `work` for ever: by default it burns CPU time without sleeping."""

    def __init__(self, group: "Group | None" = None, cpus: "set[int] | list[int] | None" = None, nice: int = 0,
                 policy: int | None = None, name: str = "hog", work=None):
        self.pid = os.fork()
        if self.pid == 0:
            self._become(group, cpus, nice, policy, name, work)
        _started.append(self)

    @staticmethod
    def _become(group, cpus, nice, policy, name, work):
        try:
            for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            signal.alarm(0)
            pathlib.Path("/proc/self/comm").write_text(name)
            if group is not None:
                (group.path / "cgroup.procs").write_text("0")
            if cpus is not None:
                os.sched_setaffinity(0, cpus)
            os.setpriority(os.PRIO_PROCESS, 0, nice)
            if policy is not None:
                os.sched_setscheduler(0, policy, os.sched_param(0))
            (work or burn)()
            os._exit(0)
        except BaseException as error:  # pylint: disable=broad-except
            print(f"a task cannot start: {error}", file=sys.stderr, flush=True)
        finally:
            os._exit(1)

    def ran(self) -> int:
        """CPU time so far, to the nanosecond, also while it runs."""
        return time.clock_gettime_ns((~self.pid << 3) | 2)

    def kill(self) -> None:
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def end(self) -> None:
        self.kill()
        try:
            os.waitpid(self.pid, 0)
        except ChildProcessError:
            pass

    def stop(self) -> None:
        self.end()
        _started.remove(self)


class Group:
    """A cgroup of the second hierarchy with the CPU controller."""

    def __init__(self, name: str, weight: int | None = None, parent: "Group | None" = None):
        above = parent.path if parent else CGROUPS
        control = above / "cgroup.subtree_control"
        if "cpu" not in read(control).split():
            control.write_text("+cpu")
        self.path = above / name
        self.path.mkdir()
        _started.append(self)
        if weight is not None:
            self.set_weight(weight)

    def set_weight(self, weight: int) -> None:
        (self.path / "cpu.weight").write_text(str(weight))

    def used(self) -> int:
        """CPU time of the group and those below it, in microseconds (cpu.stat)."""
        return int(dict(line.split() for line in read(self.path / "cpu.stat").splitlines())["usage_usec"])

    def end(self) -> None:
        (self.path / "cgroup.kill").write_text("1")
        wait_until(lambda: "populated 0" in read(self.path / "cgroup.events"), f"{self.path.name} is empty")
        for _ in range(100):  # Its tasks are gone, their last references a moment later.
            try:
                self.path.rmdir()
                return
            except OSError:
                time.sleep(0.02)
        self.path.rmdir()

    def remove(self) -> None:
        self.end()
        _started.remove(self)


def measure(amounts, seconds: float) -> list[int]:
    """By how much each of `amounts` (functions) grows within the guest's seconds."""
    before = [amount() for amount in amounts]
    time.sleep(seconds)
    return [amount() - start for amount, start in zip(amounts, before)]


def longest_waits(amounts, seconds: float) -> list[float]:
    """For how many seconds each of `amounts` (functions) did not grow at most, of so many."""
    last, longest = [amount() for amount in amounts], [0.0] * len(amounts)
    begun = time.monotonic()
    since = [begun] * len(amounts)
    while time.monotonic() < begun + seconds:
        time.sleep(0.05)
        for index, amount in enumerate(amounts):
            now, value = time.monotonic(), amount()
            longest[index] = max(longest[index], now - since[index])
            if value != last[index]:
                last[index], since[index] = value, now
    return longest


def cpu_list(path: pathlib.Path) -> set[int]:
    """The CPUs of a file such as /sys/devices/system/cpu/nohz_full; none if there is no such file."""
    cpus: set[int] = set()
    for part in read(path).split(","):
        if match := re.fullmatch(r"(\d+)(?:-(\d+))?", part):
            cpus |= set(range(int(match[1]), int(match[2] or match[1]) + 1))
    return cpus


def tick_counts() -> list[int]:
    """Local timer interrupts so far, of each online CPU."""
    line = next(line for line in read(pathlib.Path("/proc/interrupts")).splitlines() if line.lstrip().startswith("LOC:"))
    return [int(word) for word in line.split()[1:] if word.isdigit()]


def set_online(cpu: int, online: bool) -> None:
    pathlib.Path(f"/sys/devices/system/cpu/cpu{cpu}/online").write_text(str(int(online)))


def is_in_class(pid: int) -> bool:
    """Whether the task is scheduled by sched_ext now, whatever its policy says."""
    return re.search(r"^ext\.enabled *: *1$", read(pathlib.Path(f"/proc/{pid}/sched")), re.MULTILINE) is not None


def read(path: pathlib.Path) -> str:
    try:
        return path.read_text().rstrip("\n")
    except OSError:
        return ""


def reap() -> None:
    """Ends all that a check left, the last first: tasks go before their groups."""
    # All at once: each needs a turn to die, and in a crowd waits for it.
    for one in _started:
        if isinstance(one, Task):
            one.kill()
    while _started:
        _started.pop().end()


