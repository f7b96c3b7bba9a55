// SPDX-License-Identifier: GPL-2.0
// fork-loop N: N children that end at once, each waited for. Prints microseconds per child.
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

int main(int argc, char **argv)
{
	long count = argc == 2 ? atol(argv[1]) : 0;

	if (count <= 0) {
		fprintf(stderr, "usage: fork-loop NUMBER\n");
		return 2;
	}

	double start = now();

	for (long i = 0; i < count; i++) {
		pid_t child = fork();

		if (child < 0) {
			perror("fork-loop: fork");
			return 1;
		}
		if (child == 0)
			_exit(0);
		if (waitpid(child, NULL, 0) != child) {
			perror("fork-loop: waitpid");
			return 1;
		}
	}
	printf("%.3f\n", (now() - start) / (double)count);
	return 0;
}
