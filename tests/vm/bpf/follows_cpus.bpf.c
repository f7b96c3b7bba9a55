// SPDX-License-Identifier: GPL-2.0
/*
 * A queue for each CPU, which no other CPU looks into, and an account of the comings and goings that
 * it is told of. Who is left in the queue of a CPU that has gone is a stall.
 */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

enum { MAX_CPUS = 64 };

/* By CPU: how often it came and went. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_CPUS);
	__type(key, u32);
	__type(value, u32);
} came SEC(".maps"), went SEC(".maps");

static void count(void *map, s32 cpu)
{
	u32 *times = bpf_map_lookup_elem(map, &cpu);

	if (times)
		__sync_fetch_and_add(times, 1);
	else
		scx_bpf_error("CPU %d is one of more than %d", cpu, MAX_CPUS);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(cpus_init)
{
	s32 cpu, failed = 0;

	bpf_for(cpu, 0, MAX_CPUS) {
		failed = scx_bpf_create_dsq((u64)cpu, -1);
		if (failed)
			break;
	}
	return failed;
}

s32 BPF_STRUCT_OPS(cpus_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(cpus_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 cpu = scx_bpf_task_cpu(p);

	scx_bpf_dispatch(p, (u64)cpu, SCX_SLICE_DFL, enq_flags);
	scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

void BPF_STRUCT_OPS(cpus_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_consume((u64)cpu);
}

void BPF_STRUCT_OPS(cpus_cpu_online, s32 cpu)
{
	count(&came, cpu);
}

void BPF_STRUCT_OPS(cpus_cpu_offline, s32 cpu)
{
	count(&went, cpu);
}

void BPF_STRUCT_OPS(cpus_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(cpus_ops,
	       .init = (void *)cpus_init,
	       .select_cpu = (void *)cpus_select_cpu,
	       .enqueue = (void *)cpus_enqueue,
	       .dispatch = (void *)cpus_dispatch,
	       .cpu_online = (void *)cpus_cpu_online,
	       .cpu_offline = (void *)cpus_cpu_offline,
	       .exit = (void *)cpus_exit,
	       .timeout_ms = 5000,
	       .name = "follows_cpus");
