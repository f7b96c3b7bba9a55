// SPDX-License-Identifier: GPL-2.0
#include "random/rig.hpp"

#include "core/dispatch_queue.hpp"

#include <cstring>

namespace host::random {

Rig::Rig(Setting const& setting)
	: ModuleTest{{.cpus = static_cast<s32>(setting.cpus),
		      .threads_per_core = static_cast<s32>(setting.threads_per_core),
		      .nodes = static_cast<s32>(setting.nodes)}},
	  setting_{setting}, tasks_(setting.tasks), off_(setting.tasks), places_(setting.tasks),
	  queued_(setting.cpus)
{
	for (u32 slot = 0; slot < setting.tasks; ++slot)
		fork(slot, static_cast<s32>(slot % setting.cpus));
}

Rig::~Rig()
{
	unload();
}

bool Rig::loaded()
{
	return std::strcmp(scx_entry_state_name(), "enabled") == 0;
}

// The next CPU that is there, from this one on.
s32 Rig::usable_cpu(u32 number) const
{
	s32 cpu = static_cast<s32>(number % setting_.cpus);

	while (!scx::cpu_active(cpu))
		cpu = static_cast<s32>((static_cast<u32>(cpu) + 1) % setting_.cpus);
	return cpu;
}

void Rig::act(Operation const& op)
{
	s32 const cpu = usable_cpu(op.cpu);

	dice_ = Dice{op.seed};
	if (op.meanwhile != Meanwhile::nothing) {
		machine.watched_rq = &machine.rq(static_cast<s32>(dice_.below(setting_.cpus)));
		machine.before_lock =
			[this, what = op.meanwhile, task = dice_.below(setting_.tasks),
			 other = dice_.below(setting_.cpus)] { meanwhile(what, task, other); };
	}
	do_something(op, task(op.task), cpu);
	machine.watched_rq = nullptr;
	if (std::string const what = decisions_.take_misbehaviour(); !what.empty())
		ADD_FAILURE() << "a scheduler that makes no such mistakes was ejected: " << what;
}

void Rig::do_something(Operation const& op, task_struct* p, s32 cpu)
{
	switch (op.kind) {
	case Kind::fork:
		if (op.task < tasks_.size() && !p)
			fork(op.task, cpu);
		return;
	case Kind::exit:
	case Kind::wake:
	case Kind::sleep:
	case Kind::take_off:
	case Kind::put_back:
	case Kind::affinity:
	case Kind::policy:
	case Kind::nice:
		if (p)
			change(op, *p, cpu);
		return;
	default:
		for_the_machine(op, cpu);
	}
}

void Rig::change(Operation const& op, task_struct& p, s32 cpu)
{
	bool const running = Machine::is_running(p);

	if (op.kind == Kind::put_back) {
		if (is_off(&p)) {
			off_[slot_of(p)] = false;
			--off_count_;
			machine.put_back(p);
		}
		return;
	}
	if (is_off(&p))
		return;

	switch (op.kind) {
	case Kind::exit:
		if (running || !p.on_rq)
			let_go(p);
		return;
	case Kind::wake:
		if (!p.on_rq && !running)
			machine.wake(p, cpu, dice_.one_in(3) ? SCX_WAKE_SYNC : SCX_WAKE_TTWU);
		return;
	case Kind::sleep:
		if (running)
			machine.sleep(p);
		return;
	case Kind::take_off:
		if (p.on_rq && !running && machine.take_off(p)) {
			off_[slot_of(p)] = true;
			++off_count_;
		}
		return;
	case Kind::affinity: {
		std::vector<s32> allowed{cpu, usable_cpu(dice_.below(setting_.cpus))};

		if (setting_.hotplug)
			allowed.push_back(0);
		if (dice_.one_in(2))
			for (s32 any = 0; any < static_cast<s32>(setting_.cpus); ++any)
				allowed.push_back(any);
		machine.set_affinity(p, allowed);
		return;
	}
	case Kind::policy:
		machine.set_policy(p, dice_.one_in(2) ? SCHED_NORMAL : SCHED_EXT, dice_.one_in(3));
		return;
	default:
		machine.set_nice(p, static_cast<s32>(dice_.below(40)) - 20);
	}
}

void Rig::for_the_machine(Operation const& op, s32 cpu)
{
	switch (op.kind) {
	case Kind::schedule:
		return machine.schedule(cpu);
	case Kind::tick:
		machine.advance(dice_.below(3'000'000));
		return machine.tick(cpu);
	case Kind::interrupt:
		machine.run_irq_work(cpu);
		return;
	case Kind::yield:
		if (!is_off(machine.rq(cpu).curr) || !ours(machine.rq(cpu).curr))
			machine.yield(cpu);
		return;
	case Kind::kick:
		return kick(cpu);
	case Kind::walk:
		if (loaded())
			decisions_.walk();
		return;
	case Kind::lose:
		return lose();
	default:
		break;
	}

	// Everything else concerns all tasks, and one that is off is nobody's.
	put_all_back();
	switch (op.kind) {
	case Kind::offline:
		if (cpu)
			machine.take_offline(cpu);
		return;
	case Kind::online:
		if (auto const any = static_cast<s32>(op.cpu % setting_.cpus);
		    !scx::cpu_active(any))
			machine.bring_online(any);
		return;
	case Kind::suspend:
		suspended_ = !suspended_;
		return scx_entry_suspend(suspended_);
	case Kind::helpers:
		machine.run_disable_work();
		machine.run_watchdog();
		return machine.end_grace_period();
	case Kind::settle:
		return resettle();
	case Kind::load:
		return load();
	case Kind::unload:
		return unload();
	default:
		scx_entry_sysrq_reset();
	}
}

// When the machine has come to rest no CPU idles with work, not even one that is about to look.
void Rig::resettle()
{
	machine.settle();
	for (s32 cpu = 0; cpu < static_cast<s32>(setting_.cpus); ++cpu) {
		struct rq& rq = machine.rq(cpu);

		if (rq.curr == rq.idle && scx::dispatch_queue::count(rq.scx.local_dsq))
			ADD_FAILURE()
				<< "CPU " << cpu << " idles at rest with tasks in its local queue";
	}
}

void Rig::load()
{
	if (std::strcmp(scx_entry_state_name(), "disabled") != 0)
		return;
	if (dice_.one_in(8))
		machine.fail_allocation_in = static_cast<int>(dice_.below(16));
	// An error number is a fair answer when memory is short, and nothing may be left then.
	if (int const failed = try_load(decisions_.draw()); failed && failed != -12)
		ADD_FAILURE() << "loading failed: " << failed;
	machine.fail_allocation_in = -1;
}

void Rig::kick(s32 cpu)
{
	if (!loaded())
		return;
	Machine::act_on(usable_cpu(dice_.below(setting_.cpus)));
	scx_entry_kf_kick_cpu(cpu, dice_.one_in(2) ? SCX_KICK_PREEMPT : SCX_KICK_IDLE);
	Machine::act_on(0);
}

void Rig::fork(u32 slot, s32 cpu)
{
	char name[16];

	std::snprintf(name, sizeof(name), "t%u", slot);
	task_struct* const p =
		machine.fork(name, {.cpu = cpu,
				    .policy = dice_.one_in(2) ? SCHED_NORMAL : SCHED_EXT,
				    .fail_late = dice_.one_in(10)});

	tasks_[slot] = p;
	if (p)
		p->tgid = static_cast<pid_t>(slot);
}

void Rig::let_go(task_struct& p)
{
	if (Machine::is_running(p))
		machine.exit_running(p);
	// Somebody may have looked at a CPU that went idle, and woken nobody: it is off now.
	decisions_.forget(&p);
	tasks_[slot_of(p)] = nullptr;
	machine.free_task(p);
}

void Rig::put_all_back()
{
	if (!off_count_)
		return;
	for (task_struct* p : tasks_)
		if (p && is_off(p)) {
			off_[slot_of(*p)] = false;
			machine.put_back(*p);
		}
	off_count_ = 0;
}

// The fault that shows that the properties can fail and a run can be shrunk.
void Rig::lose()
{
	auto const found = machine.queues.find(kFifo);

	if (found == machine.queues.end())
		return;
	if (task_struct* const p = scx::dispatch_queue::next(*found->second, nullptr)) {
		scx::dispatch_queue::unlink(*found->second, *p);
		p->scx.dsq = nullptr;
	}
}

// ---- What another CPU does at an awkward moment ----

void Rig::requeue(task_struct& p)
{
	if (machine.take_off(p))
		machine.put_back(p);
}

void Rig::meanwhile(Meanwhile what, u32 slot, u32 number)
{
	s32 const locking = Machine::acting_on();
	task_struct* const p = task(slot);
	bool const free = p && !p->pi_lock.host_holder && !is_off(p) && !(p->flags & PF_EXITING);
	s32 const cpu = what == Meanwhile::requeue && p ? scx::task_cpu(*p) : usable_cpu(number);

	// It has its own interrupts and locks; and no runqueue is locked at this moment.
	if (cpu == locking || machine.cpu(cpu).irqs_off || !machine.cpu(cpu).held.empty() ||
	    !scx::cpu_active(cpu))
		return;
	switch (what) {
	case Meanwhile::requeue:
		if (free && p->on_rq == kOnRunqueue && !Machine::is_running(*p))
			requeue(*p);
		break;
	case Meanwhile::schedule:
		machine.schedule(cpu);
		break;
	case Meanwhile::sleep:
		if (task_struct* const running = machine.rq(cpu).curr;
		    ours(running) && running->on_rq == kOnRunqueue &&
		    !running->pi_lock.host_holder && !(running->flags & PF_EXITING))
			machine.sleep(*running);
		break;
	case Meanwhile::wake:
		if (free && !p->on_rq && !p->on_cpu)
			machine.wake(*p, cpu);
		break;
	case Meanwhile::nothing:
		break;
	}
}

} // namespace host::random
