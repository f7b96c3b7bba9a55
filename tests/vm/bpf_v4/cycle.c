/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Schedules the tasks of policy SCHED_EXT until a signal comes, and prints what was written down, a
 * line each, `EVENT NAME`, as it comes; then how it ended.
 */
#include "user_half.h"

#include "user_exit_info.h"

#include "cycle.h"
#include "cycle.skel.h"

static const char *const events[] = { "select_cpu", "enqueue", "dispatch", "running" };
static const char *const places[] = { "-", "local", "global", "queued" };

static u32 print_new(const struct cycle_bpf *skel, u32 printed)
{
	u32 count = __atomic_load_n(&skel->bss->nr_entries, __ATOMIC_SEQ_CST);

	for (; printed < count && printed < MAX_ENTRIES; printed++)
		printf("%s %s\n", events[skel->bss->entries[printed].event],
		       places[skel->bss->entries[printed].place]);
	fflush(stdout);
	return printed;
}

int main(void)
{
	struct cycle_bpf *skel;
	struct bpf_link *link;
	u32 printed = 0;

	prepare();
	skel = cycle_bpf__open();
	if (!skel)
		end_with("open");
	use_link(skel->maps.cycle_ops);
	if (cycle_bpf__load(skel))
		end_with("load");
	link = attach(skel->maps.cycle_ops);
	while (!stopped && !uei_exited(&skel->bss->uei)) {
		printed = print_new(skel, printed);
		usleep(20000);
	}
	bpf_link__destroy(link);
	print_new(skel, printed);
	uei_print(&skel->bss->uei);
	cycle_bpf__destroy(skel);
	return EXIT_SUCCESS;
}
