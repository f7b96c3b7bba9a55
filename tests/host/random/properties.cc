// SPDX-License-Identifier: GPL-2.0
#include "random/rig.hpp"

#include "core/direct_dispatch.hpp"
#include "core/ownership.hpp"
#include "core/queues.hpp"

#include <algorithm>

namespace host::random {

namespace {

// Newest first at the head, where insertions at the head are, newest last at the tail: going down
// and then up.
class Valley {
public:
	// False if the next insertion number does not fit.
	bool add(u32 seq)
	{
		bool const up = any_ && scx::before(last_, seq);
		bool const fits = !any_ || up || !rising_;

		rising_ = rising_ || up;
		last_ = seq;
		any_ = true;
		return fits;
	}

private:
	u32 last_ = 0;
	bool any_ = false;
	bool rising_ = false;
};

bool in_order_by_vtime(task_struct const& a, task_struct const& b)
{
	return a.scx.dsq_vtime == b.scx.dsq_vtime ? scx::before(a.scx.dsq_seq, b.scx.dsq_seq)
						  : scx::before(a.scx.dsq_vtime, b.scx.dsq_vtime);
}

} // namespace

void Rig::check_order(scx_dispatch_q& dsq, char const* name)
{
	bool const by_vtime = !scx::rbtree::empty(dsq.priq);
	task_struct const* before = nullptr;
	Valley valley;

	for (task_struct* p = scx::dispatch_queue::next(dsq, nullptr); p;
	     p = scx::dispatch_queue::next(dsq, &p->scx.dsq_list.node)) {
		bool const fits = by_vtime ? !before || in_order_by_vtime(*before, *p)
					   : valley.add(p->scx.dsq_seq);

		if (!fits)
			ADD_FAILURE() << p->comm << " is out of order in " << name;
		before = p;
	}
}

void Rig::count_queue(scx_dispatch_q& dsq, char const* name)
{
	u32 count = 0;

	for (task_struct* p = scx::dispatch_queue::next(dsq, nullptr); p;
	     p = scx::dispatch_queue::next(dsq, &p->scx.dsq_list.node)) {
		++places_[slot_of(*p)];
		if (p->scx.dsq != &dsq)
			ADD_FAILURE() << p->comm << " does not know that it is in " << name;
		++count;
	}
	if (scx::dispatch_queue::count(dsq) != count)
		ADD_FAILURE() << name << " counts " << scx::dispatch_queue::count(dsq)
			      << " tasks and has " << count;
	check_order(dsq, name);
}

void Rig::count_places()
{
	using Deferred = cxxrt::IntrusiveList<&task_struct::scx, &sched_ext_entity::dsq_list,
					      &scx_dsq_list_node::node>;

	std::fill(places_.begin(), places_.end(), 0);
	for (s32 cpu = 0; cpu < static_cast<s32>(setting_.cpus); ++cpu) {
		struct rq& rq = machine.rq(cpu);

		if (ours(rq.curr))
			++places_[slot_of(*rq.curr)];
		count_queue(rq.scx.local_dsq, "a local queue");
		for (task_struct& p : Deferred{rq.scx.ddsp_deferred_locals})
			++places_[slot_of(p)];
		for (task_struct* p : machine.cpu(cpu).others)
			if (p != rq.curr)
				++places_[slot_of(*p)];
	}
	for (u32 node = 0; node < setting_.nodes; ++node)
		count_queue(scx::global_queues.of_cpu(
				    static_cast<s32>(node * setting_.cpus / setting_.nodes)),
			    "a global queue");
	for (auto [id, dsq] : machine.queues)
		count_queue(*dsq, "a queue of the scheduler");
	for (task_struct* p : tasks_)
		if (p && scx::Ownership{*p}.state() == SCX_OPSS_QUEUED)
			++places_[slot_of(*p)];
}

void Rig::check_task(task_struct& p)
{
	bool const queued = scx::task_queued(p);
	bool const off = is_off(&p);
	u32 const wanted = p.on_rq && !off;
	auto const require = [&p](bool holds, char const* what) {
		if (!holds)
			ADD_FAILURE() << p.comm << " " << what;
	};

	if (places_[slot_of(p)] != wanted)
		ADD_FAILURE() << p.comm << (wanted ? ", runnable," : ", not runnable,") << " is in "
			      << places_[slot_of(p)] << " places";
	require(queued == (p.on_rq && scx::is_ext(p) && !off),
		"is queued and should not be, or the other way round");
	require(p.scx.holding_cpu == -1, "is in the hands of a CPU that has ended its move");
	require(p.scx.sticky_cpu == -1, "sticks to a CPU");
	require(scx::list::is_linked(p.scx.runnable_node) == (queued && !Machine::is_running(p)),
		"waits and is not on the list of those who wait, or the other way round");
	require(!p.on_rq || scx::mask_test(p.cpus_mask, scx::task_cpu(p)),
		"is on a CPU that it may not use");
	if (!queued) {
		require(!p.scx.dsq, "is not runnable and names a queue");
		require(!scx::has_direct_verdict(p), "is not runnable and carries a verdict");
		require(!scx::Ownership{p}.word(), "is not runnable and owned by the scheduler");
	}
	if (queued)
		++queued_[static_cast<size_t>(scx::task_cpu(p))];
}

void Rig::check_cpu(s32 number)
{
	Cpu const& cpu = machine.cpu(number);

	if (cpu.rq.scx.nr_running != queued_[static_cast<size_t>(number)])
		ADD_FAILURE() << "CPU " << number << " counts " << cpu.rq.scx.nr_running
			      << " tasks of the class and has "
			      << queued_[static_cast<size_t>(number)];
	if (cpu.rq.nr_running != cpu.rq.scx.nr_running)
		ADD_FAILURE() << "CPU " << number << " tells the kernel of " << cpu.rq.nr_running
			      << " tasks of the class and has " << cpu.rq.scx.nr_running;
	if (cpu.rq.curr == cpu.rq.idle && cpu.rq.scx.local_dsq.nr && !cpu.need_resched)
		ADD_FAILURE() << "CPU " << number << " idles with a task in its local queue";
	if (!scx::list::empty(cpu.rq.scx.ddsp_deferred_locals) &&
	    !cpu.rq.scx.deferred_irq_work.host_pending)
		ADD_FAILURE() << "CPU " << number << " has put dispatches off for ever";
}

void Rig::check()
{
	count_places();
	std::fill(queued_.begin(), queued_.end(), 0);
	for (task_struct* p : tasks_)
		if (p)
			check_task(*p);
	for (s32 cpu = 0; cpu < static_cast<s32>(setting_.cpus); ++cpu)
		check_cpu(cpu);
}

void Rig::finish()
{
	put_all_back();
	for (s32 cpu = 0; cpu < static_cast<s32>(setting_.cpus); ++cpu)
		if (!scx::cpu_active(cpu))
			machine.bring_online(cpu);
	if (std::exchange(suspended_, false))
		scx_entry_suspend(false);
	unload();
	resettle();
	if (!machine.queues.empty())
		ADD_FAILURE() << "queues of a scheduler that is gone";
	// Those who run go to sleep until nobody is left who waits.
	for (bool ran = true; std::exchange(ran, false);)
		for (task_struct* p : tasks_)
			if (p && Machine::is_running(*p)) {
				machine.sleep(*p);
				ran = true;
			}
	for (task_struct* p : tasks_) {
		if (!p)
			continue;
		if (p->on_rq || scx::is_ext(*p) || p->scx.flags & SCX_TASK_STATE_MASK)
			ADD_FAILURE() << p->comm << " is lost";
		else
			machine.free_task(*p);
	}
	tasks_.clear();
	(void)decisions_.take_misbehaviour();
}

} // namespace host::random
