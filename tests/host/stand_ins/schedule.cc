// SPDX-License-Identifier: GPL-2.0
// The kernel's scheduling cycle in miniature: wake, balance, pick, put, set. Classes that are not
// the core's run their tasks first in, first out.
#include "stand_ins/machine.hpp"

#include "core/cpumask.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace host {

namespace {

sched_class const* const kClasses[] = {&stop_sched_class, &dl_sched_class,  &rt_sched_class,
				       &fair_sched_class, &ext_sched_class, &idle_sched_class};

bool is_ext(task_struct const& p)
{
	return p.sched_class == &ext_sched_class;
}

} // namespace

// Which classes the pickers look at at all.
bool Machine::active(sched_class const& asked) const
{
	if (&asked == &ext_sched_class)
		return kernel_enabled;
	return &asked != &fair_sched_class || !kernel_switched_all;
}

// ---- Onto a runqueue and off ----

void Machine::enqueue(struct rq& rq, task_struct& p, int flags)
{
	host::assert_locked(&rq);
	if (&rq != &scx::task_rq(p))
		complain(std::string("enqueued on another CPU's runqueue: ") + p.comm);
	if (is_ext(p))
		scx_entry_enqueue_task(&rq, &p, flags);
	else
		cpu(rq.cpu).others.push_back(&p);
}

bool Machine::dequeue(struct rq& rq, task_struct& p, int flags)
{
	host::assert_locked(&rq);
	if (&rq != &scx::task_rq(p))
		complain(std::string("dequeued on another CPU's runqueue: ") + p.comm);
	if (is_ext(p))
		return scx_entry_dequeue_task(&rq, &p, flags);
	std::erase(cpu(rq.cpu).others, &p);
	return true;
}

void Machine::put_prev(struct rq& rq, task_struct& p, task_struct* next)
{
	host::assert_locked(&rq);
	if (is_ext(p))
		scx_entry_put_prev_task(&rq, &p, next);
	else if (&p == rq.idle && kernel_enabled)
		scx_entry_update_idle(&rq, false, true);
}

void Machine::set_next(struct rq& rq, task_struct& p, bool first)
{
	host::assert_locked(&rq);
	if (is_ext(p))
		scx_entry_set_next_task(&rq, &p, first);
	else if (&p == rq.idle && kernel_enabled)
		scx_entry_update_idle(&rq, true, true);
	p.se.exec_start = rq.clock_task;
}

// ---- Picking ----

void Machine::balance(struct rq& rq, task_struct& previous)
{
	sched_class const* first = previous.sched_class;

	if (kernel_enabled) {
		rq.scx.flags |= SCX_RQ_BAL_PENDING;
		if (scx::class_above(&ext_sched_class, first))
			first = &ext_sched_class;
	}
	for (sched_class const* asked : kClasses) {
		if (scx::class_above(asked, first) || !active(*asked))
			continue;
		if (asked == &idle_sched_class)
			return;
		if (asked == &ext_sched_class) {
			if (scx_entry_balance(&rq, &previous))
				return;
		} else if (std::any_of(cpu(rq.cpu).others.begin(), cpu(rq.cpu).others.end(),
				       [&](task_struct* p) { return p->sched_class == asked; })) {
			return;
		} else if (asked == &fair_sched_class && cpu(rq.cpu).fair_balance_claims) {
			return;
		}
	}
}

task_struct* Machine::pick_of(sched_class const& wanted, struct rq& rq)
{
	if (&wanted == &ext_sched_class)
		return scx_entry_pick_task(&rq);
	if (Cpu& here = cpu(rq.cpu);
	    &wanted == &dl_sched_class && here.server_active && here.server_turn) {
		if (task_struct* const p = scx_entry_server_pick(&rq))
			return p;
		here.server_active = false;
	}
	if (&wanted == &idle_sched_class) {
		if (kernel_enabled)
			scx_entry_update_idle(&rq, true, false);
		return rq.idle;
	}
	for (task_struct* p : cpu(rq.cpu).others)
		if (p->sched_class == &wanted)
			return p;
	return nullptr;
}

task_struct& Machine::pick_next(struct rq& rq, task_struct& previous)
{
	balance(rq, previous);
	if (auto const before_pick = std::exchange(cpu(rq.cpu).before_pick, nullptr))
		before_pick(rq);
	for (sched_class const* asked : kClasses) {
		task_struct* const next = active(*asked) ? pick_of(*asked, rq) : nullptr;

		if (!next)
			continue;
		if (next != &previous) {
			put_prev(rq, previous, next);
			set_next(rq, *next, true);
		}
		return *next;
	}
	return *rq.idle;
}

void Machine::run_balance_callbacks(Cpu& cpu)
{
	if (cpu.wait_callback) {
		cpu.wait_callback = false;
		scx_entry_wait_for_cpus(&cpu.rq);
	}
}

void Machine::schedule(s32 number)
{
	s32 const came_from = acting_on();

	act_on(number);
	Cpu& cpu = here();
	unsigned long const flags = kshim_irq_save();

	raw_spin_rq_lock_nested(&cpu.rq, 0);
	update_rq_clock(&cpu.rq);
	task_struct& next = pick_next(cpu.rq, *cpu.rq.curr);

	// What was asked of the task that leaves is done; what is asked of the next one stays.
	scx::write_once(cpu.need_resched, false);
	cpu.rq.curr->thread_info.flags &= ~1UL;
	if (cpu.rq.curr != &next)
		scx::write_once(cpu.rq.nr_switches, cpu.rq.nr_switches + 1);
	task_struct& previous = *cpu.rq.curr;

	scx::write_once(cpu.rq.curr, &next);

	next.on_cpu = 1;
	if (&previous != &next)
		scx::store_release(previous.on_cpu, 0);
	if (next.thread_info.flags & 1)
		scx::write_once(cpu.need_resched, true);
	run_balance_callbacks(cpu);
	raw_spin_rq_unlock(&cpu.rq);
	kshim_irq_restore(flags);
	act_on(came_from);
}

// ---- What happens to tasks ----

void Machine::sleep(task_struct& p)
{
	if (!is_running(p)) {
		complain(std::string("put to sleep while it does not run: ") + p.comm);
		return;
	}
	{
		LockedRq locked{scx::task_cpu(p)};

		dequeue(locked.rq(), p, DEQUEUE_SLEEP);
		scx::write_once(p.on_rq, 0);
	}
	schedule(scx::task_cpu(p));
}

bool Machine::take_off(task_struct& p, u32 flags)
{
	for (;;) {
		if (meeting)
			meeting->wait_until([&p] { return !scx::task_on_rq_migrating(p); });

		s32 const number = scx::task_cpu(p);
		LockedRq locked{number};

		// Another CPU may have taken it before we had the lock, or be about to.
		if (number != scx::task_cpu(p) || scx::task_on_rq_migrating(p))
			continue;
		if (is_running(p))
			return false;
		dequeue(locked.rq(), p, static_cast<int>(flags));
		return true;
	}
}

void Machine::put_back(task_struct& p, u32 flags)
{
	LockedRq locked{scx::task_cpu(p)};

	enqueue(locked.rq(), p, static_cast<int>(flags));
}

s32 Machine::fallback_cpu(task_struct const& p) const
{
	for (s32 number = 0; number < topology_.cpus; ++number)
		if (scx::mask_test(*p.cpus_ptr, number) && scx::cpu_active(number))
			return number;
	return scx::task_cpu(p);
}

s32 Machine::choose_cpu(task_struct& p, u32& wake_flags)
{
	s32 number = scx::task_cpu(p);

	if (p.nr_cpus_allowed > 1 && !p.migration_disabled) {
		if (is_ext(p))
			number = scx_entry_select_task_rq(&p, number, static_cast<int>(wake_flags));
		wake_flags |= SCX_ENQ_CPU_SELECTED << 16;
	}
	if (!scx::mask_test(*p.cpus_ptr, number) || !scx::cpu_active(number))
		number = fallback_cpu(p);
	return number;
}

// A task of the current one's class preempts by the class's own rules: this class has none.
void Machine::preempt_for(struct rq& rq, task_struct& woken)
{
	if (scx::class_above(woken.sched_class, rq.curr->sched_class))
		resched_curr(&rq);
}

s32 Machine::wake(task_struct& p, s32 waker, u32 wake_flags)
{
	s32 const came_from = acting_on();

	act_on(waker);
	unsigned long const flags = kshim_irq_save();

	take_lock(p.pi_lock, "pi", 2);
	// It may still be on its way off the CPU where it went to sleep.
	if (meeting)
		meeting->wait_until([&p] { return !p.on_cpu; });
	while (scx::load_acquire(p.on_cpu))
		cxxrt::cpu_relax();
	s32 const number = choose_cpu(p, wake_flags);
	struct rq& target = rq(number);
	u32 enqueue_flags = wake_flags & SCX_WAKE_FORK ? 0 : u32{SCX_ENQ_WAKEUP};

	enqueue_flags |= wake_flags >> 16 & SCX_ENQ_CPU_SELECTED;
	p.thread_info.cpu = static_cast<u32>(number);
	raw_spin_rq_lock_nested(&target, 0);
	update_rq_clock(&target);
	activate_task(&target, &p, static_cast<int>(enqueue_flags));
	preempt_for(target, p);
	if (is_ext(p))
		scx_entry_task_woken(&target, &p);
	raw_spin_rq_unlock(&target);
	drop_lock(p.pi_lock, "pi");
	kshim_irq_restore(flags);
	act_on(came_from);
	return number;
}

// The stopper takes a task to a CPU where it may run.
void Machine::move_off(task_struct& p)
{
	s32 const from = scx::task_cpu(p);
	task_struct& stopper = cpu(from).stopper;
	bool const running = is_running(p);

	if (running) {
		{
			LockedRq locked{from};

			activate_task(&locked.rq(), &stopper, 0);
		}
		schedule(from);
	}
	if (p.on_rq) {
		s32 const to = fallback_cpu(p);

		bool here;

		{
			LockedRq locked{from};

			// Unless another CPU has taken it before we had the lock.
			here = scx::task_cpu(p) == from && !is_running(p);
			if (here) {
				deactivate_task(&locked.rq(), &p, DEQUEUE_NOCLOCK);
				set_task_cpu(&p, static_cast<u32>(to));
			}
		}
		if (here) {
			LockedRq locked{to};

			activate_task(&locked.rq(), &p, 0);
			preempt_for(locked.rq(), p);
		}
	}
	if (running)
		sleep(stopper);
}

void Machine::tick(s32 number)
{
	LockedRq locked{number};
	struct rq& rq = locked.rq();

	if (is_ext(*rq.curr))
		scx_entry_task_tick(&rq, rq.curr, 0);
	if (kernel_enabled)
		scx_entry_tick(&rq);
}

void Machine::yield(s32 number)
{
	{
		LockedRq locked{number};

		if (is_ext(*locked.rq().curr))
			scx_entry_yield_task(&locked.rq());
	}
	schedule(number);
}

// ---- CPUs that come and go ----

void Machine::take_offline(s32 number)
{
	scx::mask_test_and_clear(__cpu_active_mask, number);
	end_grace_period();
	{
		LockedRq locked{number};

		locked.rq().scx.flags &= ~SCX_RQ_ONLINE;
		scx_entry_rq_offline(&locked.rq());
	}
	++hotplug_seq;
	scx_entry_cpu_deactivate(&rq(number));
	for (auto const& owned : tasks_)
		if (owned->on_rq && scx::task_cpu(*owned) == number)
			move_off(*owned);
	scx::mask_test_and_clear(__cpu_online_mask, number);
}

void Machine::bring_online(s32 number)
{
	scx::mask_set(__cpu_online_mask, number);
	scx::mask_set(__cpu_active_mask, number);
	++hotplug_seq;
	scx_entry_cpu_activate(&rq(number));

	LockedRq locked{number};

	locked.rq().scx.flags |= SCX_RQ_ONLINE;
}

} // namespace host

// ---- What the core calls of the kernel ----

using host::Machine;

void update_rq_clock(struct rq* rq)
{
	host::assert_locked(rq);
	rq->clock = rq->clock_task = Machine::get().now();
}

s64 update_curr_common(struct rq* rq)
{
	host::assert_locked(rq);
	sched_entity& entity = rq->curr->se;
	auto const ran = static_cast<s64>(rq->clock_task - entity.exec_start);

	if (ran <= 0)
		return ran;
	entity.exec_start = rq->clock_task;
	entity.sum_exec_runtime += static_cast<u64>(ran);
	return ran;
}

bool update_other_load_avgs(struct rq* rq)
{
	host::assert_locked(rq);
	return false;
}

void resched_curr(struct rq* rq)
{
	host::assert_locked(rq);
	scx::write_once(Machine::get().cpu(rq->cpu).need_resched, true);
	++Machine::get().cpu(rq->cpu).reschedules;
}

void activate_task(struct rq* rq, task_struct* p, int flags)
{
	Machine::get().enqueue(*rq, *p, flags);
	scx::write_once(p->on_rq, int{host::kOnRunqueue});
}

void deactivate_task(struct rq* rq, task_struct* p, int flags)
{
	scx::write_once(p->on_rq, static_cast<int>(TASK_ON_RQ_MIGRATING));
	Machine::get().dequeue(*rq, *p, flags);
}

bool dequeue_task(struct rq* rq, task_struct* p, int flags)
{
	return Machine::get().dequeue(*rq, *p, flags);
}

void kshim_add_nr_running(struct rq* rq, u32 count)
{
	host::assert_locked(rq);
	rq->nr_running += count;
}

void kshim_sub_nr_running(struct rq* rq, u32 count)
{
	host::assert_locked(rq);
	rq->nr_running -= count;
}

void kshim_queue_wait_callback(struct rq* rq)
{
	host::assert_locked(rq);
	Machine::get().cpu(rq->cpu).wait_callback = true;
}

bool kshim_need_resched(task_struct* p)
{
	return scx::read_once(Machine::get().cpu(scx::task_cpu(*p)).need_resched);
}

bool kshim_server_active(struct rq* rq)
{
	return Machine::get().cpu(rq->cpu).server_active;
}

void kshim_server_start(struct rq* rq)
{
	host::assert_locked(rq);
	Machine::get().cpu(rq->cpu).server_active = true;
	if (Machine::get().cpu(rq->cpu).server_turn)
		resched_curr(rq);
}

void kshim_server_charge(struct rq* rq, s64 ns)
{
	host::assert_locked(rq);
	Machine::get().cpu(rq->cpu).server_charged += ns;
}

void kshim_set_need_resched(task_struct* p)
{
	p->thread_info.flags |= 1;
}
