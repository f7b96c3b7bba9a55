// SPDX-License-Identifier: GPL-2.0
// Dispatch batching: from a verdict in ops.dispatch() to the task in its queue. More cases, which a
// kernel runs too, are in tests/suites/dispatch_batch.cc.
#include "tests/scheduler.hpp"

#include "core/dispatch.hpp"
#include "core/ownership.hpp"

namespace host {
namespace {

using scx::Ownership;

constexpr u64 kQueue = 1;
constexpr u64 kVtimeQueue = 2;

scx_ops_state owner(task_struct& p)
{
	return Ownership{p}.state();
}

// A scheduler that keeps every task it is given until the test's dispatch callback disposes of it.
class Dispatch : public ModuleTest {
protected:
	void SetUp() override
	{
		load({.select_cpu = [](task_struct*, s32 previous, u64) { return previous; },
		      .enqueue = [](task_struct*, u64) {},
		      .dispatch =
			      [this](s32 cpu, task_struct* previous) {
				      if (auto const once = std::exchange(on_dispatch, nullptr))
					      once(cpu, previous);
			      },
		      .init =
			      [] {
				      EXPECT_EQ(scx_entry_kf_create_dsq(kQueue, -1), 0);
				      return scx_entry_kf_create_dsq(kVtimeQueue, -1);
			      },
		      .dispatch_max_batch = 4});
		machine.settle();
	}

	// Awake, and owned by the scheduler.
	task_struct& queued(char const* name, s32 cpu = 0)
	{
		task_struct& p = machine.create_task(name, {.cpu = cpu});

		machine.wake(p, 3);
		EXPECT_EQ(owner(p), SCX_OPSS_QUEUED);
		return p;
	}

	// ops.dispatch() runs once on the CPU and does this.
	void dispatch_on(s32 cpu, std::function<void()> what)
	{
		on_dispatch = [cpu, what](s32 asked, task_struct*) {
			EXPECT_EQ(asked, cpu);
			what();
		};
		machine.schedule(cpu);
	}

	std::function<void(s32, task_struct*)> on_dispatch;
};

TEST_F(Dispatch, ConsumingFromNoQueueIsAnError)
{
	dispatch_on(0, [&] { EXPECT_FALSE(scx_entry_kf_consume(99)); });
	EXPECT_NE(take_error().find("scx_bpf_consume(0x63)"), std::string::npos);
}

TEST_F(Dispatch, VtimeOnALocalQueueIsAnError)
{
	task_struct& a = queued("a");

	dispatch_on(0, [&] { bpf::dispatch_vtime(&a, SCX_DSQ_LOCAL, 20); });
	EXPECT_NE(take_error().find("always FIFO"), std::string::npos);
	EXPECT_EQ(running(0), "a");
}

TEST_F(Dispatch, MixingOrdersIsAnError)
{
	task_struct &a = queued("a"), &b = queued("b");

	dispatch_on(0, [&] {
		bpf::dispatch_vtime(&a, kVtimeQueue, 20);
		bpf::dispatch(&b, kVtimeQueue);
	});
	EXPECT_NE(take_error().find("FIFO dispatch of b"), std::string::npos);
}

TEST_F(Dispatch, AnUnknownQueueIsAnErrorAndGlobal)
{
	task_struct& a = queued("a");

	dispatch_on(1, [&] { bpf::dispatch(&a, 77); });
	EXPECT_NE(take_error().find("queue 0x4d, which does not exist"), std::string::npos);
	EXPECT_TRUE(global() == "a" || running(1) == "a");
}

TEST_F(Dispatch, InternalFlagsAreAnError)
{
	task_struct& a = queued("a");

	dispatch_on(0, [&] { bpf::dispatch(&a, kQueue, 0, SCX_ENQ_DSQ_PRIQ); });
	EXPECT_NE(take_error().find("not for schedulers"), std::string::npos);
	EXPECT_EQ(owner(a), SCX_OPSS_QUEUED);
}

TEST_F(Dispatch, ANullTaskIsAnError)
{
	dispatch_on(0, [&] { bpf::dispatch(nullptr, kQueue); });
	EXPECT_NE(take_error().find("NULL task"), std::string::npos);
}

TEST_F(Dispatch, OutsideItsCallbacksIsAnError)
{
	task_struct& a = queued("a");

	bpf::dispatch(&a, kQueue);
	EXPECT_NE(take_error().find(
			  "scx_bpf_dispatch() called from where the scheduler holds no lock"),
		  std::string::npos);
	EXPECT_EQ(scx_entry_kf_dispatch_nr_slots(), 0u);
	EXPECT_NE(take_error(), "");
	EXPECT_FALSE(scx_entry_kf_consume(kQueue));
	EXPECT_NE(take_error(), "");
}

TEST_F(Dispatch, SliceZeroKeepsWhatIsLeft)
{
	task_struct &a = queued("a"), &b = queued("b");

	a.scx.slice = 123;
	b.scx.slice = 0;
	dispatch_on(0, [&] {
		bpf::dispatch(&a, kQueue, 0);
		bpf::dispatch(&b, kQueue, 0);
	});
	EXPECT_EQ(a.scx.slice, 123u);
	EXPECT_EQ(b.scx.slice, 1u);
}

// ---- To other CPUs' local queues ----

TEST_F(Dispatch, FromHereToAnotherCpu)
{
	task_struct& a = queued("a");

	dispatch_on(0, [&] { bpf::dispatch(&a, SCX_DSQ_LOCAL_ON | 2); });
	EXPECT_EQ(scx::task_cpu(a), 2);
	EXPECT_EQ(local(2), "a");
	EXPECT_TRUE(machine.cpu(2).need_resched) << "it was idle";
	machine.settle();
	EXPECT_EQ(running(2), "a");
}

TEST_F(Dispatch, FromAnotherCpuToHere)
{
	task_struct& a = queued("a", 1);

	dispatch_on(0, [&] { bpf::dispatch(&a, SCX_DSQ_LOCAL); });
	EXPECT_EQ(running(0), "a");
	EXPECT_EQ(scx::task_cpu(a), 0);
	EXPECT_EQ(machine.rq(1).scx.nr_running, 0u);
	EXPECT_EQ(machine.rq(0).scx.nr_running, 1u);
}

TEST_F(Dispatch, OnAnotherCpu)
{
	task_struct& a = queued("a", 1);

	dispatch_on(0, [&] { bpf::dispatch(&a, SCX_DSQ_LOCAL_ON | 1); });
	EXPECT_EQ(local(1), "a");
	EXPECT_EQ(a.scx.holding_cpu, -1);
	EXPECT_TRUE(machine.cpu(1).need_resched);
}

TEST_F(Dispatch, FromOneOtherCpuToAThird)
{
	task_struct& a = queued("a", 1);

	dispatch_on(0, [&] { bpf::dispatch(&a, SCX_DSQ_LOCAL_ON | 2, 5, SCX_ENQ_HEAD); });
	EXPECT_EQ(local(2), "a");
	EXPECT_EQ(a.scx.slice, 5u) << "a move keeps the slice";
	EXPECT_EQ(a.scx.sticky_cpu, -1);
}

TEST_F(Dispatch, MovingIsNoEndOfRunnable)
{
	unload();

	int runnable = 0, quiescent = 0;

	load({.select_cpu = [](task_struct*, s32 previous, u64) { return previous; },
	      .enqueue = [](task_struct*, u64) {},
	      .dispatch =
		      [this](s32 cpu, task_struct* previous) {
			      if (auto const once = std::exchange(on_dispatch, nullptr))
				      once(cpu, previous);
		      },
	      .runnable = [&](task_struct*, u64) { ++runnable; },
	      .quiescent = [&](task_struct*, u64) { ++quiescent; }});
	task_struct& a = queued("a", 1);

	dispatch_on(0, [&] { bpf::dispatch(&a, SCX_DSQ_LOCAL_ON | 2); });
	machine.settle();
	EXPECT_EQ(running(2), "a");
	EXPECT_EQ(runnable, 1);
	EXPECT_EQ(quiescent, 0);
	machine.sleep(a);
	EXPECT_EQ(quiescent, 1);
	unload(); // before the counters go
}

TEST_F(Dispatch, ADequeueMayWinTheTask)
{
	task_struct& a = queued("a", 1);

	machine.watched_rq = &machine.rq(1);
	machine.before_lock = [&] { machine.take_off(a); };
	dispatch_on(0, [&] { bpf::dispatch(&a, SCX_DSQ_LOCAL); });
	EXPECT_EQ(running(0), "swapper");
	EXPECT_EQ(local(0), "");
	EXPECT_EQ(scx::task_cpu(a), 1);
	EXPECT_EQ(a.scx.holding_cpu, -1);
	machine.put_back(a);
	EXPECT_EQ(owner(a), SCX_OPSS_QUEUED);
}

TEST_F(Dispatch, AffinityIsCheckedAndTheTaskGoesGlobal)
{
	task_struct& a = machine.create_task("a", {.cpu = 1, .allowed = {1, 3}});

	machine.wake(a, 3);
	dispatch_on(0, [&] { bpf::dispatch(&a, SCX_DSQ_LOCAL_ON | 2); });
	EXPECT_NE(take_error().find("CPU 2 is not among those that a"), std::string::npos);
	EXPECT_EQ(global(), "a");
	EXPECT_EQ(scx::task_cpu(a), 1);
}

TEST_F(Dispatch, DisabledMigrationIsChecked)
{
	task_struct& a = queued("a", 1);

	a.migration_disabled = 1;
	dispatch_on(0, [&] { bpf::dispatch(&a, SCX_DSQ_LOCAL_ON | 2); });
	EXPECT_NE(take_error().find("migration disabled"), std::string::npos);
	EXPECT_EQ(global(), "a");
	a.migration_disabled = 0;
}

TEST_F(Dispatch, AnOfflineCpuIsNobodysFault)
{
	task_struct& a = queued("a", 1);

	machine.rq(2).scx.flags &= ~SCX_RQ_ONLINE;
	dispatch_on(0, [&] { bpf::dispatch(&a, SCX_DSQ_LOCAL_ON | 2); });
	EXPECT_TRUE(running(0) == "a" || global() == "a");
	machine.rq(2).scx.flags |= SCX_RQ_ONLINE;
}

TEST_F(Dispatch, ACpuThatDoesNotExistIsAnError)
{
	task_struct& a = queued("a");

	dispatch_on(0, [&] { bpf::dispatch(&a, SCX_DSQ_LOCAL_ON | 64); });
	EXPECT_NE(take_error().find("CPU 64 of SCX_DSQ_LOCAL_ON"), std::string::npos);
}

// ---- User queues ----

TEST_F(Dispatch, DestroyingAnEmptyQueue)
{
	scx_entry_kf_destroy_dsq(kQueue);
	EXPECT_EQ(names_in(kQueue), "no such queue");
	EXPECT_EQ(scx_entry_kf_dsq_nr_queued(kQueue), cxxrt::kEnoent.negative());
	machine.end_grace_period();
	EXPECT_EQ(scx_entry_kf_create_dsq(kQueue, 0), 0);
}

TEST_F(Dispatch, DestroyingAQueueWithTasksIsAnError)
{
	task_struct& a = queued("a");

	dispatch_on(0, [&] { bpf::dispatch(&a, kQueue); });
	scx_entry_kf_destroy_dsq(kQueue);
	EXPECT_NE(take_error().find("1 tasks are queued"), std::string::npos);
	EXPECT_EQ(names_in(kQueue), "a");
	EXPECT_EQ(scx_entry_kf_dsq_nr_queued(kQueue), 1);
}

TEST_F(Dispatch, AQueueDestroyedUnderADispatchIsAnError)
{
	task_struct& a = queued("a");
	u64 const stale_id = kQueue;

	kshim_rcu_read_lock();
	scx_dispatch_q* const dsq = kshim_dsq_find(stale_id);

	kshim_rcu_read_unlock();
	scx_entry_kf_destroy_dsq(kQueue);
	EXPECT_EQ(dsq->id, u64{SCX_DSQ_INVALID});
	{
		auto const locked = machine.lock(0);

		machine.rq(0).scx.flags |= SCX_RQ_IN_BALANCE;
		ASSERT_TRUE(Ownership{a}.claim(Ownership::brand_of(Ownership{a}.word())));
		scx::enqueue_to(*dsq, a, SCX_ENQ_CLEAR_OPSS);
		machine.rq(0).scx.flags &= ~SCX_RQ_IN_BALANCE;
	}
	EXPECT_NE(take_error().find("has been destroyed"), std::string::npos);
	EXPECT_EQ(global(), "a");
	EXPECT_EQ(owner(a), SCX_OPSS_NONE);
}

TEST_F(Dispatch, CountsOfLocalQueues)
{
	task_struct& a = queued("a");

	dispatch_on(0, [&] { bpf::dispatch(&a, SCX_DSQ_LOCAL_ON | 2); });
	EXPECT_EQ(scx_entry_kf_dsq_nr_queued(SCX_DSQ_LOCAL), 0);
	EXPECT_EQ(scx_entry_kf_dsq_nr_queued(SCX_DSQ_LOCAL_ON | 2), 1);
	EXPECT_EQ(scx_entry_kf_dsq_nr_queued(SCX_DSQ_LOCAL_ON | 9), cxxrt::kEnoent.negative());
	EXPECT_NE(take_error(), "");
}

} // namespace
} // namespace host
