// SPDX-License-Identifier: GPL-2.0
// kfuncs called from callbacks that may not, and what the error says: from where, and from where it
// would have been right. That nothing happens besides is each kfunc's own test.
#include "core/core_sched.hpp"
#include "tests/lifecycle.hpp"

namespace host {
namespace {

class WrongPlaces : public Lifecycle {
protected:
	// The scheduler calls `what` once from each callback that is asked for.
	void SetUp() override
	{
		Scheduler scheduler;

		scheduler.select_cpu = [this](task_struct* p, s32 previous, u64) {
			call(on_select, p);
			return previous;
		};
		scheduler.enqueue = [this](task_struct* p, u64) {
			call(on_enqueue, p);
			bpf::dispatch(p, SCX_DSQ_LOCAL);
		};
		scheduler.dispatch = [this](s32, task_struct* p) { call(on_dispatch, p); };
		scheduler.running = [this](task_struct* p) { call(on_running, p); };
		load(scheduler);
		machine.settle();
	}

	void TearDown() override { unload(); }

	using Callback = std::function<void(task_struct*)>;

	static void call(Callback& callback, task_struct* p)
	{
		if (auto const once = std::exchange(callback, nullptr))
			once(p);
	}

	// A task wakes and runs on a CPU of its own, and everything about it has been called back.
	std::string error_of_a_cycle()
	{
		task_struct& p = machine.create_task("p", {.cpu = cpu_++});

		machine.wake(p);
		machine.schedule(scx::task_cpu(p));
		machine.schedule(0);
		return take_error();
	}

	[[nodiscard]] static bool says(std::string const& error, std::string const& from,
				       std::string const& instead)
	{
		bool const both = error.find("() called from " + from) != error.npos &&
				  error.find("only " + instead + " may call it") != error.npos;

		if (!both)
			ADD_FAILURE() << '"' << error << '"';
		return both;
	}

	Callback on_select, on_enqueue, on_dispatch, on_running;

private:
	s32 cpu_ = 1;
};

TEST_F(WrongPlaces, NoCallbackAtAll)
{
	task_struct& p = machine.create_task("p");
	bool idle;

	bpf::dispatch(&p, SCX_DSQ_LOCAL);
	EXPECT_TRUE(says(take_error(), "where the scheduler holds no lock, as in ops.init()",
			 "ops.select_cpu(), ops.enqueue() and ops.dispatch()"));
	bpf::dispatch_vtime(&p, 1, 1);
	EXPECT_NE(take_error().find("scx_bpf_dispatch_vtime() called from where"),
		  std::string::npos);
	EXPECT_FALSE(scx_entry_kf_consume(1));
	EXPECT_TRUE(says(take_error(), "where the scheduler holds no lock", "ops.dispatch()"));
	scx_entry_kf_dispatch_cancel();
	EXPECT_NE(take_error().find("scx_bpf_dispatch_cancel() called from where"),
		  std::string::npos);
	EXPECT_EQ(scx_entry_kf_dispatch_nr_slots(), 0U);
	EXPECT_NE(take_error().find("scx_bpf_dispatch_nr_slots() called from where"),
		  std::string::npos);
	EXPECT_EQ(scx_entry_kf_reenqueue_local(), 0U);
	EXPECT_TRUE(says(take_error(), "where the scheduler holds no lock", "ops.cpu_release()"));
	EXPECT_EQ(scx_entry_kf_select_cpu_dfl(&p, 2, 0, &idle), 2);
	EXPECT_TRUE(says(take_error(), "where the scheduler holds no lock", "ops.select_cpu()"));
	EXPECT_EQ(scx_entry_kf_locked_rq(), nullptr);
	EXPECT_NE(take_error().find("where the scheduler holds no runqueue lock"),
		  std::string::npos);
}

TEST_F(WrongPlaces, SelectCpu)
{
	on_select = [](task_struct*) { (void)scx_entry_kf_consume(1); };
	EXPECT_TRUE(says(error_of_a_cycle(), "ops.select_cpu()", "ops.dispatch()"));
}

TEST_F(WrongPlaces, Enqueue)
{
	on_enqueue = [](task_struct* p) {
		bool idle;

		(void)scx_entry_kf_select_cpu_dfl(p, 1, 0, &idle);
	};
	EXPECT_TRUE(says(error_of_a_cycle(), "ops.enqueue()", "ops.select_cpu()"));
}

TEST_F(WrongPlaces, Dispatch)
{
	on_dispatch = [](task_struct*) { (void)scx_entry_kf_reenqueue_local(); };
	EXPECT_TRUE(says(error_of_a_cycle(), "ops.dispatch()", "ops.cpu_release()"));
}

TEST_F(WrongPlaces, Running)
{
	on_running = [](task_struct* p) { bpf::dispatch(p, SCX_DSQ_LOCAL); };
	EXPECT_TRUE(says(error_of_a_cycle(), "a callback that may not",
			 "ops.select_cpu(), ops.enqueue() and ops.dispatch()"));
}

TEST_F(WrongPlaces, AboutAnotherTask)
{
	task_struct& other = machine.create_task("other");
	cpumask const all = mask_of({0, 1, 2, 3});

	on_enqueue = [&](task_struct*) {
		EXPECT_EQ(scx_entry_kf_select_cpu_and(&other, 1, 0, &all, 0),
			  cxxrt::kEbusy.negative());
	};
	EXPECT_NE(error_of_a_cycle().find("called on other["), std::string::npos);
	on_running = [&](task_struct*) { --scx_entry_kf_task_cgroup(&other)->references; };
	EXPECT_NE(error_of_a_cycle().find("scx_bpf_task_cgroup() called on other["),
		  std::string::npos);
}

TEST_F(WrongPlaces, FlagsThatAreTheCores)
{
	on_enqueue = [](task_struct* p) { bpf::dispatch(p, SCX_DSQ_LOCAL, 1, SCX_ENQ_CLEAR_OPSS); };
	EXPECT_NE(error_of_a_cycle().find("contain bits that are not for schedulers"),
		  std::string::npos);
	on_enqueue = [](task_struct*) { bpf::dispatch(nullptr, SCX_DSQ_LOCAL); };
	EXPECT_NE(error_of_a_cycle().find("scx_bpf_dispatch() called with a NULL task"),
		  std::string::npos);
}

TEST_F(WrongPlaces, MessagesThatCannotBeFormatted)
{
	unsigned long long numbers[3] = {};
	char format[] = "three";

	scx_entry_kf_error(format, numbers, sizeof(numbers));
	EXPECT_EQ(take_error(), "message of scx_bpf_error() cannot be formatted: too many "
				"arguments (-7)");
	scx_entry_kf_exit(3, format, numbers, sizeof(numbers));
	EXPECT_EQ(take_error(), "message of scx_bpf_exit() cannot be formatted: too many "
				"arguments (-7)");
}

TEST_F(WrongPlaces, PeekingWhereNothingCanBeSeen)
{
	EXPECT_EQ(scx_entry_kf_dsq_peek(SCX_DSQ_GLOBAL), nullptr);
	EXPECT_NE(take_error().find("only a scheduler's own queues can be looked into"),
		  std::string::npos);
	EXPECT_EQ(scx_entry_kf_dsq_peek(77), nullptr);
	EXPECT_NE(take_error().find("scx_bpf_dsq_peek(0x4d): no such queue"), std::string::npos);
	EXPECT_EQ(scx_entry_kf_create_dsq(77, -1), 0);
	EXPECT_EQ(scx_entry_kf_dsq_peek(77), nullptr);
}

// ---- Loads with many tasks, and tables that cannot work ----

TEST_F(Lifecycle, ManyTasksAreVisitedInBatches)
{
	watched = "";
	for (int i = 0; i < 3 * static_cast<int>(SCX_OPS_TASK_ITER_BATCH); ++i)
		machine.create_task("t");
	load(tracing());

	size_t inits = 0;

	for (size_t at = trace.find("init "); at != trace.npos; at = trace.find("init ", at + 1))
		++inits;
	EXPECT_EQ(inits, 3U * SCX_OPS_TASK_ITER_BATCH);
}

TEST_F(Lifecycle, EnqLastNeedsAnEnqueue)
{
	Scheduler scheduler;

	scheduler.flags = SCX_OPS_ENQ_LAST;
	EXPECT_EQ(try_load(scheduler), 0);
	ASSERT_TRUE(exited);
	EXPECT_EQ(exited->message, "SCX_OPS_ENQ_LAST requires ops.enqueue() to be implemented");
}

} // namespace
} // namespace host
