// SPDX-License-Identifier: GPL-2.0
// Direct dispatch from ops.select_cpu() and ops.enqueue(). More cases, which a kernel
// runs too, are in tests/suites/direct_dispatch.cc.
#include "tests/scheduler.hpp"

#include "core/direct_dispatch.hpp"
#include "core/ownership.hpp"

namespace host {
namespace {

constexpr u64 kQueue = 1;

class DirectDispatch : public ModuleTest {
protected:
	void SetUp() override
	{
		load({.select_cpu =
			      [this](task_struct* p, s32 previous, u64) {
				      return on_select ? on_select(p, previous) : previous;
			      },
		      .enqueue =
			      [this](task_struct* p, u64 flags) {
				      ++enqueues;
				      if (on_enqueue)
					      on_enqueue(p, flags);
			      },
		      .init = [] { return scx_entry_kf_create_dsq(kQueue, -1); }});
		machine.settle();
	}

	std::function<s32(task_struct*, s32)> on_select;
	std::function<void(task_struct*, u64)> on_enqueue;
	int enqueues = 0;
};

TEST_F(DirectDispatch, InBalanceTheCallbackDoesIt)
{
	task_struct& a = machine.create_task("a");

	on_enqueue = [](task_struct* p, u64) { bpf::dispatch(p, SCX_DSQ_LOCAL); };
	machine.wake(a);
	machine.settle();
	ASSERT_EQ(running(0), "a");

	// Its slice ends, something else comes, and it is put back during the switch.
	task_struct& b = machine.create_task("b");

	machine.wake(b);
	on_enqueue = [](task_struct* p, u64) { bpf::dispatch(p, SCX_DSQ_LOCAL_ON | 2); };
	a.scx.slice = 0;
	machine.schedule(0);
	EXPECT_EQ(running(0), "b");
	machine.settle();
	EXPECT_EQ(running(2), "a");
}

TEST_F(DirectDispatch, ADeferredTaskMayBeDequeued)
{
	task_struct& a = machine.create_task("a");

	machine.wake(a);
	on_enqueue = [](task_struct* p, u64) { bpf::dispatch(p, SCX_DSQ_LOCAL_ON | 2); };
	machine.take_off(a);
	machine.put_back(a);
	machine.take_off(a);
	EXPECT_FALSE(scx::list::is_linked(a.scx.dsq_list.node));
	EXPECT_FALSE(scx::has_direct_verdict(a)) << "or the next enqueue would follow it";
	EXPECT_EQ(machine.run_irq_work(0), 1);
	EXPECT_EQ(local(2), "");

	on_enqueue = nullptr;
	machine.put_back(a);
	EXPECT_EQ(scx::Ownership{a}.state(), SCX_OPSS_QUEUED);
}

TEST_F(DirectDispatch, DeferredTasksKeepTheirOrder)
{
	task_struct& a = machine.create_task("a");
	task_struct& b = machine.create_task("b");

	for (task_struct* p : {&a, &b})
		machine.wake(*p);
	on_enqueue = [](task_struct* p, u64) { bpf::dispatch(p, SCX_DSQ_LOCAL_ON | 2); };
	for (task_struct* p : {&a, &b}) {
		machine.take_off(*p);
		machine.put_back(*p);
	}
	machine.run_irq_work(0);
	EXPECT_EQ(local(2), "a b");
}

TEST_F(DirectDispatch, ToADisallowedCpuIsAnErrorAndGlobal)
{
	task_struct& a = machine.create_task("a", {.cpu = 0, .allowed = {0, 1}});

	on_enqueue = [](task_struct* p, u64) { bpf::dispatch(p, SCX_DSQ_LOCAL_ON | 2); };
	machine.wake(a);
	EXPECT_NE(take_error().find("is not among those that a"), std::string::npos);
	EXPECT_EQ(global(), "a");
}

TEST_F(DirectDispatch, TwiceFromSelectCpuIsAnError)
{
	task_struct& a = machine.create_task("a");

	on_select = [](task_struct* p, s32 previous) {
		bpf::dispatch(p, kQueue);
		bpf::dispatch(p, SCX_DSQ_LOCAL);
		return previous;
	};
	machine.wake(a);
	EXPECT_NE(take_error().find("second direct dispatch of a"), std::string::npos);
}

TEST_F(DirectDispatch, AWakeupOfALaterTaskStartsAfresh)
{
	task_struct& a = machine.create_task("a");
	task_struct& b = machine.create_task("b");

	on_enqueue = [](task_struct* p, u64) { bpf::dispatch(p, kQueue); };
	machine.wake(a);
	machine.wake(b);
	EXPECT_EQ(names_in(kQueue), "a b");
}

TEST_F(DirectDispatch, AnUnknownQueueIsAnErrorAndGlobal)
{
	task_struct& a = machine.create_task("a");

	on_enqueue = [](task_struct* p, u64) { bpf::dispatch(p, 0xdead); };
	machine.wake(a);
	EXPECT_NE(take_error().find("0xdead"), std::string::npos);
	EXPECT_EQ(global(), "a");
}

TEST_F(DirectDispatch, PreemptionEndsTheSliceOfTheRunningTask)
{
	task_struct& a = machine.create_task("a");
	task_struct& b = machine.create_task("b");

	on_enqueue = [](task_struct* p, u64) { bpf::dispatch(p, SCX_DSQ_LOCAL); };
	machine.wake(a);
	machine.settle();
	on_enqueue = [](task_struct* p, u64) {
		bpf::dispatch(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, SCX_ENQ_PREEMPT);
	};
	machine.wake(b);
	EXPECT_EQ(a.scx.slice, 0u);
	EXPECT_TRUE(machine.cpu(0).need_resched);
	on_enqueue = [](task_struct* p, u64) { bpf::dispatch(p, SCX_DSQ_LOCAL); };
	machine.settle();
	EXPECT_EQ(running(0), "b");
}

TEST_F(DirectDispatch, AVerdictOfSelectCpuDoesNotOutliveTheScheduler)
{
	task_struct& a = machine.create_task("a");

	a.scx.ddsp_dsq_id = kQueue; // a wakeup is under way
	unload();
	EXPECT_FALSE(scx::has_direct_verdict(a));
}

} // namespace
} // namespace host
