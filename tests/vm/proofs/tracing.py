# SPDX-License-Identifier: GPL-2.0
"""Which task ran where and when, as the kernel's tracepoint sched_switch tells it: a witness that is
no part of the scheduler on trial."""

import dataclasses
import pathlib
import re

import common

TRACING = pathlib.Path("/sys/kernel/tracing/instances")

LINE = re.compile(r"\[(\d+)\] \S+ +(\d+)\.(\d+): sched_switch: prev_comm=(.*) prev_pid=(\d+) prev_prio=(-?\d+) "
                  r"prev_state=(\S+) ==> next_comm=(.*) next_pid=(\d+) next_prio=(-?\d+)")


@dataclasses.dataclass(frozen=True)
class Switch:
    """`time` in ns of a clock that all CPUs share; `priority` as the kernel's: 120 is nice 0, below 100
    are the classes above."""

    time: int
    cpu: int
    previous: int
    previous_name: str
    state: str
    next: int
    next_name: str
    priority: int


class SwitchTrace:
    """From its making to read(). `filter` is the kernel's, for example 'next_comm ~ "hog*"'."""

    def __init__(self, event_filter: str = "", buffer_kib: int = 8192):
        self.path = TRACING / "proof"
        self.path.mkdir()
        common._started.append(self)
        (self.path / "tracing_on").write_text("0")
        (self.path / "trace_clock").write_text("global")
        (self.path / "buffer_size_kb").write_text(str(buffer_kib))
        event = self.path / "events/sched/sched_switch"
        if event_filter:
            (event / "filter").write_text(event_filter)
        (event / "enable").write_text("1")
        (self.path / "tracing_on").write_text("1")

    def clear(self) -> None:
        """What happened until now is forgotten."""
        (self.path / "trace").write_text("")

    def read(self) -> list[Switch]:
        """Stops and returns what happened, in the order of time; fails if anything was lost."""
        (self.path / "tracing_on").write_text("0")
        for statistics in self.path.glob("per_cpu/cpu*/stats"):
            for line in statistics.read_text().splitlines():
                if line.startswith(("overrun:", "dropped events:")):
                    common.expect(line.endswith(": 0"), f"the trace buffer was too small: {line}")
        switches = []
        for line in (self.path / "trace").read_text(errors="replace").splitlines():
            if match := LINE.search(line):
                cpu, seconds, fraction, before, previous, _, state, after, following, priority = match.groups()
                switches.append(Switch(int(seconds) * 10**9 + int(fraction.ljust(9, "0")), int(cpu),
                                       int(previous), before, state, int(following), after, int(priority)))
        switches.sort(key=lambda switch: switch.time)
        return switches

    def end(self) -> None:
        (self.path / "tracing_on").write_text("0")
        (self.path / "events/sched/sched_switch/enable").write_text("0")
        self.path.rmdir()

    def close(self) -> None:
        self.end()
        common._started.remove(self)
