// SPDX-License-Identifier: GPL-2.0
/*
 * Ends when a task called `errs` runs, and has room for a dump of 4 MiB. Of that it counts the tasks, and the
 * timer interrupts that the dumping CPU took between one and the next, and writes both to the trace.
 * Short slices: thousands of tasks on a CPU shall each have run before the watchdog asks.
 */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

extern const irq_cpustat_t irq_stat __ksym;

/* Of the CPU that wrote about a task last, and in all. */
static u32 cpu_before, interrupts_before, interrupts, tasks;

void BPF_STRUCT_OPS(dumps_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dispatch(p, SCX_DSQ_LOCAL, 1000000, enq_flags);
}

void BPF_STRUCT_OPS(dumps_running, struct task_struct *p)
{
	static const char wanted[] = "errs";

	if (!bpf_strncmp(p->comm, sizeof(wanted), wanted))
		scx_bpf_error("%s[%d] wants a dump", p->comm, p->pid);
}

void BPF_STRUCT_OPS(dumps_task, struct scx_dump_ctx *context, struct task_struct *p)
{
	const irq_cpustat_t *here = bpf_this_cpu_ptr(&irq_stat);
	u32 cpu = bpf_get_smp_processor_id();

	if (tasks++ && cpu == cpu_before)
		interrupts += here->apic_timer_irqs - interrupts_before;
	cpu_before = cpu;
	interrupts_before = here->apic_timer_irqs;
}

void BPF_STRUCT_OPS(dumps_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
	bpf_printk("interrupts=%u tasks=%u", interrupts, tasks);
}

SCX_OPS_DEFINE(dumps_ops,
	       .enqueue = (void *)dumps_enqueue,
	       .running = (void *)dumps_running,
	       .dump_task = (void *)dumps_task,
	       .exit = (void *)dumps_exit,
	       .exit_dump_len = 4 << 20,
	       .timeout_ms = 30000,
	       .name = "dumps_much");
