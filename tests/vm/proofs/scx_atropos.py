# SPDX-License-Identifier: GPL-2.0
"""scx_atropos: domains become even and stay quiet, weights count across them, CPUs steal, come and go."""

import os
import pathlib
import time

from boot import Boot
from common import (CPUS, STATE, Scheduler, Task, burn, expect, expect_shares, figure, longest_waits, measure, read,
                    set_online, wait_until)

BOOTS = (
    Boot("short", ("two_domains", "four_domains", "weights_across", "uneven_and_infeasible",
                   "indivisible", "two_on_one_cpu", "newcomer", "stealing", "cpu_offline"), fixed=True),
    Boot("caches", ("caches_make_domains", "whole_cores_first"), topology="cores=4,threads=2", fixed=True, long=True),
    Boot("more", ("thresholds", "fifo", "late_tasks", "nice_19", "behind_real_time", "reweighted",
                  "half_busy"), fixed=True, long=True),
    Boot("eight", ("untuned", "eight_cpus"), cpus=8, fixed=True, long=True, timeout=1800),
)

# As the kernel turns nice values into weights.
WEIGHT = {0: 1024, 5: 335, -20: 88761}
ALL = set(range(CPUS))
# Rounds of balancing twice a second, and loads that follow faster: by default 2 s and 1 s.
FAST = ("-i", "0.5", "-l", "0.5")
EVEN = 10  # percent
QUIET_ROUNDS = 4
# What wakes up now and then weighs a little, and may tip the scales between two domains once.
QUIET_MOVES = 1


def masks(*domains: str) -> tuple[str, ...]:
    return tuple(word for domain in domains for word in ("-C", domain))


def hogs(number: int, cpus: set[int], nice: int = 0) -> list[Task]:
    """They may run anywhere, but begin in the domain of `cpus`: that is where they belong then."""
    return [Task(cpus=cpus, nice=nice) for _ in range(number)]


def let_go(tasks: list[Task]) -> None:
    for task in tasks:
        os.sched_setaffinity(task.pid, ALL)


def stop(tasks: list[Task]) -> None:
    for task in tasks:
        task.stop()


def mean_imbalance(samples: list[dict]) -> float:
    """Over some time: what wakes up now and then, the scheduler's own user half too, is load for a moment."""
    loads = [sum(one["domain"][domain]["load_per_cpu"] for one in samples) for domain in samples[0]["domain"]]
    return 100 * (max(loads) - min(loads)) * len(loads) / sum(loads)


def become_even(scheduler: Scheduler, tasks: list[Task], most_rounds: int = 6) -> None:
    """Sets the tasks free, waits until the domains are even, then for rounds in which nothing moves."""
    begin = scheduler.statistics()
    let_go(tasks)
    now = begin
    while now["imbalance_percent"] > EVEN or now["rounds"] == begin["rounds"]:
        expect(now["rounds"] - begin["rounds"] <= most_rounds, f"still uneven after {most_rounds} rounds: {now}")
        now = scheduler.statistics()
    even = now
    wait_until(lambda: scheduler.all_statistics()[-1]["rounds"] >= even["rounds"] + QUIET_ROUNDS, "rounds go on")
    quiet = [one for one in scheduler.all_statistics() if one["rounds"] >= even["rounds"]]
    now, apart = quiet[-1], mean_imbalance(quiet)
    figure(f"{begin['imbalance_percent']:.0f} % apart, {even['imbalance_percent']:.1f} % after at most "
           f"{even['rounds'] - begin['rounds']} rounds and {even['wishes'] - begin['wishes']} moves, "
           f"then {apart:.1f} % and {now['wishes'] - even['wishes']} moves in {QUIET_ROUNDS} rounds")
    expect(begin["imbalance_percent"] > 5 * EVEN, f"there was nothing to do: {begin}")
    expect(apart <= EVEN, f"uneven again: {even} … {now}")
    expect(now["wishes"] - even["wishes"] <= QUIET_MOVES, f"it does not come to rest: {even} … {now}")


def check_even(domains: tuple[str, ...], number: int) -> None:
    """Tasks that all begin in the first domain."""
    first = domains[0].replace("-", ",").split(",")
    with Scheduler("scx_atropos", *FAST, *masks(*domains)) as scheduler:
        tasks = hogs(number, set(range(int(first[0]), int(first[-1]) + 1)))
        time.sleep(1)
        become_even(scheduler, tasks)
        got = measure([task.ran for task in tasks], 1.5)
        expect_shares(f"{number} alike", got, [1] * number, 0.1)
        stop(tasks)


def two_domains() -> None:
    check_even(("0-1", "2-3"), 8)


def four_domains() -> None:
    """Each of one CPU."""
    check_even(("0", "1", "2", "3"), 12)


def weights_across() -> None:
    """All heavy ones here, all light ones there: they must be exchanged."""
    with Scheduler("scx_atropos", *FAST, *masks("0-1", "2-3")) as scheduler:
        tasks = hogs(4, {0, 1}) + hogs(4, {2, 3}, nice=5)
        time.sleep(1)
        become_even(scheduler, tasks)
        got = measure([task.ran for task in tasks], 3)
        expect_shares("each by its weight", got, [WEIGHT[0]] * 4 + [WEIGHT[5]] * 4, 0.1)
        stop(tasks)


def uneven_and_infeasible() -> None:
    """A CPU alone and three together; a task that weighs as much as 87 others gets one CPU of the four."""
    with Scheduler("scx_atropos", *FAST, *masks("0", "1-3")) as scheduler:
        tasks = hogs(1, {1}, nice=-20) + hogs(6, {1, 2, 3})
        time.sleep(1)
        become_even(scheduler, tasks)
        got = measure([task.ran for task in tasks], 2)
        expect_shares("one with a CPU, six with half of one", got, [2] + [1] * 6, 0.1)
        # Nobody waits until the heavy one has made up for what it was behind in its old domain, or until
        # those at home have got as far as one who ran on the idle CPU.
        waited = waits(scheduler.process.pid)[0] / 1e9
        figure(f"its user half waited for {waited:.2f} s")
        expect(waited < 0.5, "it was starved")
        stop(tasks)


def indivisible() -> None:
    """Five on two domains of two CPUs are three and two: the two lend some of their time."""
    with Scheduler("scx_atropos", *FAST, *masks("0-1", "2-3")) as scheduler:
        tasks = hogs(3, {0, 1}) + hogs(2, {2, 3})
        time.sleep(0.5)
        let_go(tasks)
        time.sleep(1)
        first = scheduler.statistics()
        got = measure([task.ran for task in tasks], 3)
        last = scheduler.statistics()
        figure(f"{last['lent'] - first['lent']} turns lent, {last['wishes'] - first['wishes']} moves")
        # Without lending three would get 67 % of a CPU each and two a whole one: 25 % off.
        expect_shares("five on 2 and 2 CPUs", got, [1] * 5, 0.1)
        expect(last["wishes"] - first["wishes"] <= QUIET_MOVES, f"tasks go to and fro: {first} … {last}")
        stop(tasks)


def two_on_one_cpu() -> None:
    """Of two alone in their domain the one that runs is not in the queue; weights count all the same."""
    with Scheduler("scx_atropos", *FAST, *masks("0", "1-3"), "-g", "0"):
        tasks = hogs(1, {0}) + hogs(1, {0}, nice=5)
        time.sleep(0.5)
        got = measure([task.ran for task in tasks], 2)
        expect_shares("nice 0 and 5", got, [WEIGHT[0], WEIGHT[5]], 0.05)
        stop(tasks)


def busy_cpus(*options: str) -> tuple[float, dict]:
    """How many of the four CPUs as many tasks of the first of two domains use, with nobody who balances."""
    with Scheduler("scx_atropos", "--no-load-balance", *masks("0-1", "2-3"), *options) as scheduler:
        tasks = hogs(4, {0, 1})
        time.sleep(0.5)
        let_go(tasks)
        time.sleep(0.5)
        got = measure([task.ran for task in tasks], 1.5)
        statistics = scheduler.statistics()
        expect(statistics["wishes"] == 0, f"it balances: {statistics}")
        stop(tasks)
        return sum(got) / 1.5e9, statistics


def stealing() -> None:
    """CPUs of the other domain take what waits, unless they are told not to."""
    greedy, counts = busy_cpus()
    modest, _ = busy_cpus("-g", "0", "-D", "0")
    figure(f"4 tasks of a domain of 2 CPUs keep {greedy:.2f} CPUs busy, {counts['stolen']} times stolen; "
           f"without stealing {modest:.2f}")
    expect(greedy > 3.8, "CPUs idle while tasks wait")
    expect(modest < 2.2, "domains are not kept apart")


def thresholds() -> None:
    """Who waits alone is not stolen where several must wait."""
    patient, counts = busy_cpus("-g", "5", "-D", "0")
    figure(f"where 5 must wait, 4 tasks of a domain of 2 CPUs keep {patient:.2f} CPUs busy")
    expect(patient < 2.2 and counts["stolen"] == 0, f"the threshold does not count: {counts}")


def caches_make_domains() -> None:
    """As the machine tells of its caches: on each level each CPU is with those that share it."""
    for level in (1, 2, 3):
        with Scheduler("scx_atropos", "-c", str(level)) as scheduler:
            made = sorted(domain["cpus"] for domain in scheduler.statistics()["domain"].values())
        told = sorted({sharers(cpu, level) for cpu in range(CPUS)})
        figure(f"level {level}: {' '.join(made)}")
        expect(made == told, f"domains of level {level} are {made}, caches {told}")


def sharers(cpu: int, level: int) -> str:
    for cache in sorted(pathlib.Path(f"/sys/devices/system/cpu/cpu{cpu}/cache").glob("index*")):
        if read(cache / "level") == str(level) and read(cache / "type") != "Instruction":
            return read(cache / "shared_cpu_list")
    return sharers(cpu, level - 1) if level > 1 else f"0-{CPUS - 1}"


def whole_cores_first() -> None:
    """As many tasks as cores, each of which sleeps now and then: they do not share cores."""
    with Scheduler("scx_atropos") as scheduler:
        tasks = [Task(work=nap) for _ in range(CPUS // 2)]
        time.sleep(0.5)
        shared = looks = 0
        for _ in range(40):
            time.sleep(0.02)
            cores = [last_cpu(task.pid) // 2 for task in tasks]
            shared += len(cores) - len(set(cores))
            looks += len(cores)
        scheduler.statistics()
        stop(tasks)
    figure(f"{CPUS // 2} tasks on {CPUS // 2} cores were on a core with another one {shared} of {looks} times")
    expect(shared <= looks / 10, "they share cores while cores are idle")


def nice_19() -> None:
    """Beside a task that weighs 5917 times as much, one of nice 19 still gets a turn every few seconds: the
    kernel would throw a scheduler out that lets it wait for 30."""
    with Scheduler("scx_atropos", *masks("0", "1-3"), "-g", "0", "--no-load-balance") as scheduler:
        tasks = hogs(1, {0}, nice=-20) + hogs(1, {0}, nice=19)
        time.sleep(3)
        longest = longest_waits([tasks[1].ran], 25)[0]
        figure(f"it waits for {longest:.1f} s at most")
        expect(longest < 15, "it waits for too long")
        scheduler.statistics()
        stop(tasks)


def nap() -> None:
    while True:
        end = time.monotonic() + 0.01
        while time.monotonic() < end:
            pass
        time.sleep(0.001)


def last_cpu(pid: int) -> int:
    return int(read(pathlib.Path(f"/proc/{pid}/stat")).rsplit(")", 1)[1].split()[36])


def late_tasks() -> None:
    """What wakes up often does not wait for what never sleeps longer than a turn on each CPU."""
    with Scheduler("scx_atropos", *masks("0-1", "2-3")) as scheduler:
        crowd = hogs(16, ALL)
        waker = Task(work=lambda: [time.sleep(0.005) for _ in range(10 ** 9)])
        time.sleep(1)
        before, begin = waits(waker.pid), time.monotonic()
        time.sleep(3)
        after, seconds = waits(waker.pid), time.monotonic() - begin
        wakeups = after[1] - before[1]
        mean = (after[0] - before[0]) / max(wakeups, 1) / 1e6
        figure(f"beside 16 that never sleep, {wakeups / seconds:.0f} wakeups a second wait {mean:.1f} ms each")
        expect(wakeups > 10 and mean < 20, "it waits for longer than a turn")
        scheduler.statistics()
        stop([*crowd, waker])


def behind_real_time() -> None:
    """Who waited for a CPU that a real-time task took goes on elsewhere."""
    with Scheduler("scx_atropos", *FAST, *masks("0-1", "2-3")) as scheduler:
        tasks = hogs(4, ALL)
        time.sleep(0.5)
        taker = Task(cpus={CPUS - 1}, work=real_time)
        time.sleep(0.5)
        got = measure([task.ran for task in tasks], 2)
        least = min(got) / 2e9
        figure(f"4 tasks beside one of real time on one of {CPUS} CPUs: the last one gets {least:.2f} of a CPU")
        expect(least > 0.4, f"one hardly runs: {got}")
        scheduler.statistics()
        stop([*tasks, taker])


def real_time() -> None:
    os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    burn()


def reweighted() -> None:
    """Weights that change while all run: the balancer follows."""
    with Scheduler("scx_atropos", *FAST, *masks("0-1", "2-3")) as scheduler:
        tasks = hogs(4, {0, 1}) + hogs(4, {2, 3})
        time.sleep(0.5)  # They bind themselves, which must not come after.
        let_go(tasks)
        time.sleep(1)
        begin = scheduler.statistics()
        for task in tasks[:4]:
            os.setpriority(os.PRIO_PROCESS, task.pid, 5)
        time.sleep(3)
        got = measure([task.ran for task in tasks], 3)
        figure(f"{scheduler.statistics()['wishes'] - begin['wishes']} moves after 4 of 8 changed to nice 5")
        expect_shares("each by its weight", got, [WEIGHT[5]] * 4 + [WEIGHT[0]] * 4, 0.1)
        stop(tasks)


def half_busy() -> None:
    """Tasks that sleep half of the time, all in one domain, which is too full for them."""
    with Scheduler("scx_atropos", *FAST, *masks("0-1", "2-3"), "-D", "0") as scheduler:
        tasks = [Task(cpus={0, 1}, work=half) for _ in range(8)]
        time.sleep(1)
        begin = scheduler.statistics()
        let_go(tasks)
        time.sleep(3)
        even = scheduler.statistics()
        time.sleep(3)
        last = scheduler.statistics()
        quiet = [one for one in scheduler.all_statistics() if one["rounds"] > even["rounds"]]
        apart = mean_imbalance(quiet)
        figure(f"{begin['imbalance_percent']:.0f} % apart, then {apart:.1f} %; {even['wishes'] - begin['wishes']} moves, "
               f"then {last['wishes'] - even['wishes']} in {last['rounds'] - even['rounds']} rounds")
        expect(apart <= 1.5 * EVEN, f"uneven: {last}")
        expect(last["wishes"] - even["wishes"] <= 4, f"it does not come to rest: {even} … {last}")
        stop(tasks)


def half() -> None:
    while True:
        end = time.monotonic() + 0.01
        while time.monotonic() < end:
            pass
        time.sleep(0.01)


def waits(pid: int) -> tuple[int, int]:
    """How long the task waited for a CPU so far, in ns, and how often it ran."""
    words = read(pathlib.Path(f"/proc/{pid}/schedstat")).split()
    return int(words[1]), int(words[2])


def fifo() -> None:
    with Scheduler("scx_atropos", *FAST, *masks("0", "1-3"), "-g", "0", "-f"):
        tasks = hogs(2, {0}) + hogs(2, {0}, nice=5)
        time.sleep(0.5)
        got = measure([task.ran for task in tasks], 1.5)
        expect_shares("first come first served", got, [1] * 4, 0.1)
        stop(tasks)


def cpu_offline() -> None:
    """Each CPU that goes or comes makes it start again with other domains; the tasks go on and become even."""
    last = CPUS - 1
    with Scheduler("scx_atropos", *FAST, *masks("0-1", "2-3")) as scheduler:
        tasks = hogs(6, ALL)
        try:
            for online, cpus in ((False, "2"), (True, "2-3")):
                set_online(last, online)
                wait_until(lambda: domain_cpus(scheduler) == cpus, f"domain 1 is CPU {cpus}")
                wait_until(lambda: scheduler.statistics()["imbalance_percent"] <= EVEN, "even again")
                got = measure([task.ran for task in tasks], 1.5)
                expect_shares(f"6 on {4 if online else 3} CPUs", got, [1] * 6, 0.1)
                let_go(tasks)
        finally:
            set_online(last, True)
        stop(tasks)


def domain_cpus(scheduler: Scheduler) -> str:
    wait_until(lambda: read(STATE / "state") == "enabled", "it started again")
    return scheduler.statistics()["domain"]["1"]["cpus"]


def untuned() -> None:
    """With what it does unless told otherwise, but for the domains."""
    with Scheduler("scx_atropos", *masks("0-3", "4-7")) as scheduler:
        tasks = hogs(20, {0, 1, 2, 3}) + hogs(4, {4, 5, 6, 7}, nice=5)
        time.sleep(3)
        become_even(scheduler, tasks)
        got = measure([task.ran for task in tasks], 5)
        expect_shares("each by its weight", got, [WEIGHT[0]] * 20 + [WEIGHT[5]] * 4, 0.1)
        stop(tasks)


def eight_cpus() -> None:
    """Four domains, and those of two, one and five CPUs."""
    check_even(("0-1", "2-3", "4-5", "6-7"), 24)
    check_even(("0-1", "2", "3-7"), 32)
