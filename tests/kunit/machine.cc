// SPDX-License-Identifier: GPL-2.0
// What suites/machine.hpp promises, inside a kernel.
#include "kunit/made_up.hpp"

namespace made_up {

// ---- The classes' halves ----

void enqueue(struct rq& rq, task_struct& p, int flags)
{
	if (scx::is_ext(p))
		scx_entry_enqueue_task(&rq, &p, flags);
}

bool dequeue(struct rq& rq, task_struct& p, int flags)
{
	return !scx::is_ext(p) || scx_entry_dequeue_task(&rq, &p, flags);
}

void put_prev(struct rq& rq, task_struct& p, task_struct* next)
{
	if (scx::is_ext(p))
		scx_entry_put_prev_task(&rq, &p, next);
	else if (scx::is_idle(p) && machine.enabled)
		scx_entry_update_idle(&rq, false, true);
}

void set_next(struct rq& rq, task_struct& p, bool first)
{
	if (scx::is_ext(p))
		scx_entry_set_next_task(&rq, &p, first);
	else if (scx::is_idle(p) && machine.enabled)
		scx_entry_update_idle(&rq, true, true);
	p.se.exec_start = rq.clock_task;
}

LockedRq::LockedRq(s32 number)
	: came_from_{service_acting_on()}, rq_{*cpu(number).rq}, flags_{kshim_irq_save()}
{
	service_act_on(number);
	raw_spin_rq_lock_nested(&rq_, 0);
	update_rq_clock(&rq_);
}

LockedRq::~LockedRq()
{
	raw_spin_rq_unlock(&rq_);
	service_act_on(came_from_);
	kshim_irq_restore(flags_);
}

namespace {

// ---- Making ----

// Where a mask is a pointer, in kernels for very many CPUs, it has to be allocated.
bool make_mask(cpumask (&)[1])
{
	return true;
}

[[maybe_unused]] bool make_mask(cpumask*& mask)
{
	mask = static_cast<cpumask*>(service_alloc(sizeof(cpumask)));
	return mask;
}

void free_mask(cpumask (&)[1])
{}

[[maybe_unused]] void free_mask(cpumask*& mask)
{
	service_free(mask);
}

void init_task(task_struct& p, char const* name, s32 number)
{
	sched_ext_entity& entity = p.scx;

	for (u32 i = 0; i + 1 < sizeof(p.comm) && name[i]; ++i)
		p.comm[i] = name[i];
	p.pid = 100 + static_cast<s32>(machine.nr_tasks);
	p.thread_info.cpu = static_cast<u32>(number);
	p.static_prio = p.prio = MAX_RT_PRIO + 20;
	entity.sticky_cpu = -1;
	entity.holding_cpu = -1;
	entity.runnable_at = jiffies;
	entity.ddsp_dsq_id = SCX_DSQ_INVALID;
	entity.slice = SCX_SLICE_DFL;
	scx::list::init(entity.dsq_list.node);
	scx::list::init(entity.runnable_node);
	scx::list::init(entity.tasks_node);
	scx::rbtree::clear_node(entity.dsq_priq);
}

bool make_cpu(s32 number)
{
	Cpu& made = cpu(number);
	s32 const first = number - number % machine.shape.threads_per_core;

	for (s32 thread = 0; thread < machine.shape.threads_per_core; ++thread)
		scx::mask_set(made.siblings, first + thread);
	made.rq = static_cast<struct rq*>(service_alloc(sizeof(struct rq)));
	made.idle = static_cast<task_struct*>(service_alloc(sizeof(task_struct)));
	if (!made.rq || !made.idle)
		return false;

	scx_rq& scx = made.rq->scx;

	if (!make_mask(scx.cpus_to_kick) || !make_mask(scx.cpus_to_kick_if_idle) ||
	    !make_mask(scx.cpus_to_preempt) || !make_mask(scx.cpus_to_wait))
		return false;
	made.rq->cpu = number;
	service_rq_lock_init(made.rq);
	scx::dispatch_queue::init(scx.local_dsq, SCX_DSQ_LOCAL);
	scx::list::init(scx.runnable_list);
	scx::list::init(scx.ddsp_deferred_locals);
	scx.flags = SCX_RQ_ONLINE;

	init_task(*made.idle, "swapper", number);
	made.idle->sched_class = &idle_sched_class;
	made.idle->pid = 0;
	made.idle->cpus_ptr = &made.siblings;
	scx::list::push_back(machine.all_tasks, made.idle->scx.tasks_node);
	made.rq->curr = made.idle;
	scx::mask_set(__cpu_possible_mask, number);
	return true;
}

void free_cpu(Cpu& made)
{
	if (made.rq) {
		free_mask(made.rq->scx.cpus_to_kick);
		free_mask(made.rq->scx.cpus_to_kick_if_idle);
		free_mask(made.rq->scx.cpus_to_preempt);
		free_mask(made.rq->scx.cpus_to_wait);
	}
	service_free(made.rq);
	service_free(made.idle);
}

// ---- Picking ----

task_struct* pick_other(struct rq& rq)
{
	for (u32 i = 0; i < machine.nr_tasks; ++i) {
		task_struct& p = *machine.tasks[i];

		if (p.sched_class == &other_class() && p.on_rq == int{kOnRunqueue} &&
		    &scx::task_rq(p) == &rq)
			return &p;
	}
	return nullptr;
}

task_struct& pick(struct rq& rq)
{
	task_struct* next = nullptr;

	if (machine.enabled) {
		rq.scx.flags |= SCX_RQ_BAL_PENDING;
		scx_entry_balance(&rq, rq.curr);
		next = scx_entry_pick_task(&rq);
	}
	if (!next)
		next = pick_other(rq);
	if (next)
		return *next;
	if (machine.enabled)
		scx_entry_update_idle(&rq, true, false);
	return *cpu(rq.cpu).idle;
}

void run_interrupt(irq_work* work)
{
	for (s32 number = 0; number < machine.shape.cpus; ++number) {
		struct rq& rq = *cpu(number).rq;

		if (work == &rq.scx.deferred_irq_work) {
			raw_spin_rq_lock_nested(&rq, 0);
			scx_entry_run_deferred(&rq);
			raw_spin_rq_unlock(&rq);
		} else if (work == &rq.scx.kick_cpus_irq_work) {
			scx_entry_kick_cpus(&rq);
		}
	}
}

s32 choose_cpu(task_struct& p, u32& wake_flags)
{
	s32 number = scx::task_cpu(p);

	if (scx::is_ext(p)) {
		number = scx_entry_select_task_rq(&p, number, static_cast<int>(wake_flags));
		wake_flags |= static_cast<u32>(SCX_ENQ_CPU_SELECTED) << 16;
	}
	for (s32 other = 0; !scx::mask_test(*p.cpus_ptr, number); ++other)
		number = other;
	return number;
}

} // namespace

} // namespace made_up

namespace suite::machine {

using made_up::machine;

bool create(Shape shape)
{
	machine.shape = shape;
	machine.now = 1'000'000'000;
	jiffies = 2000;
	service_act_on(0);
	scx::list::init(machine.all_tasks);
	__cpu_possible_mask = {};
	for (s32 number = 0; number < shape.cpus; ++number)
		if (!made_up::make_cpu(number))
			return false;
	__cpu_online_mask = __cpu_active_mask = __cpu_possible_mask;
	return true;
}

void destroy()
{
	for (u32 i = 0; i < machine.nr_tasks; ++i)
		service_free(machine.tasks[i]);
	for (made_up::Cpu& made : machine.cpus)
		made_up::free_cpu(made);
	__builtin_memset(static_cast<void*>(&machine), 0, sizeof(machine));
}

struct rq& rq(s32 cpu)
{
	return *made_up::cpu(cpu).rq;
}

void act_on(s32 cpu)
{
	service_act_on(cpu);
}

task_struct* fork(char const* name, s32 cpu, u64 allowed)
{
	if (machine.nr_tasks == made_up::kMaxTasks)
		return nullptr;

	auto* p = static_cast<task_struct*>(service_alloc(sizeof(task_struct)));

	if (!p)
		return nullptr;

	cpumask& mask = machine.allowed[machine.nr_tasks];

	made_up::init_task(*p, name, cpu);
	mask = __cpu_possible_mask;
	mask.bits[0] &= allowed;
	p->cpus_ptr = &mask;
	p->sched_class = __setscheduler_class(SCHED_NORMAL, p->prio);
	if (scx_entry_fork(p)) {
		scx_entry_cancel_fork(p);
		service_free(p);
		return nullptr;
	}
	scx_entry_post_fork(p);
	scx::list::push_back(machine.all_tasks, p->scx.tasks_node);
	machine.tasks[machine.nr_tasks++] = p;
	return p;
}

s32 wake(task_struct& p, s32 waker, u64 wake_flags)
{
	s32 const came_from = service_acting_on();
	auto flags = static_cast<u32>(wake_flags);

	act_on(waker);
	unsigned long const irqs = kshim_irq_save();
	s32 const number = made_up::choose_cpu(p, flags);
	struct rq& target = rq(number);
	u32 const enqueue_flags = (flags & SCX_WAKE_FORK ? 0 : u32{SCX_ENQ_WAKEUP}) |
				  (flags >> 16 & static_cast<u32>(SCX_ENQ_CPU_SELECTED));

	p.thread_info.cpu = static_cast<u32>(number);
	raw_spin_rq_lock_nested(&target, 0);
	update_rq_clock(&target);
	activate_task(&target, &p, static_cast<int>(enqueue_flags));
	if (scx::is_idle(*target.curr) && !scx::is_ext(p))
		resched_curr(&target);
	if (scx::is_ext(p))
		scx_entry_task_woken(&target, &p);
	raw_spin_rq_unlock(&target);
	kshim_irq_restore(irqs);
	act_on(came_from);
	return number;
}

void sleep(task_struct& p)
{
	s32 const number = scx::task_cpu(p);

	CXXRT_BUG_ON(rq(number).curr != &p);
	{
		made_up::LockedRq locked{number};

		made_up::dequeue(locked.rq(), p, DEQUEUE_SLEEP);
		scx::write_once(p.on_rq, 0);
	}
	schedule(number);
}

void take_off(task_struct& p)
{
	made_up::LockedRq locked{scx::task_cpu(p)};

	made_up::dequeue(locked.rq(), p, DEQUEUE_SAVE);
}

void put_back(task_struct& p)
{
	made_up::LockedRq locked{scx::task_cpu(p)};

	made_up::enqueue(locked.rq(), p, ENQUEUE_RESTORE);
}

void schedule(s32 number)
{
	made_up::LockedRq locked{number};
	made_up::Cpu& cpu = made_up::cpu(number);
	struct rq& rq = locked.rq();
	task_struct& next = made_up::pick(rq);
	task_struct& previous = *rq.curr;

	if (&next != &previous) {
		made_up::put_prev(rq, previous, &next);
		made_up::set_next(rq, next, true);
		scx::write_once(rq.nr_switches, rq.nr_switches + 1);
	}
	cpu.need_resched = false;
	scx::write_once(rq.curr, &next);
	next.on_cpu = 1;
	if (&previous != &next)
		scx::store_release(previous.on_cpu, 0);
	if (cxxrt::take(cpu.wait_callback, false))
		scx_entry_wait_for_cpus(&rq);
}

void tick(s32 number)
{
	made_up::LockedRq locked{number};
	struct rq& rq = locked.rq();

	if (scx::is_ext(*rq.curr))
		scx_entry_task_tick(&rq, rq.curr, 0);
	if (machine.enabled)
		scx_entry_tick(&rq);
}

int run_irq_work(s32 number)
{
	s32 const came_from = service_acting_on();
	made_up::Cpu& cpu = made_up::cpu(number);
	int ran = 0;

	act_on(number);
	while (cpu.nr_interrupts) {
		unsigned long const irqs = kshim_irq_save();

		made_up::run_interrupt(cpu.interrupts[--cpu.nr_interrupts]);
		kshim_irq_restore(irqs);
		++ran;
	}
	act_on(came_from);
	return ran;
}

void settle()
{
	for (int round = 0; round < 1000; ++round) {
		bool done = cxxrt::take(machine.disable_work_pending, false);

		if (done)
			scx_entry_disable_work();
		for (s32 number = 0; number < machine.shape.cpus; ++number) {
			done |= run_irq_work(number) != 0;
			if (wants_reschedule(number)) {
				schedule(number);
				done = true;
			}
		}
		if (!done)
			return;
	}
	service_failed(__FILE__, __LINE__, "the machine does not settle");
}

bool wants_reschedule(s32 cpu)
{
	return made_up::cpu(cpu).need_resched;
}

void advance(u64 ns)
{
	machine.now += ns;
	jiffies = 1000 + machine.now / 1'000'000;
}

void end_grace_period()
{
	kshim_synchronize_rcu();
}

int take_warnings()
{
	return service_take_warnings();
}

void forget_disable_work()
{
	machine.disable_work_pending = false;
}

void run_together(s32 count, Parallel what, void* argument)
{
	service_run_together(count, what, argument);
}

} // namespace suite::machine
