// SPDX-License-Identifier: GPL-2.0
// The functions of the scheduler core that the core of sched_ext calls (abi/kernel.h), on the
// made-up machine. rename.h has taken the kernel's own out of reach.
#include "kunit/made_up.hpp"

cpumask __cpu_possible_mask;
cpumask __cpu_online_mask;
cpumask __cpu_active_mask;
volatile unsigned long jiffies;

namespace made_up {

constinit Machine machine{};

namespace {

// Only its address counts; classes lie in memory in the order of their priority.
alignas(8) char other_class_object[8];

} // namespace

sched_class const& other_class()
{
	return *reinterpret_cast<sched_class const*>(other_class_object);
}

} // namespace made_up

// ---- Runqueues ----

void resched_curr(struct rq* rq)
{
	made_up::cpu(rq->cpu).need_resched = true;
}

void activate_task(struct rq* rq, task_struct* p, int flags)
{
	made_up::enqueue(*rq, *p, flags);
	scx::write_once(p->on_rq, int{made_up::kOnRunqueue});
}

void deactivate_task(struct rq* rq, task_struct* p, int flags)
{
	scx::write_once(p->on_rq, static_cast<int>(TASK_ON_RQ_MIGRATING));
	made_up::dequeue(*rq, *p, flags);
}

bool dequeue_task(struct rq* rq, task_struct* p, int flags)
{
	return made_up::dequeue(*rq, *p, flags);
}

void set_task_cpu(task_struct* p, unsigned int cpu)
{
	p->thread_info.cpu = cpu;
}

s64 update_curr_common(struct rq* rq)
{
	u64& since = rq->curr->se.exec_start;
	auto const ran = static_cast<s64>(rq->clock_task - since);

	if (ran > 0)
		since = rq->clock_task;
	return ran;
}

bool update_other_load_avgs(struct rq*)
{
	return false;
}

void update_rq_clock(struct rq* rq)
{
	rq->clock_task = made_up::machine.now;
}

void raw_spin_rq_lock_nested(struct rq* rq, int)
{
	service_rq_lock(rq);
}

bool raw_spin_rq_trylock(struct rq* rq)
{
	return service_rq_trylock(rq);
}

void raw_spin_rq_unlock(struct rq* rq)
{
	service_rq_unlock(rq);
}

// pi_lock has nobody to keep out: the machine does one thing after the other.
struct rq* task_rq_lock(task_struct* p, rq_flags* saved)
{
	struct rq& rq = scx::task_rq(*p);

	saved->flags = kshim_irq_save();
	raw_spin_rq_lock_nested(&rq, 0);
	return &rq;
}

// ---- Classes ----

void check_class_changing(struct rq* rq, task_struct* p, sched_class const* before)
{
	if (p->sched_class != before && scx::is_ext(*p))
		scx_entry_switching_to(rq, p);
}

void check_class_changed(struct rq* rq, task_struct* p, sched_class const* before, int)
{
	if (p->sched_class != before && before == &ext_sched_class)
		scx_entry_switched_from(rq, p);
}

sched_class const* __setscheduler_class(int policy, int)
{
	if (made_up::machine.enabled && scx_entry_should_scx(policy))
		return &ext_sched_class;
	return &made_up::other_class();
}

void set_cpus_allowed_common(task_struct*, affinity_context*)
{}

void sched_deq_and_put_task(task_struct* p, int flags, sched_enq_and_set_ctx* context)
{
	struct rq& rq = scx::task_rq(*p);

	context->p = p;
	context->queue_flags = flags;
	context->queued = p->on_rq == int{made_up::kOnRunqueue};
	context->running = rq.curr == p;
	update_rq_clock(&rq);
	if (context->queued)
		made_up::dequeue(rq, *p, flags);
	if (context->running)
		made_up::put_prev(rq, *p, nullptr);
}

void sched_enq_and_set_task(sched_enq_and_set_ctx* context)
{
	struct rq& rq = scx::task_rq(*context->p);

	if (context->queued)
		made_up::enqueue(rq, *context->p, context->queue_flags);
	if (context->running)
		made_up::set_next(rq, *context->p, false);
}

// ---- Loading and hotplug: one thread does both, nobody else is there to be kept out ----

void percpu_down_write(percpu_rw_semaphore*)
{}

void percpu_up_write(percpu_rw_semaphore*)
{}

void cpus_read_lock(void)
{}

void cpus_read_unlock(void)
{}

// ---- Interrupts, clocks, masks ----

bool irq_work_queue(irq_work* work)
{
	made_up::Cpu& cpu = made_up::here();

	for (u32 i = 0; i < cpu.nr_interrupts; ++i)
		if (cpu.interrupts[i] == work)
			return false;
	CXXRT_BUG_ON(cpu.nr_interrupts == made_up::kMaxInterrupts);
	cpu.interrupts[cpu.nr_interrupts++] = work;
	return true;
}

u64 sched_clock_cpu(int)
{
	return made_up::machine.now;
}

u64 ktime_get_mono_fast_ns(void)
{
	return made_up::machine.now;
}

// A thousand a second, whatever the kernel has.
unsigned int jiffies_to_msecs(unsigned long const j)
{
	return static_cast<unsigned int>(j);
}

// The lowest CPU rather than a rotating one: a case can tell what comes.
unsigned int cpumask_any_and_distribute(cpumask const* a, cpumask const* b)
{
	for (s32 cpu = 0; cpu < made_up::machine.shape.cpus; ++cpu)
		if (scx::mask_test(*a, cpu) && scx::mask_test(*b, cpu))
			return static_cast<unsigned int>(cpu);
	return kshim_nr_cpu_ids();
}

unsigned int cpumask_any_distribute(cpumask const* mask)
{
	return cpumask_any_and_distribute(mask, mask);
}
