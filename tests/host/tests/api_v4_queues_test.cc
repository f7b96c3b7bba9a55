// SPDX-License-Identifier: GPL-2.0
// Schedulers of the API of 2023: choosing CPUs, the hint to ops.enqueue(), queues, the cycle.
#include "tests/api_v4.hpp"

#include "core/dispatch_queue.hpp"
#include "core/queues.hpp"

namespace host {
namespace {

constexpr u64 kQueue = 1;

class ApiV4Queues : public ApiV4 {
protected:
	explicit ApiV4Queues(Topology topology = {}) : ApiV4{topology}
	{
		old.init = [] {
			scx_entry_kf_switch_all();
			return scx_entry_kf_create_dsq(kQueue, -1);
		};
	}

	void start(sched_ext_ops_v4 const& scheduler)
	{
		load_v4(scheduler);
		machine.settle();
		old.asked.clear();
	}

	task_struct& awake(char const* name, TaskOptions const& options = {})
	{
		task_struct& p = machine.create_task(name, options);

		machine.wake(p);
		return p;
	}
};

// ---- Step 1 and 2: where a waking task goes ----

TEST_F(ApiV4Queues, AnIdleCpuIsAHint)
{
	start(table());
	awake("a");
	ASSERT_EQ(old.asked.size(), 1u) << "no dispatch behind the scheduler's back";
	EXPECT_TRUE(old.asked[0] & SCX_V4_ENQ_LOCAL);
	EXPECT_TRUE(old.asked[0] & SCX_ENQ_WAKEUP);
	EXPECT_FALSE(old.asked[0] & SCX_ENQ_CPU_SELECTED) << "2023 had no such flag";
}

TEST_F(ApiV4Queues, TheHintIsForOneWakeup)
{
	old.enqueue = [](task_struct* p, u64) { bpf::dispatch(p, SCX_DSQ_LOCAL, 1000); };
	start(table());
	task_struct& a = awake("a");

	machine.settle();
	ASSERT_EQ(running(scx::task_cpu(a)), "a");
	awake("b", {.cpu = scx::task_cpu(a), .allowed = {scx::task_cpu(a)}});
	EXPECT_FALSE(old.asked.back() & SCX_V4_ENQ_LOCAL) << "bound to one CPU: nothing was chosen";
	machine.advance(2000);
	machine.tick(scx::task_cpu(a));
	old.asked.clear();
	machine.settle();
	ASSERT_EQ(old.asked.size(), 1u) << "the slice of a is used up";
	EXPECT_FALSE(old.asked[0] & SCX_V4_ENQ_LOCAL);
}

TEST_F(ApiV4Queues, NoHintWithoutAnIdleCpu)
{
	old.enqueue = [](task_struct* p, u64) { bpf::dispatch(p, SCX_DSQ_LOCAL); };
	start(table());
	for (char const* name : {"a", "b", "c", "d"}) {
		awake(name);
		machine.settle();
	}
	awake("e");
	EXPECT_FALSE(old.asked.back() & SCX_V4_ENQ_LOCAL);
}

TEST_F(ApiV4Queues, NoHintWithItsOwnChoice)
{
	sched_ext_ops_v4 scheduler = table();

	scheduler.select_cpu = choose;
	old.select_cpu = [](task_struct*, s32) { return 2; };
	start(scheduler);
	EXPECT_EQ(scx::task_cpu(awake("a")), 2);
	ASSERT_EQ(old.asked.size(), 1u);
	EXPECT_FALSE(old.asked[0] & SCX_V4_ENQ_LOCAL);
}

TEST_F(ApiV4Queues, AChoiceOutsideTheMaskIsIgnored)
{
	sched_ext_ops_v4 scheduler = table();

	scheduler.select_cpu = choose;
	old.select_cpu = [](task_struct*, s32) { return 3; };
	start(scheduler);
	s32 const cpu = scx::task_cpu(awake("a", {.cpu = 0, .allowed = {0, 1}}));

	EXPECT_TRUE(cpu == 0 || cpu == 1) << cpu;
	EXPECT_STREQ(scx_entry_state_name(), "enabled");
}

TEST_F(ApiV4Queues, AChoiceThatIsNoCpuIsAnError)
{
	sched_ext_ops_v4 scheduler = table();

	scheduler.select_cpu = choose;
	old.select_cpu = [](task_struct*, s32) { return 99; };
	start(scheduler);
	awake("a");
	EXPECT_NE(take_error().find("CPU 99 returned by ops.select_cpu()"), std::string::npos);
}

TEST_F(ApiV4Queues, SelectCpuCannotDispatch)
{
	sched_ext_ops_v4 scheduler = table();

	scheduler.select_cpu = choose;
	old.select_cpu = [](task_struct* p, s32 previous) {
		bpf::dispatch(p, SCX_DSQ_LOCAL);
		return previous;
	};
	start(scheduler);
	awake("a");
	EXPECT_NE(take_error().find("scx_bpf_dispatch() called from a callback that may not"),
		  std::string::npos);
	EXPECT_EQ(old.asked.size(), 1u);
}

TEST_F(ApiV4Queues, WithoutEnqueueIdleCpusGetTasksAtOnce)
{
	sched_ext_ops_v4 scheduler = table();

	scheduler.enqueue = nullptr;
	start(scheduler);
	task_struct& a = awake("a");

	EXPECT_EQ(local(scx::task_cpu(a)), "a");
	awake("bound", {.cpu = 1, .allowed = {1}});
	EXPECT_EQ(global(), "bound") << "no CPU was chosen for it";
}

TEST_F(ApiV4Queues, TheLastTaskIsAskedAboutWithTheHint)
{
	sched_ext_ops_v4 scheduler = table();

	scheduler.flags = SCX_OPS_ENQ_LAST;
	old.enqueue = [](task_struct* p, u64) { bpf::dispatch(p, SCX_DSQ_LOCAL, 1000); };
	start(scheduler);
	awake("a", {.allowed = {0}});
	machine.settle();
	old.asked.clear();
	machine.advance(2000);
	machine.tick(0);
	machine.settle();
	ASSERT_FALSE(old.asked.empty());
	EXPECT_TRUE(old.asked[0] & SCX_ENQ_LAST);
	EXPECT_TRUE(old.asked[0] & SCX_V4_ENQ_LOCAL);
	EXPECT_EQ(running(0), "a");
}

// ---- Queues ----

TEST_F(ApiV4Queues, FifoAndPriorityEntriesShareAQueue)
{
	old.enqueue = [](task_struct* p, u64 flags) {
		if (p->comm[0] == 'v')
			bpf::dispatch_vtime(p, kQueue, static_cast<u64>(p->comm[1]));
		else
			bpf::dispatch(p, kQueue, SCX_SLICE_DFL,
				      p->comm[0] == 'h' ? flags | SCX_ENQ_HEAD : flags);
	};
	start(table());
	for (char const* name : {"v5", "f1", "v3", "f2", "v9", "v1", "h1", "f3", "v3b", "v0"})
		awake(name);
	EXPECT_EQ(names_in(kQueue), "h1 f1 f2 f3 v0 v1 v3 v3b v5 v9");
	EXPECT_EQ(scx_entry_kf_dsq_nr_queued(kQueue), 10);
	EXPECT_STREQ(scx_entry_state_name(), "enabled");
	EXPECT_EQ(take_error(), "");
}

TEST_F(ApiV4Queues, FifoEntriesFirstWhicheverCameFirst)
{
	old.enqueue = [](task_struct* p, u64) {
		if (p->comm[0] == 'v')
			bpf::dispatch_vtime(p, kQueue, 0);
		else
			bpf::dispatch(p, kQueue);
	};
	start(table());
	awake("f1");
	awake("v1");
	EXPECT_EQ(names_in(kQueue), "f1 v1");
	awake("f2");
	EXPECT_EQ(names_in(kQueue), "f1 f2 v1");
}

TEST_F(ApiV4Queues, TheGlobalQueueCanBeCountedAndConsumed)
{
	sched_ext_ops_v4 scheduler = table();
	static std::vector<s32> counted;

	counted.clear();
	scheduler.dispatch = dispatch_to;
	scheduler.select_cpu = choose;
	old.enqueue = [](task_struct* p, u64) { bpf::dispatch(p, kQueue); };
	old.dispatch = [](s32) {
		counted.push_back(scx_entry_kf_dsq_nr_queued(SCX_DSQ_GLOBAL));
		EXPECT_FALSE(scx_entry_kf_consume(SCX_DSQ_GLOBAL))
			<< "empty, or dispatch would not be asked";
		if (!counted.back() && scx_entry_kf_consume(kQueue))
			counted.push_back(-1);
	};
	start(scheduler);
	counted.clear();
	awake("a");
	machine.settle();
	EXPECT_EQ(running(0), "a");
	ASSERT_GE(counted.size(), 2u);
	EXPECT_EQ(counted[0], 0);
	EXPECT_EQ(take_error(), "");
}

class ApiV4Nodes : public ApiV4Queues {
protected:
	ApiV4Nodes() : ApiV4Queues{{.cpus = 4, .nodes = 2}} {}
};

// The module has one per NUMA node; to the scheduler it is one.
TEST_F(ApiV4Nodes, TheGlobalQueueIsOne)
{
	sched_ext_ops_v4 scheduler = table();

	scheduler.dispatch = dispatch_to;
	scheduler.select_cpu = choose;
	start(scheduler);
	old.dispatch = [](s32 cpu) {
		if (cpu == 0) {
			EXPECT_EQ(scx_entry_kf_dsq_nr_queued(SCX_DSQ_GLOBAL), 1);
			EXPECT_TRUE(scx_entry_kf_consume(SCX_DSQ_GLOBAL));
		}
	};
	awake("far", {.cpu = 3});
	EXPECT_EQ(global(3), "far");
	EXPECT_EQ(global(0), "");
	machine.schedule(0);
	EXPECT_EQ(running(0), "far");
	EXPECT_EQ(take_error(), "");
}

TEST_F(ApiV4Queues, TodaysSchedulersMayNotConsumeTheGlobalQueue)
{
	load({.dispatch = [](s32, task_struct*) { scx_entry_kf_consume(SCX_DSQ_GLOBAL); }});
	machine.schedule(0);
	EXPECT_NE(take_error().find("no such queue"), std::string::npos);
}

// ---- The cycle ----

TEST_F(ApiV4Queues, TheCycleInItsOrder)
{
	sched_ext_ops_v4 scheduler = table();

	scheduler.select_cpu = [](task_struct* p, s32, u64) {
		old.trace += std::string("select:") + p->comm + " ";
		return s32{0};
	};
	scheduler.dispatch = dispatch_to;
	scheduler.running = [](task_struct* p) {
		old.trace += std::string("run:") + p->comm + " ";
	};
	old.enqueue = [](task_struct* p, u64) {
		old.trace += std::string("enqueue:") + p->comm + " ";
		bpf::dispatch(p, p->comm[0] == 'l'   ? u64{SCX_DSQ_LOCAL}
				 : p->comm[0] == 'g' ? u64{SCX_DSQ_GLOBAL}
						     : kQueue);
	};
	old.dispatch = [](s32 cpu) {
		if (cpu == 0) {
			old.trace += "dispatch ";
			scx_entry_kf_consume(kQueue);
		}
	};
	start(scheduler);
	old.trace.clear();
	// The one that is to run last comes first.
	for (char const* name : {"queued", "global", "local"})
		awake(name);
	EXPECT_EQ(taken_trace(), "select:queued enqueue:queued select:global enqueue:global "
				 "select:local enqueue:local ");
	machine.schedule(0);
	for (char const* name : {"local", "global", "queued"}) {
		EXPECT_EQ(running(0), name);
		machine.sleep(*machine.rq(0).curr);
	}
	std::string const cycle = taken_trace();

	EXPECT_EQ(cycle.substr(0, cycle.find("run:queued")), "run:local run:global dispatch ");
}

} // namespace
} // namespace host
