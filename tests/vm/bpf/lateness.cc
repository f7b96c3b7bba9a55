// SPDX-License-Identifier: GPL-2.0
// How late interrupts come: a FIFO thread on each CPU that wants to wake every millisecond.
//
//   lateness SECONDS
//
// Prints `lateness=N`, the most microseconds that a wakeup came late on any CPU.
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

namespace {

enum : long { kPeriod = 1000000, kSecond = 1000000000 };

long now()
{
	timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * kSecond + time.tv_nsec;
}

long worst_on(unsigned cpu, long seconds)
{
	cpu_set_t cpus;
	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	const sched_param priority{90};
	if (sched_setscheduler(0, SCHED_FIFO, &priority) != 0)
		std::perror("lateness: sched_setscheduler");

	long worst = 0;
	long wanted = now();
	for (const long end = wanted + seconds * kSecond; wanted < end;) {
		wanted += kPeriod;
		const timespec time{wanted / kSecond, wanted % kSecond};
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr);
		const long came = now();
		worst = std::max(worst, came - wanted);
		wanted = std::max(wanted, came);
	}
	return worst;
}

} // namespace

int main(int argc, char** argv)
{
	const long seconds = argc == 2 ? std::atol(argv[1]) : 0;
	if (seconds < 1) {
		std::fputs("lateness: give a number of seconds\n", stderr);
		return 2;
	}

	std::vector<long> worst(std::thread::hardware_concurrency());
	std::vector<std::thread> threads;
	for (unsigned cpu = 0; cpu < worst.size(); ++cpu)
		threads.emplace_back([&, cpu] { worst[cpu] = worst_on(cpu, seconds); });
	for (std::thread& thread : threads)
		thread.join();
	std::printf("lateness=%ld\n", *std::max_element(worst.begin(), worst.end()) / 1000);
}
