// SPDX-License-Identifier: GPL-2.0
// The stand-ins notice what a debugging kernel would: else the other tests could not fail by it.
#include "tests/scheduler.hpp"

namespace host {
namespace {

class StandIns : public testing::Test {
protected:
	void expect(char const* complaint) { machine.expected_complaints.emplace_back(complaint); }

	Machine machine;
};

TEST_F(StandIns, LockTakenTwice)
{
	auto const locked = machine.lock(0);

	machine.expected_complaints = {"lock taken twice", "lock taken while a runqueue"};
	machine.act_on(0);
	raw_spin_rq_lock_nested(&machine.rq(0), 0);
}

TEST_F(StandIns, LockDroppedByAnother)
{
	auto const locked = machine.lock(0);

	expect("not held");
	machine.act_on(1);
	raw_spin_rq_unlock(&machine.rq(0));
	machine.act_on(0);
}

TEST_F(StandIns, LockOfAnotherCpuThatNeverComes)
{
	auto const locked = machine.lock(0);

	expect("deadlock");
	machine.act_on(1);
	unsigned long const flags = kshim_irq_save();

	raw_spin_rq_lock_nested(&machine.rq(0), 0);
	kshim_irq_restore(flags);
	machine.act_on(0);
}

TEST_F(StandIns, TwoRunqueueLocks)
{
	auto const locked = machine.lock(0);

	expect("runqueue lock taken while a runqueue lock is held");
	raw_spin_rq_lock_nested(&machine.rq(1), 0);
	raw_spin_rq_unlock(&machine.rq(1));
}

TEST_F(StandIns, RunqueueLockInsideAQueueLock)
{
	scx_dispatch_q dsq{};
	unsigned long const flags = kshim_irq_save();

	kshim_raw_spin_init(&dsq.lock);
	kshim_raw_spin_lock(&dsq.lock);
	expect("runqueue lock taken while a dispatch queue lock is held");
	raw_spin_rq_lock_nested(&machine.rq(0), 0);
	raw_spin_rq_unlock(&machine.rq(0));
	kshim_raw_spin_unlock(&dsq.lock);
	kshim_irq_restore(flags);
}

TEST_F(StandIns, LockWithInterruptsOn)
{
	expect("interrupts on");
	raw_spin_rq_lock_nested(&machine.rq(0), 0);
	raw_spin_rq_unlock(&machine.rq(0));
}

TEST_F(StandIns, LockThatWasNotInitialised)
{
	scx_dispatch_q dsq{};
	unsigned long const flags = kshim_irq_save();

	expect("not initialised");
	kshim_raw_spin_lock(&dsq.lock);
	kshim_raw_spin_unlock(&dsq.lock);
	kshim_irq_restore(flags);
}

TEST_F(StandIns, SleepingUnderALock)
{
	auto const locked = machine.lock(0);

	expect("may sleep");
	kshim_free(kshim_alloc_node(8, 0));
}

TEST_F(StandIns, SleepingInAnRcuReader)
{
	kshim_rcu_read_lock();
	expect("synchronize_rcu may sleep");
	kshim_synchronize_rcu();
	kshim_rcu_read_unlock();
}

TEST_F(StandIns, LookingUpAQueueWithoutRcu)
{
	expect("outside an RCU read section");
	EXPECT_EQ(kshim_dsq_find(1), nullptr);
}

TEST_F(StandIns, HotplugLockInsideForkLock)
{
	percpu_down_write(&scx_fork_rwsem);
	expect("hotplug lock taken inside");
	cpus_read_lock();
	cpus_read_unlock();
	percpu_up_write(&scx_fork_rwsem);
}

TEST_F(StandIns, TouchingARunqueueWithoutItsLock)
{
	expect("runqueue lock is not held");
	resched_curr(&machine.rq(1));
}

TEST_F(StandIns, FailedAssertions)
{
	expect("assertion failed: 1 == 2");
	EXPECT_FALSE(CXXRT_ASSERT(1 == 2));
}

TEST_F(StandIns, TreesKeepOrderThroughInsertionsAndErasures)
{
	scx_dispatch_q dsq{};
	std::vector<rb_node> nodes(50);
	auto const before = [](rb_node const& a, rb_node const& b) { return &a < &b; };
	rb_node* parent;

	for (size_t i = 0; i < nodes.size(); ++i)
		cxxrt::rbtree::insert(dsq.priq, nodes[i * 17 % nodes.size()], before, parent);
	for (size_t i = 0; i < nodes.size(); i += 3)
		cxxrt::rbtree::erase_clear(dsq.priq, nodes[i * 7 % nodes.size()]);

	size_t count = 0;
	rb_node* last = nullptr;

	for (rb_node* node = rb_first(&dsq.priq); node; node = rb_next(node), ++count) {
		EXPECT_TRUE(!last || last < node);
		EXPECT_EQ(rb_prev(node), last);
		last = node;
	}
	EXPECT_EQ(rb_last(&dsq.priq), last);
	EXPECT_EQ(count, 50u - 17u);
}

TEST_F(StandIns, ClassesAreInTheOrderOfPriority)
{
	EXPECT_TRUE(scx::class_above(&stop_sched_class, &dl_sched_class));
	EXPECT_TRUE(scx::class_above(&dl_sched_class, &rt_sched_class));
	EXPECT_TRUE(scx::class_above(&rt_sched_class, &fair_sched_class));
	EXPECT_TRUE(scx::class_above(&fair_sched_class, &ext_sched_class));
	EXPECT_TRUE(scx::class_above(&ext_sched_class, &idle_sched_class));
}

} // namespace
} // namespace host
