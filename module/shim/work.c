// SPDX-License-Identifier: GPL-2.0
/* Work that runs later or elsewhere: helper threads, irq_work, the watchdog. */
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/workqueue.h>

#include "internal.h"

struct enable_call {
	struct kthread_work work;
	int (*function)(void *argument);
	void *argument;
	const struct task_struct *caller;
	int result;
};

/*
 * On the caller's CPUs: a scheduler that pins its loader expects ops.init()
 * there. Where none of them is left, any CPU will do.
 */
static void run_enable(struct kthread_work *work)
{
	struct enable_call *call = container_of(work, struct enable_call, work);

	set_cpus_allowed_ptr(current, &call->caller->cpus_mask);
	call->result = call->function(call->argument);
	set_cpus_allowed_ptr(current, cpu_possible_mask);
}

static void run_disable(struct kthread_work *work) { scx_entry_disable_work(); }
static void run_watchdog(struct work_struct *work) { scx_entry_watchdog(); }

static struct kthread_worker *enable_worker, *disable_worker;
static DEFINE_KTHREAD_WORK(end_work, run_disable);
static DECLARE_DELAYED_WORK(watchdog, run_watchdog);

/* Waking a thread takes runqueue locks, which the caller may hold: go through irq_work. */
static void queue_disable(struct irq_work *work) { kthread_queue_work(disable_worker, &end_work); }
static struct irq_work disable_irq_work = IRQ_WORK_INIT_HARD(queue_disable);

static struct kthread_worker *create_worker(const char *name, void (*set_priority)(struct task_struct *))
{
	struct kthread_worker *worker = kthread_create_worker(0, "%s", name);

	if (!IS_ERR(worker))
		set_priority(worker->task);
	return worker;
}

/*
 * With PREEMPT_RT a thread of FIFO 1 refills BPF's allocator, which has a few
 * elements for a CPU: ops.init_task() of all tasks at a stretch needs it. Equal
 * in priority, kshim_cond_resched() lets it run.
 */
int kshim_workers_create(void)
{
	enable_worker = create_worker("scx_enable", IS_ENABLED(CONFIG_PREEMPT_RT) ? sched_set_fifo_low :
										     sched_set_fifo);
	if (IS_ERR(enable_worker))
		return PTR_ERR(enable_worker);
	disable_worker = create_worker("scx_disable", sched_set_fifo);
	if (IS_ERR(disable_worker))
		kthread_destroy_worker(enable_worker);
	return PTR_ERR_OR_ZERO(disable_worker);
}

void kshim_workers_destroy(void)
{
	kthread_destroy_worker(disable_worker);
	kthread_destroy_worker(enable_worker);
}

int kshim_run_on_enable_worker(int (*work)(void *), void *argument)
{
	struct enable_call call = { .function = work, .argument = argument, .caller = current };

	kthread_init_work(&call.work, run_enable);
	kthread_queue_work(enable_worker, &call.work);
	kthread_flush_work(&call.work);
	return call.result;
}

void kshim_flush_disable_work(void)
{
	irq_work_sync(&disable_irq_work);
	kthread_flush_work(&end_work);
}

unsigned long kshim_msecs_to_jiffies(u32 ms) { return msecs_to_jiffies(ms); }

void kshim_queue_watchdog(unsigned long delay)
{
	queue_delayed_work(system_unbound_wq, &watchdog, delay);
}

/* As workqueues do it: from where a sleeping thread wakes up, its class looks for a CPU. */
void kshim_queue_disable_work(s32 cpu)
{
	WRITE_ONCE(disable_worker->task->wake_cpu, cpu);
	irq_work_queue(&disable_irq_work);
}

void kshim_cancel_watchdog(void) { cancel_delayed_work_sync(&watchdog); }

void shim_work_settle(void)
{
	kshim_flush_disable_work();
	kshim_cancel_watchdog();
}
