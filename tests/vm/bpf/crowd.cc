// SPDX-License-Identifier: GPL-2.0
// Threads that all want the CPU.
//
//   crowd COUNT CPU[-CPU]
//
// Makes COUNT threads that may use these CPUs, prints `ready` when all of them wait for the word,
// and lets them go when a line comes in: then each computes without end.
#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <pthread.h>

namespace {

std::atomic<int> waiting{0};
// No mutex, as of a condition variable: it would let them go one by one.
std::atomic<int> gone{0};

void* compute(void*)
{
	++waiting;
	gone.wait(0);
	for (std::atomic<unsigned long> sum{0};;)
		++sum;
	return nullptr;
}

int fail(const char* what, int error)
{
	std::fprintf(stderr, "crowd: %s: %s\n", what, std::strerror(error));
	return 1;
}

} // namespace

int main(int argc, char** argv)
{
	int first = 0, last = 0;
	const int ranges = argc == 3 ? std::sscanf(argv[2], "%d-%d", &first, &last) : 0;
	const int count = argc == 3 ? std::atoi(argv[1]) : 0;
	if (count < 1 || ranges < 1) {
		std::fputs("crowd: give a number and CPUs: crowd COUNT CPU[-CPU]\n", stderr);
		return 2;
	}
	if (ranges == 1)
		last = first;

	cpu_set_t cpus;
	CPU_ZERO(&cpus);
	for (int cpu = first; cpu <= last; ++cpu)
		CPU_SET(static_cast<unsigned>(cpu), &cpus);

	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN);
	pthread_attr_setaffinity_np(&attributes, sizeof(cpus), &cpus);
	for (int i = 0; i < count; ++i) {
		pthread_t thread;
		if (const int error = pthread_create(&thread, &attributes, compute, nullptr))
			return fail("pthread_create", error);
	}
	while (waiting < count)
		usleep(10000);
	std::puts("ready");
	std::fflush(stdout);
	std::getchar();
	gone = 1;
	gone.notify_all();
	for (;;)
		pause();
}
