/* SPDX-License-Identifier: GPL-2.0 */
/*
 * complete [-p] [-f FAULT]: -p schedules only tasks of policy SCHED_EXT, FAULT is a number of enum
 * fault. Prints all counts, `counts NAME=N ...`, four times a second, and how it ended.
 */
#include "user_half.h"

#include "user_exit_info.h"

#include "complete.h"
#include "complete.skel.h"

#define NAME(name) #name,
static const char *const names[] = { CALLBACKS(NAME) FUNCTIONS(NAME) HINTS(NAME) };

static void print_counts(const struct complete_bpf *skel)
{
	int i;

	printf("counts");
	for (i = 0; i < NR_COUNTED; i++)
		printf(" %s=%llu", names[i], skel->bss->counts[i]);
	printf("\n");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct complete_bpf *skel;
	struct bpf_link *link;
	int option;

	prepare();
	skel = complete_bpf__open();
	if (!skel)
		end_with("open");
	while ((option = getopt(argc, argv, "pf:")) != -1) {
		if (option == 'p')
			skel->rodata->switch_partial = true;
		else if (option == 'f')
			skel->rodata->fault = (u32)atoi(optarg);
		else
			return EXIT_FAILURE;
	}
	if (skel->rodata->fault == LOSES_TASK)
		skel->struct_ops.complete_ops->timeout_ms = 1000;
	use_link(skel->maps.complete_ops);
	if (complete_bpf__load(skel))
		end_with("load");
	link = attach(skel->maps.complete_ops);

	while (!stopped && !uei_exited(&skel->bss->uei)) {
		print_counts(skel);
		usleep(250000);
	}
	bpf_link__destroy(link);
	print_counts(skel);
	printf("type=%d\n", skel->bss->uei.type);
	fflush(stdout);
	uei_print(&skel->bss->uei);
	complete_bpf__destroy(skel);
	return EXIT_SUCCESS;
}
