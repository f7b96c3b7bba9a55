/* SPDX-License-Identifier: GPL-2.0 */
/*
 * simple [-p] [-k]: loads the document's program; -p schedules only tasks of
 * policy SCHED_EXT. Until a signal comes or the scheduler ends; prints its exit
 * type then. -k leaves the table as the program has it, without a link.
 */
#include "user_half.h"

#include "simple.skel.h"

int main(int argc, char **argv)
{
	struct simple_bpf *skel;
	struct bpf_link *link;
	bool keep = false;
	int option;

	prepare();
	skel = simple_bpf__open();
	if (!skel)
		end_with("open");
	while ((option = getopt(argc, argv, "pk")) != -1) {
		if (option == 'p')
			skel->rodata->switch_partial = true;
		else if (option == 'k')
			keep = true;
		else
			return EXIT_FAILURE;
	}
	if (!keep)
		use_link(skel->maps.simple_ops);
	if (simple_bpf__load(skel))
		end_with("load");
	link = attach(skel->maps.simple_ops);

	while (!stopped && !__atomic_load_n(&skel->bss->exit_type, __ATOMIC_SEQ_CST))
		usleep(50000);
	bpf_link__destroy(link);
	printf("exit_type=%u\n", skel->bss->exit_type);
	simple_bpf__destroy(skel);
	return EXIT_SUCCESS;
}
