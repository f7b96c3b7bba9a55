// SPDX-License-Identifier: GPL-2.0
// Kicks.
#include "tests/scheduler.hpp"

#include "core/cpumask.hpp"

#include <thread>

namespace host {
namespace {

class Kick : public ModuleTest {
protected:
	void SetUp() override
	{
		load({.enqueue = [](task_struct* p, u64) { bpf::dispatch(p, SCX_DSQ_LOCAL); }});
		machine.settle();
		for (s32 cpu = 0; cpu < 4; ++cpu)
			machine.cpu(cpu).reschedules = 0;
	}

	task_struct& run(char const* name, s32 cpu)
	{
		task_struct& p = machine.create_task(name, {.cpu = cpu, .allowed = {cpu}});

		machine.wake(p);
		machine.settle();
		machine.cpu(cpu).reschedules = 0;
		return p;
	}

	scx_rq& asked() { return machine.rq(0).scx; }
};

TEST_F(Kick, IsCarriedOutByAnInterruptOfTheAsker)
{
	scx_entry_kf_kick_cpu(2, 0);
	EXPECT_TRUE(scx::mask_test(*asked().cpus_to_kick, 2));
	EXPECT_EQ(machine.cpu(2).reschedules, 0);
	EXPECT_EQ(machine.run_irq_work(0), 1);
	EXPECT_EQ(machine.cpu(2).reschedules, 1);
	EXPECT_TRUE(scx::mask_empty(*asked().cpus_to_kick));
}

TEST_F(Kick, SeveralAreOneInterrupt)
{
	for (s32 cpu : {1, 2, 2, 3})
		scx_entry_kf_kick_cpu(cpu, 0);
	EXPECT_EQ(machine.run_irq_work(0), 1);
	for (s32 cpu : {1, 2, 3})
		EXPECT_EQ(machine.cpu(cpu).reschedules, 1);
	EXPECT_EQ(machine.run_irq_work(0), 0);
}

TEST_F(Kick, PreemptEndsTheSlice)
{
	task_struct& a = run("a", 1);

	scx_entry_kf_kick_cpu(1, SCX_KICK_PREEMPT);
	machine.run_irq_work(0);
	EXPECT_EQ(a.scx.slice, 0u);
	EXPECT_TRUE(machine.cpu(1).need_resched);
	EXPECT_TRUE(scx::mask_empty(*asked().cpus_to_preempt));
}

TEST_F(Kick, WithoutPreemptTheSliceStays)
{
	task_struct& a = run("a", 1);

	scx_entry_kf_kick_cpu(1, 0);
	machine.run_irq_work(0);
	EXPECT_EQ(a.scx.slice, u64{SCX_SLICE_DFL});
}

TEST_F(Kick, IdleLeavesBusyCpusAlone)
{
	run("a", 1);
	scx_entry_kf_kick_cpu(1, SCX_KICK_IDLE);
	EXPECT_EQ(machine.run_irq_work(0), 0);
	EXPECT_EQ(machine.cpu(1).reschedules, 0);
	scx_entry_kf_kick_cpu(2, SCX_KICK_IDLE);
	EXPECT_EQ(machine.run_irq_work(0), 1);
	EXPECT_EQ(machine.cpu(2).reschedules, 1);
	EXPECT_TRUE(scx::mask_empty(*asked().cpus_to_kick_if_idle));
}

TEST_F(Kick, IdleLooksAgainInTheInterrupt)
{
	scx_entry_kf_kick_cpu(1, SCX_KICK_IDLE);
	// The asker's interrupt comes late.
	std::vector<irq_work*> late;

	late.swap(machine.cpu(0).irq_works);
	run("a", 1);
	machine.cpu(0).irq_works = late;
	machine.run_irq_work(0);
	EXPECT_EQ(machine.cpu(1).reschedules, 0);
}

TEST_F(Kick, IdleOfALockedCpuIsDecidedLater)
{
	run("a", 1);
	{
		auto const locked = machine.lock(1);

		machine.act_on(0);
		scx_entry_kf_kick_cpu(1, SCX_KICK_IDLE);
		machine.act_on(1);
	}
	EXPECT_EQ(machine.run_irq_work(0), 1);
	EXPECT_EQ(machine.cpu(1).reschedules, 0);
}

TEST_F(Kick, IdleExcludesTheOthers)
{
	scx_entry_kf_kick_cpu(1, SCX_KICK_IDLE | SCX_KICK_PREEMPT);
	EXPECT_NE(take_error().find("SCX_KICK_IDLE excludes"), std::string::npos);
	machine.settle();
}

TEST_F(Kick, AFullKickCoversAnIdleOne)
{
	scx_entry_kf_kick_cpu(2, SCX_KICK_IDLE);
	scx_entry_kf_kick_cpu(2, 0);
	machine.run_irq_work(0);
	EXPECT_EQ(machine.cpu(2).reschedules, 1);
}

TEST_F(Kick, OfflineCpusAreLeftAlone)
{
	scx::mask_test_and_clear(__cpu_online_mask, 2);
	scx_entry_kf_kick_cpu(2, SCX_KICK_WAIT);
	machine.run_irq_work(0);
	EXPECT_EQ(machine.cpu(2).reschedules, 0);
	EXPECT_TRUE(scx::mask_empty(*asked().cpus_to_wait)) << "nor waited for";
	scx::mask_set(__cpu_online_mask, 2);
}

TEST_F(Kick, AnOfflineCpuMayKickItself)
{
	scx::mask_test_and_clear(__cpu_online_mask, 0);
	scx_entry_kf_kick_cpu(0, 0);
	machine.run_irq_work(0);
	EXPECT_EQ(machine.cpu(0).reschedules, 1);
	scx::mask_set(__cpu_online_mask, 0);
}

TEST_F(Kick, BadCpusAreAnError)
{
	scx_entry_kf_kick_cpu(4, 0);
	EXPECT_NE(take_error().find("CPU 4"), std::string::npos);
	scx_entry_kf_kick_cpu(-1, 0);
	EXPECT_NE(take_error().find("CPU -1"), std::string::npos);
}

TEST_F(Kick, BypassDropsThem)
{
	scx_entry_suspend(true);
	machine.settle();
	machine.cpu(2).reschedules = 0;
	scx_entry_kf_kick_cpu(2, 0);
	EXPECT_EQ(machine.run_irq_work(0), 0);
	scx_entry_suspend(false);
}

TEST_F(Kick, WaitingForOneselfDoesNotHang)
{
	scx_entry_kf_kick_cpu(0, SCX_KICK_WAIT);
	EXPECT_EQ(machine.run_irq_work(0), 1);
	EXPECT_EQ(machine.cpu(0).reschedules, 1);
}

TEST_F(Kick, WaitEndsWhenTheCpuHasRescheduled)
{
	task_struct& a = run("a", 1);

	machine.threaded = true;
	std::thread other{[&] {
		machine.act_on(1);
		while (!scx::load_acquire(machine.rq(0).scx.cpus_to_wait[0].bits[0]))
			std::this_thread::yield();
		std::this_thread::sleep_for(std::chrono::milliseconds(3));
		machine.sleep(a);
	}};

	unsigned long const before = machine.rq(1).scx.pnt_seq;

	scx_entry_kf_kick_cpu(1, SCX_KICK_WAIT);
	machine.run_irq_work(0);
	EXPECT_NE(scx::load_acquire(machine.rq(1).scx.pnt_seq), before);
	other.join();
	EXPECT_TRUE(scx::mask_empty(*asked().cpus_to_wait));
	machine.threaded = false;
}

} // namespace
} // namespace host
