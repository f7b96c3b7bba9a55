# SPDX-License-Identifier: GPL-2.0
"""scx_central: who decides, how many ticks the others see, fair turns, and CPUs that come and go."""

import os
import pathlib
import subprocess
import time

import common
from boot import Boot
from common import CPUS, Scheduler, Task, expect, expect_shares, figure, measure, set_online, tick_counts

BOOTS = (
    # CPU 0 keeps the time for all; the others may do without ticks.
    Boot("short", ("decides_alone", "ticks", "fair_turns", "preempts_hogs", "pinned", "loses_a_cpu", "refuses_a_quiet_cpu"),
         append=("nohz_full=1-N",), upstream=True, allow=("no-fair-server",)),
    Boot("moves", ("loses_the_central_cpu", "refuses_an_absent_cpu"), allow=("deadline-server-warning",)),
)


def crowd(number: int, cpus: set[int] | None = None) -> list[Task]:
    return [Task(cpus=cpus) for _ in range(number)]


def sleeper() -> None:
    while True:
        time.sleep(0.002)


class CallTrace:
    """On which CPUs kernel functions were called: the kernel's function tracer, a witness of its own."""

    def __init__(self, *functions: str):
        self.path = pathlib.Path("/sys/kernel/tracing/instances/calls")
        self.path.mkdir()
        common._started.append(self)
        (self.path / "buffer_size_kb").write_text("4096")
        (self.path / "set_ftrace_filter").write_text(" ".join(functions))
        (self.path / "current_tracer").write_text("function")

    def read(self) -> dict[int, int]:
        """How often on each CPU."""
        (self.path / "tracing_on").write_text("0")
        calls: dict[int, int] = {}
        for line in (self.path / "trace").read_text(errors="replace").splitlines():
            if not line.startswith("#") and "<-" in line:
                cpu = int(line.split("[")[1].split("]")[0])
                calls[cpu] = calls.get(cpu, 0) + 1
        return calls

    def end(self) -> None:
        (self.path / "current_tracer").write_text("nop")
        self.path.rmdir()

    def close(self) -> None:
        self.end()
        common._started.remove(self)


def decides_alone() -> None:
    """What moves tasks to CPUs is called on the central CPU only, under hogs and sleepers."""
    with Scheduler("scx_central") as scheduler:
        tasks = crowd(2 * CPUS) + [Task(work=sleeper) for _ in range(CPUS)]
        measure([tasks[0].ran], 0.3)
        # Upstream's consumes a queue on every CPU; what it decides it dispatches.
        trace = CallTrace("scx_bpf_dsq_move", "scx_bpf_dispatch_from_dsq", "scx_bpf_dsq_move_to_local",
                          "scx_bpf_consume") if not common.UPSTREAM else None
        got = measure([task.ran for task in tasks], 1)
        if trace:
            calls = trace.read()
            trace.close()
        statistics = scheduler.statistics()
    expect(min(got) > 0, f"not everybody ran: {got}")
    if statistics:
        figure(f"decisions by CPU: {calls}, of its own count {statistics['sent']} sent, "
               f"{statistics['decided_elsewhere']} decided elsewhere")
        expect(set(calls) == {0} and calls[0] > 2 * CPUS, f"decided on {calls}")
        expect(statistics["decided_elsewhere"] == 0, f"{statistics['decided_elsewhere']} decisions elsewhere")


def ticks_per_second(seconds: float) -> list[float]:
    before, begun = tick_counts(), time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - begun
    return [(after - start) / took for start, after in zip(before, tick_counts())]


class NoFairServer:
    """Without the kernel's deadline servers for fair tasks. There are none of these, but for some time
    of each second a server is a deadline task of its CPU, which is a reason to tick."""

    def __enter__(self):
        self.write("0")

    def __exit__(self, *_):
        self.write("50000000")

    @staticmethod
    def write(nanoseconds: str) -> None:
        for cpu in range(CPUS):
            pathlib.Path(f"/sys/kernel/debug/sched/fair_server/cpu{cpu}/runtime").write_text(nanoseconds)


def ticks() -> None:
    """2N hogs, two for each CPU: under 5 a second on the CPUs of nohz_full=, where CFS needs HZ."""
    quiet = common.cpu_list(pathlib.Path("/sys/devices/system/cpu/nohz_full"))
    expect(quiet == set(range(1, CPUS)), f"nohz_full= is not in force: {quiet}")
    tasks = [Task(cpus={cpu}) for cpu in range(CPUS) for _ in range(2)]
    # What sleeps here wakes up by a timer of its own.
    os.sched_setaffinity(0, {0})
    time.sleep(0.5)
    fair = ticks_per_second(1)
    with Scheduler("scx_central"):
        time.sleep(1)
        served = ticks_per_second(2)
        with NoFairServer():
            time.sleep(1)
            central = ticks_per_second(2)
        got = measure([task.ran for task in tasks], 0.5)
    os.sched_setaffinity(0, range(CPUS))
    words = [" ".join(f"{rate:.1f}" for rate in rates) for rates in (central, served, fair)]
    figure(f"timer interrupts per second of each CPU: {words[0]}; with the fair server {words[1]}; under CFS {words[2]}")
    expect(min(got) > 0, f"not everybody ran: {got}")
    expect(min(fair[1:]) > 500, f"CFS itself ticks only {words[2]}")
    if not common.UPSTREAM:
        expect(max(central[1:]) < 5, f"{words[0]} timer interrupts per second")


def fair_turns() -> None:
    with Scheduler("scx_central"):
        tasks = crowd(2 * CPUS)
        time.sleep(0.5)
        expect_shares(f"{2 * CPUS} hogs on {CPUS} CPUs", measure([task.ran for task in tasks], 2), [1] * len(tasks), 0.10)


def preempts_hogs() -> None:
    """On every CPU turns end by the timer, though slices are infinite."""
    with Scheduler("scx_central") as scheduler:
        first = scheduler.statistics()
        tasks = crowd(3 * CPUS)
        got = measure([task.ran for task in tasks], 1.5)
        second = scheduler.statistics()
    expect(min(got) > 0, f"not everybody ran: {got}")
    if second:
        figure(f"{second['preempted'] - first['preempted']} preempted by the timer's {second['timer_fired'] - first['timer_fired']} "
               f"times, {second['timer_elsewhere']} of them elsewhere, {second['lost_races']} races lost")
        expect(second["preempted"] > first["preempted"], "nobody was preempted")
        expect(second["timer_elsewhere"] == 0, "the timer went off elsewhere")


def pinned() -> None:
    """Hogs that may run on one CPU only share it, and leave the other CPUs to others."""
    with Scheduler("scx_central"):
        fixed, free = crowd(3, {CPUS - 1}), crowd(CPUS)
        time.sleep(0.5)
        got = measure([task.ran for task in fixed + free], 1)
    figure(f"3 of one CPU: {'/'.join(str(ran // 10**6) for ran in got[:3])} ms, {CPUS} free ones: "
           f"{'/'.join(str(ran // 10**6) for ran in got[3:])} ms")
    expect(min(got) > 0.2 * max(got), f"not everybody got on: {got}")


def loses_a_cpu() -> None:
    """Another CPU than the central one goes and comes back; no restart."""
    with Scheduler("scx_central") as scheduler:
        tasks = crowd(2 * CPUS)
        time.sleep(0.3)
        set_online(CPUS - 1, False)
        without = measure([task.ran for task in tasks], 1)
        set_online(CPUS - 1, True)
        time.sleep(0.3)
        extra = Task(cpus={CPUS - 1})
        after = measure([task.ran for task in (*tasks, extra)], 1)
        expect(min(without) > 0, f"without the CPU not everybody ran: {without}")
        expect(min(after) > 0, f"with it again not everybody ran: {after}")
        expect(scheduler.exit_line() == "no EXIT line", f"it ended: {scheduler.exit_line()}")
        figure(f"{2 * CPUS} hogs run on {CPUS - 1} CPUs and on {CPUS} again")


def loses_the_central_cpu() -> None:
    """When the central CPU goes, the next one decides, and the program says so; then back."""
    central = CPUS - 1
    if common.UPSTREAM:
        return  # It ends.
    with Scheduler("scx_central", "-c", str(central)) as scheduler:
        tasks = crowd(2 * CPUS)
        expect(scheduler.statistics()["central_cpu"] == central, "another CPU is central")
        set_online(central, False)
        common.wait_until(lambda: scheduler.all_statistics()[-1]["central_cpu"] == 0, "CPU 0 decides", 60)
        without = measure([task.ran for task in tasks], 0.5)
        figure(scheduler.errors.read_text().strip())
        set_online(central, True)
        common.wait_until(lambda: scheduler.all_statistics()[-1]["central_cpu"] == central, f"CPU {central} decides", 60)
        after = measure([task.ran for task in tasks], 0.5)
        expect(min(without) > 0 and min(after) > 0, f"not everybody ran: {without}, {after}")


def refused(cpu: str, reason: str) -> None:
    said = subprocess.run([common.BINARIES / "scx_central", "-c", cpu], capture_output=True, text=True, check=False)
    figure(said.stderr.strip())
    expect(said.returncode == 1 and len(said.stderr.splitlines()) == 1 and not said.stdout and reason in said.stderr,
           f"status {said.returncode}, {said.stderr}")


def refuses_an_absent_cpu() -> None:
    refused("999", "there is no CPU 999")


def refuses_a_quiet_cpu() -> None:
    """One of nohz_full= must not be the one that all others depend on."""
    if not common.UPSTREAM:
        refused(str(CPUS - 1), "nohz_full=")
