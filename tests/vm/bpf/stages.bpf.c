// SPDX-License-Identifier: GPL-2.0
/*
 * Stops at closed gates, so that loading and unloading can be looked at from the outside. A gate
 * opens when its value in the map `gates` is not 0; none stays closed for longer than LIMIT. Refuses
 * tasks called `unwanted`; ends with an error when a task called `culprit` yields.
 */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

enum gate { GATE_INIT, GATE_EXIT, NR_GATES };
enum { LOOPS = 1 << 23 };
static const u64 LIMIT = 300ULL * 1000 * 1000 * 1000;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NR_GATES);
	__type(key, u32);
	__type(value, u32);
} gates SEC(".maps");

struct wait {
	u32 gate;
	u32 over;
	u64 until;
};

static long look(u32 number, struct wait *wait)
{
	u32 *open = bpf_map_lookup_elem(&gates, &wait->gate);

	wait->over = !open || *(volatile u32 *)open || bpf_ktime_get_ns() > wait->until;
	return wait->over & 1; /* As the verifier wants to see it. */
}

static long look_on(u32 number, struct wait *wait)
{
	bpf_loop(LOOPS, look, wait, 0);
	return wait->over & 1; /* As the verifier wants to see it. */
}

static void pass(enum gate gate)
{
	struct wait wait = {.gate = gate, .until = bpf_ktime_get_ns() + LIMIT};

	bpf_loop(LOOPS, look_on, &wait, 0);
}

static bool is_called(const struct task_struct *p, const char *name, u32 size)
{
	return !bpf_strncmp(p->comm, size, name);
}

static const char unwanted[] = "unwanted";
static const char culprit[] = "culprit";

s32 BPF_STRUCT_OPS_SLEEPABLE(stages_init)
{
	pass(GATE_INIT);
	return 0;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(stages_init_task, struct task_struct *p,
			     struct scx_init_task_args *args)
{
	if (is_called(p, unwanted, sizeof(unwanted)))
		p->scx.disallow = true;
	return 0;
}

bool BPF_STRUCT_OPS(stages_yield, struct task_struct *from, struct task_struct *to)
{
	if (is_called(from, culprit, sizeof(culprit)))
		scx_bpf_error("task %d asked for it", from->pid);
	return false;
}

void BPF_STRUCT_OPS_SLEEPABLE(stages_exit, struct scx_exit_info *info)
{
	pass(GATE_EXIT);
	user_exit_record(info);
}

SCX_OPS_DEFINE(stages_ops,
	       .init = (void *)stages_init,
	       .init_task = (void *)stages_init_task,
	       .yield = (void *)stages_yield,
	       .exit = (void *)stages_exit,
	       .name = "stages");
