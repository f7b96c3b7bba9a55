// SPDX-License-Identifier: GPL-2.0
/*
 * A queue for each CPU, which no other CPU looks into, and an account of the comings and goings that
 * it is told of. Who is left in the queue of a CPU that has gone is a stall.
 *
 * A CPU that goes still picks tasks while it waits for an RCU grace period, and the kernel pushes away
 * whatever it picks: only who is not picked then is left to be moved. So tasks called `patient` have
 * queues of their own, which a CPU does not look into from the moment that its hotplug thread runs.
 */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

enum { MAX_CPUS = 64 };

/* The queue of a CPU's patient tasks. */
static u64 patient_queue(s32 cpu)
{
	return MAX_CPUS + (u64)cpu;
}

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

/* CPUs whose hotplug thread has run and that have not come since; each CPU writes its own. */
bool changing[MAX_CPUS];

static void set_changing(s32 cpu, bool whether)
{
	bool *own = MEMBER_VPTR(changing, [cpu]);

	if (own)
		*own = whether;
}

static bool is_changing(s32 cpu)
{
	bool *own = MEMBER_VPTR(changing, [cpu]);

	return own && *own;
}

static bool is_called(const struct task_struct *p, const char *start, u32 length)
{
	return !bpf_strncmp(p->comm, length, start);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(cpus_init)
{
	s32 queue, failed = 0;

	bpf_for(queue, 0, 2 * MAX_CPUS) {
		failed = scx_bpf_create_dsq((u64)queue, -1);
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
	static const char patient[] = "patient";
	s32 cpu = scx_bpf_task_cpu(p);
	u64 queue = is_called(p, patient, sizeof(patient)) ? patient_queue(cpu) : (u64)cpu;

	scx_bpf_dispatch(p, queue, SCX_SLICE_DFL, enq_flags);
	scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

void BPF_STRUCT_OPS(cpus_dispatch, s32 cpu, struct task_struct *prev)
{
	if (!scx_bpf_consume((u64)cpu) && !is_changing(cpu))
		scx_bpf_consume(patient_queue(cpu));
}

void BPF_STRUCT_OPS(cpus_running, struct task_struct *p)
{
	static const char hotplug_thread[] = "cpuhp/";

	if (is_called(p, hotplug_thread, sizeof(hotplug_thread) - 1))
		set_changing(scx_bpf_task_cpu(p), true);
}

void BPF_STRUCT_OPS(cpus_cpu_online, s32 cpu)
{
	count(&came, cpu);
	set_changing(cpu, false);
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
	       .running = (void *)cpus_running,
	       .cpu_online = (void *)cpus_cpu_online,
	       .cpu_offline = (void *)cpus_cpu_offline,
	       .exit = (void *)cpus_exit,
	       .timeout_ms = 20000,
	       .name = "follows_cpus");
