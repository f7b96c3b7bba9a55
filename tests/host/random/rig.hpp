// SPDX-License-Identifier: GPL-2.0
// A machine of stand-ins with the module inserted, to which anything may happen, and what must be
// true of it between two operations whatever has happened. Complaints go to GoogleTest.
#pragma once

#include "random/decisions.hpp"

#include <vector>

namespace host::random {

class Rig final : public ModuleTest {
public:
	explicit Rig(Setting const& setting);
	~Rig() override;

	void act(Operation const& operation);

	//  - Conservation: a runnable task is in exactly one place (running, one queue, waiting for
	//  a
	//    deferred dispatch, in the scheduler's hands, with another class), any other in none.
	//  - Idling: no CPU idles with a task in its local queue, unless it is about to reschedule.
	//  - Order: a FIFO queue is what insertions at its ends make of it, one by virtual time is
	//    ordered by it and by insertion among equals.
	//  - Ownership: the scheduler's hands and no other place have a task's ownership word set;
	//    nobody is taking a task to another CPU.
	//  - Affinity: who is runnable is on a CPU that it may use.
	//  - Counts: of each queue and each runqueue, and who is on the list of the waiting.
	// That callbacks come in pairs and in order is checked as they come: lives.hpp.
	void check();

	// Everybody goes home, and nothing may be left.
	void finish();

	[[nodiscard]] u64 digest() const { return decisions_.digest(); }

private:
	void TestBody() override {}

	[[nodiscard]] task_struct* task(u32 slot) const
	{
		return slot < tasks_.size() ? tasks_[slot] : nullptr;
	}
	[[nodiscard]] bool is_off(task_struct const* p) const { return off_[slot_of(*p)]; }
	[[nodiscard]] static size_t slot_of(task_struct const& p)
	{
		return static_cast<size_t>(p.tgid);
	}
	[[nodiscard]] bool ours(task_struct const* p) const
	{
		return p->sched_class != &idle_sched_class && p->sched_class != &stop_sched_class;
	}
	[[nodiscard]] s32 usable_cpu(u32 number) const;
	[[nodiscard]] static bool loaded();

	void do_something(Operation const& op, task_struct* p, s32 cpu);
	void change(Operation const& op, task_struct& p, s32 cpu);
	void for_the_machine(Operation const& op, s32 cpu);
	void fork(u32 slot, s32 cpu);
	void let_go(task_struct& p);
	void put_all_back();
	void load();
	void kick(s32 cpu);
	void lose();
	void resettle();

	// The moment before a runqueue is locked.
	void meanwhile(Meanwhile what, u32 task, u32 cpu);
	void requeue(task_struct& p);

	void count_places();
	void count_queue(scx_dispatch_q& dsq, char const* name);
	void check_order(scx_dispatch_q& dsq, char const* name);
	void check_task(task_struct& p);
	void check_cpu(s32 cpu);

	Setting setting_;
	Dice dice_;
	Decisions decisions_{setting_, dice_};
	std::vector<task_struct*> tasks_; // null: no task in this slot
	std::vector<bool> off_;           // taken off its class by us
	std::vector<u32> places_;         // per slot
	std::vector<u32> queued_;         // per CPU: tasks of this class on its runqueue
	size_t off_count_ = 0;
	bool suspended_ = false;
};

} // namespace host::random
