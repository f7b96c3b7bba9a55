// SPDX-License-Identifier: GPL-2.0
/* What the made-up machine takes of the real kernel, besides module/shim/memory.c and dsq_table.c. */
#include <linux/kthread.h>

#include "shim/internal.h"
#include "kunit/services.h"

#define MAX_TOGETHER	8

/* ---- Memory of the machine itself ---- */

void *service_alloc(size_t size) { return kvzalloc(size, GFP_KERNEL); }
void service_free(void *memory) { kvfree(memory); }

/* ---- Locks ----
 *
 * Made-up runqueues have the architecture's lock without what watches locks:
 * one thread plays several CPUs, which lockdep would take for a deadlock.
 */

void service_rq_lock_init(struct rq *rq) { raw_spin_lock_init(&rq->__lock); }
void service_rq_lock(struct rq *rq) { arch_spin_lock(&rq->__lock.raw_lock); }
bool service_rq_trylock(struct rq *rq) { return arch_spin_trylock(&rq->__lock.raw_lock); }
void service_rq_unlock(struct rq *rq) { arch_spin_unlock(&rq->__lock.raw_lock); }

void kshim_raw_spin_init(raw_spinlock_t *lock) { raw_spin_lock_init(lock); }
void kshim_raw_spin_lock(raw_spinlock_t *lock) { raw_spin_lock(lock); }
void kshim_raw_spin_unlock(raw_spinlock_t *lock) { raw_spin_unlock(lock); }
void kshim_rcu_read_lock(void) { rcu_read_lock(); }
void kshim_rcu_read_unlock(void) { rcu_read_unlock(); }
void kshim_synchronize_rcu(void) { synchronize_rcu(); }
void kshim_call_rcu(struct rcu_head *head, rcu_callback_t callback) { call_rcu(head, callback); }

unsigned long kshim_irq_save(void)
{
	unsigned long flags;

	local_irq_save(flags);
	return flags;
}

void kshim_irq_restore(unsigned long flags) { local_irq_restore(flags); }
void kshim_irq_enable(void) { local_irq_enable(); }
void kshim_irq_disable(void) { local_irq_disable(); }
void kshim_preempt_disable(void) { preempt_disable(); }
void kshim_preempt_enable(void) { preempt_enable(); }
void kshim_cond_resched(void) { cond_resched(); }

/* ---- Threads, each a CPU of the machine ---- */

struct actor {
	struct task_struct *thread;
	s32 cpu;
	s32 index;
	void (*what)(s32 index, void *argument);
	void *argument;
	struct completion done;
};

/* The last one is the thread of the case. */
static struct actor actors[MAX_TOGETHER + 1];

static struct actor *this_actor(void)
{
	for (int i = 0; i < MAX_TOGETHER; i++)
		if (READ_ONCE(actors[i].thread) == current)
			return &actors[i];
	return &actors[MAX_TOGETHER];
}

s32 service_acting_on(void) { return this_actor()->cpu; }
void service_act_on(s32 cpu) { this_actor()->cpu = cpu; }

/* Stays until it is stopped, so that no thread is left in the module's code. */
static int act(void *data)
{
	struct actor *self = data;

	self->what(self->index, self->argument);
	complete(&self->done);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

void service_run_together(s32 count, void (*what)(s32 index, void *argument), void *argument)
{
	bool made_all;
	s32 made;

	for (made = 0; made < count && made < MAX_TOGETHER; made++) {
		struct task_struct *thread;

		actors[made] = (struct actor){ .cpu = made, .index = made, .what = what,
					       .argument = argument };
		init_completion(&actors[made].done);
		thread = kthread_create(act, &actors[made], "scx_kunit/%d", made);
		if (IS_ERR(thread))
			break;
		WRITE_ONCE(actors[made].thread, thread);
	}
	/* All or none: those that are there may wait for the others. */
	made_all = made == count;
	if (!made_all)
		service_failed(__FILE__, __LINE__, "cannot create threads");
	else
		for (s32 i = 0; i < made; i++)
			wake_up_process(actors[i].thread);
	while (made--) {
		/* A thread that is stopped before it began would never begin. */
		if (made_all)
			wait_for_completion(&actors[made].done);
		kthread_stop(actors[made].thread);
		WRITE_ONCE(actors[made].thread, NULL);
	}
}

/* ---- What a person sees: the suites say what matters ---- */

void kshim_print(int level, const char *format, ...) {}
void kshim_print_deferred(int level, const char *format, ...) {}
void kshim_print_raw(const char *level, const char *format, ...) {}
void kshim_print_stack(const unsigned long *frames, u32 count) {}
void kshim_trace_dump_line(const char *line) {}
bool kshim_trace_dump_enabled(void) { return false; }

int kshim_format_cpumask(char *buffer, size_t size, const struct cpumask *mask)
{
	return scnprintf(buffer, size, "%*pb", cpumask_pr_args(mask));
}

int kshim_format_symbol(char *buffer, size_t size, unsigned long address)
{
	return scnprintf(buffer, size, "%pS", (void *)address);
}

s32 kshim_format_bpf(char *buffer, size_t size, char *format, unsigned long long *data,
		     u32 data_size, const char **why)
{
	return scnprintf(buffer, size, "%s", format);
}

bool kshim_copy_from_kernel(void *to, const void *from, size_t size)
{
	return !copy_from_kernel_nofault(to, from, size);
}

static atomic_t warnings;

int service_take_warnings(void) { return atomic_xchg(&warnings, 0); }
void kshim_warn(const char *file, int line, const char *condition) { atomic_inc(&warnings); }

void kshim_bug(const char *file, int line, const char *condition)
{
	pr_emerg("%s:%d: %s is false\n", file, line, condition);
	BUG();
}
