// SPDX-License-Identifier: GPL-2.0
// Locks that know their holder and their rank (see core/locks.hpp) and complain about misuse.
#include "stand_ins/machine.hpp"

#include <algorithm>

namespace host {

namespace {

enum Rank : int { kTasks, kPi = 2, kRq, kDsq };

// Which rank a held lock has: there are few, and a lock does not say.
struct RankedLock {
	raw_spinlock const* lock;
	int rank;
	char const* name;
};

thread_local std::vector<RankedLock> ranks;

std::string where()
{
	return " on CPU " + std::to_string(Machine::acting_on());
}

} // namespace

bool Machine::try_lock(raw_spinlock& lock)
{
	int free = 0;

	if (!__atomic_compare_exchange_n(&lock.host_holder, &free, acting_on() + 1, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return false;
	here().held.push_back(&lock);
	return true;
}

void Machine::take_lock(raw_spinlock& lock, char const* name, int rank)
{
	if (!lock.host_ready)
		complain(std::string("lock taken that was not initialised: ") + name + where());
	if (!here().irqs_off)
		complain(std::string("lock taken with interrupts on: ") + name + where());
	for (RankedLock const& held : ranks)
		if (held.rank >= rank && holds(*held.lock))
			complain(std::string(name) + " lock taken while a " + held.name +
				 " lock is held" + where());
	if (holds(lock)) {
		complain(std::string("lock taken twice: ") + name + where());
		return;
	}
	if (meeting) {
		meeting->before_lock(&lock);
		meeting->wait_until([&lock] { return !lock.host_holder; });
	}
	while (!try_lock(lock)) {
		if (!threaded) {
			complain(std::string("deadlock: ") + name + " lock is held by CPU " +
				 std::to_string(lock.host_holder - 1) + where());
			return;
		}
		cxxrt::cpu_relax();
	}
	ranks.push_back({&lock, rank, name});
	if (meeting)
		meeting->locked(&lock);
	if (!threaded)
		++times_taken[&lock];
}

void Machine::drop_lock(raw_spinlock& lock, char const* name)
{
	if (!holds(lock)) {
		complain(std::string("lock dropped that is not held: ") + name + where());
		return;
	}

	if (meeting)
		meeting->unlocking(&lock);

	auto& held = here().held;

	held.erase(std::find(held.begin(), held.end(), &lock));
	std::erase_if(ranks, [&](RankedLock const& ranked) { return ranked.lock == &lock; });
	__atomic_store_n(&lock.host_holder, 0, __ATOMIC_RELEASE);
}

void Machine::take_sleeping_lock(int& taken, char const* name)
{
	if (meeting) {
		meeting->before_lock(&taken);
		meeting->wait_until([&taken] { return !taken; });
	}
	if (taken++)
		complain(std::string("deadlock: ") + name + " taken twice");
	if (meeting)
		meeting->locked(&taken);
}

void Machine::drop_sleeping_lock(int& taken)
{
	if (meeting)
		meeting->unlocking(&taken);
	--taken;
}

bool Machine::holds(raw_spinlock const& lock)
{
	return __atomic_load_n(&lock.host_holder, __ATOMIC_RELAXED) == acting_on() + 1;
}

raw_spinlock& Machine::lock_of(struct rq& rq)
{
	if (!core_scheduling)
		return rq.__lock;
	return this->rq(rq.cpu / topology_.threads_per_core * topology_.threads_per_core).__lock;
}

void assert_locked(struct rq* rq)
{
	Machine& machine = Machine::get();

	if (!machine.holds(machine.lock_of(*rq)))
		machine.complain("runqueue lock is not held" + where());
}

Machine::LockedRq::LockedRq(s32 number)
	: came_from_{acting_on()}, rq_{get().rq(number)}, held_{cxxrt::Held<struct rq>::assumed(
								  rq_)}
{
	// Two actors of a meeting never act as the same CPU.
	if (!get().meeting)
		act_on(number);
	(void)kshim_irq_save();
	raw_spin_rq_lock_nested(&rq_, 0);
	update_rq_clock(&rq_);
}

Machine::LockedRq::~LockedRq()
{
	raw_spin_rq_unlock(&rq_);
	kshim_irq_restore(0);
	act_on(came_from_);
}

Machine::LockedRq Machine::lock(s32 number)
{
	return LockedRq{number};
}

void Machine::might_sleep(char const* what)
{
	Cpu const& cpu = here();

	if (cpu.irqs_off || cpu.preempt_depth || cpu.rcu_depth || !cpu.held.empty())
		complain(std::string(what) + " may sleep, called in atomic context" + where());
}

} // namespace host

using host::Machine;

// ---- Interrupts and preemption ----

unsigned long kshim_irq_save(void)
{
	host::Cpu& cpu = Machine::get().here();
	bool const were_off = cpu.irqs_off;

	cpu.irqs_off = true;
	return were_off;
}

void kshim_irq_restore(unsigned long flags)
{
	host::Cpu& cpu = Machine::get().here();

	if (!flags && !cpu.held.empty())
		Machine::get().complain("interrupts turned on with a lock held");
	cpu.irqs_off = flags;
}

void kshim_irq_enable(void)
{
	kshim_irq_restore(0);
}

void kshim_irq_disable(void)
{
	(void)kshim_irq_save();
}

void kshim_preempt_disable(void)
{
	++Machine::get().here().preempt_depth;
}

void kshim_preempt_enable(void)
{
	if (--Machine::get().here().preempt_depth < 0)
		Machine::get().complain("preemption enabled more often than disabled");
}

void kshim_cond_resched(void)
{
	Machine::get().might_sleep("cond_resched");
}

// ---- Dispatch queues ----

void kshim_raw_spin_init(raw_spinlock* lock)
{
	*lock = {.host_holder = 0, .host_ready = true};
}

void kshim_raw_spin_lock(raw_spinlock* lock)
{
	Machine::get().take_lock(*lock, "dispatch queue", host::kDsq);
}

void kshim_raw_spin_unlock(raw_spinlock* lock)
{
	Machine::get().drop_lock(*lock, "dispatch queue");
}

// ---- Runqueues and tasks ----

void raw_spin_rq_lock_nested(struct rq* rq, int)
{
	Machine& machine = Machine::get();

	if (machine.watched_rq == rq) {
		machine.watched_rq = nullptr;
		machine.before_lock();
	}
	machine.take_lock(machine.lock_of(*rq), "runqueue", host::kRq);
}

bool raw_spin_rq_trylock(struct rq* rq)
{
	Machine& machine = Machine::get();

	return machine.try_lock(machine.lock_of(*rq));
}

void raw_spin_rq_unlock(struct rq* rq)
{
	Machine& machine = Machine::get();

	machine.drop_lock(machine.lock_of(*rq), "runqueue");
}

struct rq* task_rq_lock(task_struct* p, rq_flags* rf)
{
	Machine& machine = Machine::get();

	rf->flags = kshim_irq_save();
	machine.take_lock(p->pi_lock, "pi", host::kPi);
	for (;;) {
		if (machine.meeting)
			machine.meeting->wait_until([p] { return !scx::task_on_rq_migrating(*p); });

		struct rq& rq = scx::task_rq(*p);

		raw_spin_rq_lock_nested(&rq, 0);
		if (&rq == &scx::task_rq(*p) && !scx::task_on_rq_migrating(*p))
			return &rq;
		raw_spin_rq_unlock(&rq);
	}
}

void kshim_task_rq_unlock(struct rq* rq, task_struct* p, rq_flags* rf)
{
	raw_spin_rq_unlock(rq);
	Machine::get().drop_lock(p->pi_lock, "pi");
	kshim_irq_restore(rf->flags);
}

// ---- The task list, bypass, loading ----

void kshim_tasks_lock_irq(void)
{
	(void)kshim_irq_save();
	Machine::get().take_lock(Machine::get().tasks_lock, "task list", host::kTasks);
}

void kshim_tasks_unlock_irq(void)
{
	Machine::get().drop_lock(Machine::get().tasks_lock, "task list");
	kshim_irq_restore(0);
}

list_head* kshim_tasks(void)
{
	return &Machine::get().all_tasks;
}

// Taken with interrupts on, so it is none of those that take_lock() watches.
void kshim_bypass_lock(void)
{
	Machine::get().might_sleep("kshim_bypass_lock");
	kshim_preempt_disable();
	Machine::get().take_sleeping_lock(Machine::get().bypass_locked, "bypass lock");
}

void kshim_bypass_unlock(void)
{
	Machine::get().drop_sleeping_lock(Machine::get().bypass_locked);
	kshim_preempt_enable();
}

namespace {

int enable_mutex_depth;
int hotplug_lock_depth;

} // namespace

void kshim_enable_lock(void)
{
	Machine::get().might_sleep("the enable mutex");
	Machine::get().take_sleeping_lock(enable_mutex_depth, "enable mutex");
}

void kshim_enable_unlock(void)
{
	Machine::get().drop_sleeping_lock(enable_mutex_depth);
}

percpu_rw_semaphore scx_fork_rwsem;
percpu_rw_semaphore scx_cgroup_rwsem;

void percpu_down_write(percpu_rw_semaphore* semaphore)
{
	Machine& machine = Machine::get();

	machine.might_sleep("percpu_down_write");
	machine.take_sleeping_lock(semaphore->host_writers, "rwsem for writing");
	// No new readers from here on.
	if (machine.meeting)
		machine.meeting->wait_until([semaphore] { return !semaphore->host_readers; });
	if (semaphore->host_readers)
		machine.complain("deadlock: rwsem taken for writing inside a reader");
	// Groups come inside forks.
	if (semaphore == &scx_fork_rwsem && scx_cgroup_rwsem.host_writers && !machine.meeting)
		machine.complain("scx_fork_rwsem taken inside scx_cgroup_rwsem");
}

void percpu_up_write(percpu_rw_semaphore* semaphore)
{
	Machine::get().drop_sleeping_lock(semaphore->host_writers);
}

void cpus_read_lock(void)
{
	Machine::get().might_sleep("cpus_read_lock");
	if (!Machine::get().meeting &&
	    (scx_fork_rwsem.host_writers || scx_cgroup_rwsem.host_writers))
		Machine::get().complain("hotplug lock taken inside an rwsem that hotplug takes");
	++hotplug_lock_depth;
}

void cpus_read_unlock(void)
{
	--hotplug_lock_depth;
}

// ---- RCU ----

void kshim_rcu_read_lock(void)
{
	++Machine::get().here().rcu_depth;
}

void kshim_rcu_read_unlock(void)
{
	--Machine::get().here().rcu_depth;
}

void kshim_synchronize_rcu(void)
{
	Machine& machine = Machine::get();

	machine.might_sleep("synchronize_rcu");
	if (machine.meeting) {
		machine.meeting->wait_until([&machine, here = Machine::acting_on()] {
			for (s32 number = 0; number < machine.topology().cpus; ++number) {
				host::Cpu const& cpu = machine.cpu(number);

				if (number != here &&
				    (cpu.rcu_depth || cpu.irqs_off || cpu.preempt_depth))
					return false;
			}
			return true;
		});
		machine.meeting->quiescent();
	}
	machine.end_grace_period();
}

void synchronize_rcu(void)
{
	kshim_synchronize_rcu();
}

void kshim_call_rcu(callback_head* head, void (*callback)(callback_head* head))
{
	std::lock_guard guard{Machine::get().shared};

	head->func = callback;
	Machine::get().rcu_callbacks.push_back(head);
}
