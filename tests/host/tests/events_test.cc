// SPDX-License-Identifier: GPL-2.0
// What is counted, and when.
#include "tests/scheduler.hpp"

namespace host {
namespace {

class Events : public ModuleTest {
protected:
	// Everything goes where the test says.
	Scheduler to(u64 dsq_id)
	{
		return {.select_cpu = [this](task_struct*, s32 previous,
					     u64) { return chosen < 0 ? previous : chosen; },
			.enqueue = [dsq_id](task_struct* p, u64) { bpf::dispatch(p, dsq_id); }};
	}

	template <auto kEvent>
	[[nodiscard]] static s64 count()
	{
		scx_event_stats events{};

		scx_entry_kf_events(&events, sizeof(events));
		return events.*kEvent;
	}

	s32 chosen = -1;
};

TEST_F(Events, ACpuThatTheTaskMayNotUse)
{
	load(to(SCX_DSQ_LOCAL));
	task_struct& a = machine.create_task("a", {.allowed = {0, 1}});

	chosen = 1;
	machine.wake(a);
	machine.settle();
	EXPECT_EQ(count<&scx_event_stats::SCX_EV_SELECT_CPU_FALLBACK>(), 0);
	machine.sleep(a);
	chosen = 3;
	machine.wake(a);
	EXPECT_EQ(count<&scx_event_stats::SCX_EV_SELECT_CPU_FALLBACK>(), 1);
}

TEST_F(Events, ALastTaskThatIsKept)
{
	load(to(SCX_DSQ_LOCAL));
	task_struct& a = machine.create_task("a");

	machine.wake(a);
	machine.settle();
	EXPECT_EQ(count<&scx_event_stats::SCX_EV_DISPATCH_KEEP_LAST>(), 0);
	a.scx.slice = 0;
	machine.schedule(0);
	EXPECT_EQ(running(0), "a");
	EXPECT_EQ(count<&scx_event_stats::SCX_EV_DISPATCH_KEEP_LAST>(), 1);
	EXPECT_EQ(count<&scx_event_stats::SCX_EV_REFILL_SLICE_DFL>(), 1);
}

TEST_F(Events, ATaskThatExitsIsNotEnqueued)
{
	load(to(SCX_DSQ_LOCAL));
	task_struct& a = machine.create_task("a");

	a.flags |= PF_EXITING;
	machine.wake(a);
	EXPECT_EQ(count<&scx_event_stats::SCX_EV_ENQ_SKIP_EXITING>(), 1);
	a.flags &= ~PF_EXITING;
}

TEST_F(Events, BypassAndHowLongItTook)
{
	load(to(SCX_DSQ_LOCAL));
	s64 const entered = count<&scx_event_stats::SCX_EV_BYPASS_ACTIVATE>();
	s64 const spent = count<&scx_event_stats::SCX_EV_BYPASS_DURATION>();

	EXPECT_EQ(entered, 1) << "loading is one";
	scx_entry_suspend(true);
	machine.wake(machine.create_task("a"));
	machine.advance(5'000'000);
	EXPECT_EQ(count<&scx_event_stats::SCX_EV_BYPASS_ACTIVATE>(), entered + 1);
	EXPECT_GE(count<&scx_event_stats::SCX_EV_BYPASS_DISPATCH>(), 1);
	EXPECT_EQ(count<&scx_event_stats::SCX_EV_BYPASS_DURATION>(), spent);
	scx_entry_suspend(false);
	EXPECT_EQ(count<&scx_event_stats::SCX_EV_BYPASS_DURATION>(), spent + 5'000'000);
}

TEST_F(Events, AnOfflineDestination)
{
	load(to(SCX_DSQ_LOCAL_ON | 1));
	task_struct& a = machine.create_task("a");

	machine.rq(1).scx.flags &= ~SCX_RQ_ONLINE;
	machine.wake(a);
	machine.settle();
	machine.rq(1).scx.flags |= SCX_RQ_ONLINE;
	EXPECT_EQ(count<&scx_event_stats::SCX_EV_DISPATCH_LOCAL_DSQ_OFFLINE>(), 1);
}

TEST_F(Events, EachSchedulerBeginsAtZeroAndALineTellsEach)
{
	char text[1024];

	load(to(SCX_DSQ_LOCAL));
	chosen = 3;
	machine.wake(machine.create_task("a", {.allowed = {0, 1}}));
	unload();
	chosen = -1;
	load(to(SCX_DSQ_LOCAL));
	EXPECT_EQ(count<&scx_event_stats::SCX_EV_SELECT_CPU_FALLBACK>(), 0);

	size_t const length = scx_entry_show_events(text, sizeof(text));
	std::string const shown{text, length};

	EXPECT_EQ(shown.find("SCX_EV_SELECT_CPU_FALLBACK 0\n"), 0u);
	EXPECT_NE(shown.find("\nSCX_EV_BYPASS_ACTIVATE 1\n"), std::string::npos);
	EXPECT_EQ(std::count(shown.begin(), shown.end(), '\n'),
		  static_cast<long>(sizeof(scx_event_stats) / sizeof(s64)));
}

TEST_F(Events, AProgramMayKnowFewer)
{
	struct {
		s64 first, untouched;
	} known{-1, -1};

	load(to(SCX_DSQ_LOCAL));
	scx_entry_kf_events(reinterpret_cast<scx_event_stats*>(&known), sizeof(s64));
	EXPECT_EQ(known.first, 0);
	EXPECT_EQ(known.untouched, -1);
}

} // namespace
} // namespace host
