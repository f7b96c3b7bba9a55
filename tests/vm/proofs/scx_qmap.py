# SPDX-License-Identifier: GPL-2.0
"""scx_qmap: the order within and between its levels, who is let in, who overtakes, and that each fault
it can be asked for is caught for the right reason."""

import ctypes
import itertools
import os
import pathlib
import time

import common
from boot import Boot
from common import CPUS, SCHED_EXT, Scheduler, Task, expect, expect_shares, figure, is_in_class, measure, set_online, wait_until
from tracing import Switch, SwitchTrace

BOOTS = (
    Boot("short", ("levels", "order_within_level", "order_between_levels", "all_cpus", "boosted", "prints", "disallowed",
                   "core_sched", "follows_cpus", "error", "long_dump", "stalled_user", "stalled_kernel", "bad_dispatch"),
         topology="cores=2,threads=2", upstream=True, allow=("idle-softirq",),
         ejections=(*((check, "qmap:scx_bpf_error") for check in ("error", "long_dump")),
                    *((check, "qmap:runnable task stall") for check in ("stalled_user", "stalled_kernel", "bad_dispatch")))),
)

# A nice value of each level, and how many turns it has in a round.
NICE = (15, 5, 0, -5, -15)
TURNS = (1, 2, 4, 8, 16)
# Short slices, so that few seconds have many rounds.
SLICE = ("-s", "2000")


def crowd(number: int) -> list[list[Task]]:
    """`number` tasks that never sleep in each level."""
    return [[Task(nice=nice) for _ in range(number)] for nice in NICE]


def ran_by_level(tasks: list[list[Task]], seconds: float) -> list[int]:
    got = measure([task.ran for task in itertools.chain(*tasks)], seconds)
    return [sum(got[index:index + len(tasks[0])]) for index in range(0, len(got), len(tasks[0]))]


def expect_levels(what: str, got: list[int], tolerance: float) -> None:
    """By turns. Level 2 is that of all else in the guest, the scheduler's own program among it, whose
    short turns count as well: its tasks get less time, and it is left out."""
    figure(f"{what} got {':'.join(f'{100 * ran / sum(got):.1f}' for ran in got)} %")
    others = [level for level in range(len(NICE)) if level != 2]
    expect_shares("without level 2:", [got[level] for level in others], [TURNS[level] for level in others], tolerance)


class OneCpu:
    """All others are offline meanwhile: a CPU that finds nothing else takes from the levels what only
    another one can run, in its own order."""

    def __enter__(self):
        self.set_others(False)

    def __exit__(self, *_):
        self.set_others(True)

    @staticmethod
    def set_others(online: bool) -> None:
        for cpu in range(1, CPUS):
            set_online(cpu, online)


def levels() -> None:
    """Two of each level on one CPU: while one runs, the other waits, so that no level is ever empty."""
    with OneCpu(), Scheduler("scx_qmap", *SLICE):
        tasks = crowd(2)
        measure([tasks[0][0].ran], 0.3)
        expect_levels("levels on one CPU", ran_by_level(tasks, 2), 0.05)


def all_cpus() -> None:
    with Scheduler("scx_qmap", *SLICE):
        tasks = crowd(2 * CPUS)
        measure([tasks[0][0].ran], 0.3)
        expect_levels(f"levels on {CPUS} CPUs", ran_by_level(tasks, 1.5), 0.10)


def turns(seconds: float) -> list[Switch]:
    """Who got the CPU, one after the other; one that a higher class interrupted goes on with its turn."""
    trace = SwitchTrace()
    time.sleep(seconds)
    switches = trace.read()
    trace.close()
    ours = [switch for switch in switches if switch.priority >= 100 and switch.next != 0]
    return [next(turn) for _, turn in itertools.groupby(ours, lambda switch: switch.next)]


def order_within_level() -> None:
    """Four of one level on one CPU: always the one that has waited longest."""
    with OneCpu(), Scheduler("scx_qmap", *SLICE):
        tasks = [Task() for _ in range(4)]
        measure([tasks[0].ran], 0.3)
        pids = {task.pid for task in tasks}
        order = [turn.next for turn in turns(0.5) if turn.next in pids]
    expect(len(order) > 50, f"only {len(order)} turns")
    wrong = [at for at in range(4, len(order)) if order[at] != order[at - 4]]
    figure(f"{len(order)} turns of 4 tasks, {len(wrong)} out of order")
    expect(not wrong, f"out of order: {order[max(0, wrong[0] - 6):wrong[0] + 3] if wrong else ''}")


def level_of(priority: int) -> int:
    nice = priority - 120
    return 0 if nice >= 7 else 1 if nice >= 4 else 2 if nice >= -3 else 3 if nice >= -6 else 4


def order_between_levels() -> None:
    """A round takes 1, 2, 4, 8 and 16 turns from the levels, the lowest first. Turns of whatever else
    runs there, such as kernel threads, count like any other."""
    with OneCpu(), Scheduler("scx_qmap", *SLICE):
        tasks = crowd(2)
        measure([tasks[0][0].ran], 0.3)
        order = [level_of(turn.priority) for turn in turns(1)]
    runs = [(level, len(list(visit))) for level, visit in itertools.groupby(order)][1:-1]
    exact = sum(visit == TURNS[level] for level, visit in runs)
    steps = sum(after == (before + 1) % len(NICE) for (before, _), (after, _) in itertools.pairwise(runs))
    figure(f"{len(runs)} visits of levels, {steps + 1} in their order, {exact} of exactly 1, 2, 4, 8, 16 turns")
    expect(len(runs) >= 20, f"only {len(runs)} visits")
    # What goes to an idle CPU or comes back from a higher class takes no turn of its level.
    if not common.UPSTREAM:
        expect(steps >= 0.9 * len(runs) and exact >= 0.9 * len(runs), f"not in order: {runs}")


def boosted() -> None:
    """With a batch in the shared queue, nice -20 overtakes the rest of it."""
    options = ("-b", "8", *SLICE)

    def waits(*more: str) -> tuple[int, dict | None]:
        with Scheduler("scx_qmap", *options, *more) as scheduler:
            hogs = [Task(cpus={CPUS - 1}, nice=-19) for _ in range(12)]
            first = Task(cpus={CPUS - 1}, nice=-20)
            got = measure([first.ran, *(hog.ran for hog in hogs)], 1.5)
            for task in (*hogs, first):
                task.stop()
            return got[0] * 1000 // sum(got), scheduler.statistics()

    plain, _ = waits()
    ahead, statistics = waits("-H")
    figure(f"nice -20 among 12 of nice -19: {plain / 10:.1f} % of a CPU, {ahead / 10:.1f} % with -H")
    if statistics:
        figure(f"boosted={statistics['boosted']}")
        expect(statistics["boosted"] > 0, "nothing was boosted")
        expect(ahead >= 1.2 * plain, f"boosting changed {plain / 10:.1f} % to {ahead / 10:.1f} %")


def prints() -> None:
    """-P writes what is in the shared queue."""
    with Scheduler("scx_qmap", "-P", "-b", "8"):
        hogs = [Task(cpus={CPUS - 1}, name="printed") for _ in range(12)]
        time.sleep(2.5)
        expect(all(hog.ran() for hog in hogs), "not everybody ran")
    written = (pathlib.Path("/sys/kernel/tracing/trace")).read_text(errors="replace")
    tasks = written.count("printed[")
    figure(f"{tasks} lines about tasks in trace_pipe")
    expect(tasks > 0, "nothing about the tasks that wait")


def disallowed() -> None:
    """A process that is kept out falls back to SCHED_NORMAL, and the kernel counts it."""
    kept_out, other = Task(cpus={0}, policy=SCHED_EXT), Task(cpus={CPUS - 1}, policy=SCHED_EXT)
    wait_until(lambda: os.sched_getscheduler(kept_out.pid) == os.sched_getscheduler(other.pid) == SCHED_EXT, "the policies")
    with Scheduler("scx_qmap", "-p", "-d", str(kept_out.pid)):
        policies = [os.sched_getscheduler(task.pid) for task in (kept_out, other)]
        rejected = int(common.read(common.STATE / "nr_rejected"))
        got = measure([kept_out.ran, other.ran], 0.3)
        figure(f"policies {policies}, nr_rejected={rejected}")
        expect(policies == [os.SCHED_OTHER, SCHED_EXT] and rejected >= 1, f"policies {policies}, {rejected} rejected")
        expect(is_in_class(other.pid) and not is_in_class(kept_out.pid), "the wrong one is in the class")
        expect(min(got) > 0, "not both run")


def follows_cpus() -> None:
    """CPUs come and go without a restart, and those that are there work on."""
    with Scheduler("scx_qmap") as scheduler:
        hogs = [Task() for _ in range(2 * CPUS)]
        set_online(CPUS - 1, False)
        without = measure([hog.ran for hog in hogs], 0.5)
        set_online(CPUS - 1, True)
        after = measure([hog.ran for hog in hogs], 0.5)
        expect(min(without) > 0 and min(after) > 0, f"not all run: {without}, {after}")
        expect(scheduler.exit_line() == "no EXIT line", f"ended: {scheduler.exit_line()}")
        figure(f"{2 * CPUS} tasks run with {CPUS - 1} CPUs and with {CPUS} again, no restart")


def ejected(reason: str, *options: str) -> None:
    """Under a load of tasks that sleep and wake up the fault shows, and ends it for this reason."""

    def sleeper() -> None:
        while True:
            time.sleep(0.001)

    with Scheduler("scx_qmap", *options) as scheduler:
        tasks = [Task(work=sleeper) for _ in range(2 * CPUS)]
        line = scheduler.wait_ejected(120)
    figure(line)
    expect(line.startswith(f"EXIT: {reason}"), f"said '{line}', not '{reason}'")
    got = measure([task.ran for task in tasks], 0.5)
    expect(min(got) > 0, f"not everybody runs after it: {got}")


def error() -> None:
    ejected("scx_bpf_error (test triggering error)", "-e", "50")


def long_dump() -> None:
    """What the kernel collected is printed to its end, where it says so if there was more."""
    if common.UPSTREAM:
        return  # It prints more than the dump.
    crowd = 300

    def printed(length: int) -> tuple[str, int]:
        """The dump with so much room, and how many of the crowd are missing in it. They wait until the scheduler
        is there: beside so many it would take a minute to start. And each stays on its CPU, or might slip through,
        as the dump goes from one to the next."""
        gate, key = os.pipe()
        arrivals, arrived = os.pipe()

        def wait_and_burn() -> None:
            os.close(key)
            os.write(arrived, b".")
            os.read(gate, 1)
            common.burn()

        tasks = [Task(cpus={number % CPUS}, work=wait_and_burn) for number in range(crowd)]
        for _ in tasks:
            os.read(arrivals, 1)
        with Scheduler("scx_qmap", *SLICE, "-e", str(3 * crowd), "-D", str(length)) as scheduler:
            os.close(key)
            line = scheduler.wait_ejected(120)
            expect(line.startswith("EXIT: scx_bpf_error"), f"said '{line}'")
            text = scheduler.errors.read_text(errors="replace")
        for end in (gate, arrivals, arrived):
            os.close(end)
        common.reap()
        return text, sum(f"hog[{task.pid}]" not in text for task in tasks)

    (whole, missing), (cut, _) = printed(1 << 20), printed(40000)
    last = cut.rstrip("\n").rpartition("\n")[2]
    figure(f"{crowd - missing} of {crowd} tasks in {len(whole)} bytes; with room for 40000 {len(cut)} bytes that end "
           f"with '{last}'")
    expect(not missing and "TRUNCATED" not in whole, f"{missing} of {crowd} tasks are missing in a dump of {len(whole)} bytes")
    expect(len(cut) == 39999 and last == "~~~~ TRUNCATED ~~~~", f"{len(cut)} bytes end with '{last}'")


def stalled_user() -> None:
    ejected("runnable task stall (", "-t", "20")


def stalled_kernel() -> None:
    ejected("runnable task stall (", "-T", "20")


def bad_dispatch() -> None:
    ejected("runnable task stall (", "-l", "100")


def core_sched() -> None:
    """Two sets of tasks that must not share a core, on one core: no moment has both, each level gets
    its turns, and the kernel asks scx_qmap who goes first."""
    pr_sched_core, create, thread_group = 62, 1, 1
    libc = ctypes.CDLL(None, use_errno=True)
    siblings = common.cpu_list(pathlib.Path("/sys/devices/system/cpu/cpu0/topology/thread_siblings_list"))
    if len(siblings) != 2:
        raise common.Skip("CPU 0 has no sibling (--topology cores=2,threads=2)")

    def with_cookie() -> None:
        if libc.prctl(pr_sched_core, create, 0, thread_group, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SCHED_CORE)")
        common.burn()

    with Scheduler("scx_qmap", *SLICE) as scheduler:
        tasks = [Task(cpus=siblings, work=with_cookie, name="cookie") for _ in range(4)]
        time.sleep(0.5)
        trace = SwitchTrace('prev_comm ~ "cookie*" || next_comm ~ "cookie*"')
        got = measure([task.ran for task in tasks], 1.5)
        switches = trace.read()
        trace.close()
        asked = scheduler.statistics()
    pids = {task.pid for task in tasks}
    current, together, since = {}, 0, {}
    for switch in switches:
        running = {cpu: pid for cpu, pid in current.items() if pid in pids}
        if len(running) == 2:
            together += switch.time - max(since.values())
        current[switch.cpu] = switch.next
        since[switch.cpu] = switch.time
    share = 100 * together / 1.5e9
    expect_shares("four tasks of their own cookie on one core", got, [1] * 4, 0.15)
    figure(f"two of them at once {share:.2f} % of the time, " + (f"asked={asked['core_sched_asked']}" if asked else ""))
    expect(share < 2, f"tasks that must not share a core did so {share:.2f} % of the time")
    expect(asked is None or asked["core_sched_asked"] > 0, "core_sched_before was never called")
