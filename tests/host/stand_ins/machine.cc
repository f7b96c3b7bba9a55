// SPDX-License-Identifier: GPL-2.0
#include "stand_ins/machine.hpp"

#include "core/dispatch_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

namespace host {

namespace {

Machine* the_machine;
thread_local s32 acting_cpu;

void name_task(task_struct& p, char const* name, pid_t pid)
{
	std::strncpy(p.comm, name, sizeof(p.comm) - 1);
	p.pid = p.tgid = pid;
	scx::list::init(p.scx.tasks_node);
	kshim_raw_spin_init(&p.pi_lock);
}

void init_runqueue(struct rq& rq, s32 number)
{
	rq.cpu = number;
	kshim_raw_spin_init(&rq.__lock);
	scx::dispatch_queue::init(rq.scx.local_dsq, SCX_DSQ_LOCAL);
	scx::list::init(rq.scx.runnable_list);
	scx::list::init(rq.scx.ddsp_deferred_locals);
	rq.scx.flags = SCX_RQ_ONLINE;
	rq.scx.deferred_irq_work.func = [](irq_work* work) {
		auto& own = *cxxrt::container_of<&rq::scx, &scx_rq::deferred_irq_work>(work);

		raw_spin_rq_lock_nested(&own, 0);
		scx_entry_run_deferred(&own);
		raw_spin_rq_unlock(&own);
	};
	rq.scx.kick_cpus_irq_work.func = [](irq_work* work) {
		scx_entry_kick_cpus(
			cxxrt::container_of<&rq::scx, &scx_rq::kick_cpus_irq_work>(work));
	};
}

} // namespace

cpumask mask_of(std::vector<s32> const& cpus)
{
	cpumask mask{};

	for (s32 cpu : cpus)
		mask.bits[cpu / 64] |= 1UL << (cpu % 64);
	return mask;
}

Machine::Machine(Topology topology) : topology_{topology}
{
	the_machine = this;
	acting_cpu = 0;
	advance(0);
	scx::list::init(all_tasks);
	kshim_raw_spin_init(&tasks_lock);

	std::vector<s32> all;

	for (s32 number = 0; number < topology_.cpus; ++number) {
		all.push_back(number);
		init_cpu(number);
	}
	__cpu_possible_mask = __cpu_online_mask = __cpu_active_mask = mask_of(all);
	create_group("/", nullptr);
}

Machine::~Machine()
{
	end_grace_period();
	for (auto const& cpu : cpus_)
		if (!cpu->held.empty() || cpu->irqs_off || cpu->preempt_depth || cpu->rcu_depth)
			complain("a CPU is left in atomic context");
	for (std::string const& missing : expected_complaints)
		ADD_FAILURE() << "expected and not seen: " << missing;
	the_machine = nullptr;
}

Machine& Machine::get()
{
	return *the_machine;
}

void Machine::init_cpu(s32 number)
{
	auto const threads = topology_.threads_per_core;
	Cpu& cpu = *cpus_.emplace_back(std::make_unique<Cpu>());
	std::vector<s32> siblings;

	for (s32 thread = 0; thread < threads; ++thread)
		siblings.push_back(number / threads * threads + thread);
	siblings_.push_back(mask_of(siblings));

	init_runqueue(cpu.rq, number);
	for (auto [p, task_class, name] :
	     {std::tuple{&cpu.idle, &idle_sched_class, "swapper"},
	      std::tuple{&cpu.stopper, &stop_sched_class, "migration"}}) {
		name_task(*p, name, task_class == &idle_sched_class ? 0 : 10 + number);
		p->sched_class = task_class;
		p->thread_info.cpu = static_cast<u32>(number);
		p->cpus_mask = mask_of({number});
		p->cpus_ptr = &p->cpus_mask;
		p->nr_cpus_allowed = 1;
	}
	// Swappers are on the list too, all with pid 0, and visitors skip them.
	scx::list::push_back(all_tasks, cpu.idle.scx.tasks_node);
	cpu.rq.idle = cpu.rq.curr = &cpu.idle;
}

cpumask const& Machine::siblings(s32 number) const
{
	return siblings_.at(static_cast<size_t>(number));
}

void Machine::act_on(s32 number)
{
	acting_cpu = number;
}

s32 Machine::acting_on()
{
	return acting_cpu;
}

void Machine::complain(std::string const& what)
{
	std::lock_guard guard{shared};
	auto const forgiven =
		std::find_if(expected_complaints.begin(), expected_complaints.end(),
			     [&](std::string const& part) { return what.find(part) != what.npos; });

	if (forgiven == expected_complaints.end())
		ADD_FAILURE() << what;
	else
		expected_complaints.erase(forgiven);
}

bool Machine::printed_line(std::string const& part) const
{
	return std::any_of(printed.begin(), printed.end(),
			   [&](std::string const& line) { return line.find(part) != line.npos; });
}

task_group& Machine::create_group(char const* name, task_group* parent)
{
	auto& group = *owned_groups_.emplace_back(std::make_unique<task_group>());

	group.host_cgroup = owned_cgroups_.emplace_back(std::make_unique<cgroup>()).get();
	group.host_cgroup->name = name;
	group.parent = parent;
	group.scx_weight = 100;
	groups.push_back(&group);
	if (!parent || !scx_entry_tg_online(&group))
		group.scx_flags |= SCX_TG_ONLINE;
	return group;
}

void Machine::advance(u64 ns)
{
	now_ns_ += ns;
	jiffies = 1000 + now_ns_ / 1'000'000;
}

void Machine::end_grace_period()
{
	std::vector<scx_dispatch_q*> dead;
	std::vector<callback_head*> callbacks;

	{
		std::lock_guard guard{shared};

		dead.swap(dead_queues);
		callbacks.swap(rcu_callbacks);
	}
	for (scx_dispatch_q* dsq : dead)
		kshim_free(dsq);
	for (callback_head* head : callbacks)
		head->func(head);
}

int Machine::run_irq_work(s32 number)
{
	s32 const came_from = acting_on();
	std::vector<irq_work*> works;

	act_on(number);
	works.swap(cpu(number).irq_works);
	for (irq_work* work : works) {
		__atomic_store_n(&work->host_pending, false, __ATOMIC_RELEASE);

		unsigned long const flags = kshim_irq_save();

		work->func(work);
		kshim_irq_restore(flags);
	}
	act_on(came_from);
	return static_cast<int>(works.size());
}

int Machine::run_disable_work()
{
	if (!disable_work_pending)
		return 0;
	disable_work_pending = false;
	scx_entry_disable_work();
	return 1;
}

void Machine::run_watchdog()
{
	if (!watchdog_queued || static_cast<long>(jiffies - watchdog_at) < 0)
		return;
	watchdog_queued = false;
	scx_entry_watchdog();
}

void Machine::settle()
{
	for (int round = 0; round < 1000; ++round) {
		int done = run_disable_work();

		for (s32 number = 0; number < topology_.cpus; ++number) {
			done += run_irq_work(number);
			if (cpu(number).need_resched) {
				schedule(number);
				++done;
			}
		}
		if (!done)
			return;
	}
	complain("the machine does not settle");
}

} // namespace host

void kshim_warn(char const* file, int line, char const* condition)
{
	host::Machine& machine = host::Machine::get();

	if (machine.counts_assertions)
		++machine.failed_assertions;
	else
		machine.complain(std::string("assertion failed: ") + condition + " at " + file +
				 ":" + std::to_string(line));
}

void kshim_bug(char const* file, int line, char const* condition)
{
	std::fprintf(stderr, "BUG: %s at %s:%d\n", condition, file, line);
	std::abort();
}
