// SPDX-License-Identifier: GPL-2.0
// Kicks.
#include "tests/scheduler.hpp"

#include "core/cpumask.hpp"

#include <atomic>
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

TEST_F(Kick, HigherClassesAreLeftAlone)
{
	task_struct& rt = machine.create_task("rt", {.cpu = 1, .allowed = {1}, .realtime = true});

	machine.wake(rt);
	machine.settle();
	machine.cpu(1).reschedules = 0;
	scx_entry_kf_kick_cpu(1, SCX_KICK_PREEMPT | SCX_KICK_WAIT);
	machine.run_irq_work(0);
	EXPECT_EQ(machine.cpu(1).reschedules, 0);
	EXPECT_TRUE(scx::mask_empty(*asked().cpus_to_wait)) << "nor waited for";
	EXPECT_FALSE(asked().flags & scx::kRqMustWait);

	// Its lock is dropped in the middle of a balance, which found nothing so far.
	machine.rq(1).scx.flags |= SCX_RQ_IN_BALANCE;
	scx_entry_kf_kick_cpu(1, 0);
	machine.run_irq_work(0);
	EXPECT_EQ(machine.cpu(1).reschedules, 1);
	machine.rq(1).scx.flags &= ~SCX_RQ_IN_BALANCE;
	machine.sleep(rt);
}

TEST_F(Kick, AnIdleCpuIsNotWaitedFor)
{
	scx_entry_kf_kick_cpu(1, SCX_KICK_WAIT);
	machine.run_irq_work(0);
	EXPECT_EQ(machine.cpu(1).reschedules, 1);
	EXPECT_FALSE(asked().flags & scx::kRqMustWait);
}

// The CPUs as threads.
class KickWait : public Kick {
protected:
	void SetUp() override
	{
		Kick::SetUp();
		for (s32 cpu = 0; cpu < 3; ++cpu)
			run(("t" + std::to_string(cpu)).c_str(), cpu);
		machine.threaded = true;
	}

	void TearDown() override { machine.threaded = false; }
};

// Asks without the lock, as has_scheduled() does.
[[gnu::noinline]] bool is_waiting(struct rq const& rq)
{
	return scx::read_once(rq.scx.flags) & scx::kRqWaiting;
}

TEST_F(KickWait, BeginsWhenThisCpuSchedulesAndEndsWhenTheOtherHas)
{
	std::atomic<bool> scheduled{false}, interrupted{false};

	scx_entry_kf_kick_cpu(1, SCX_KICK_WAIT);
	machine.run_irq_work(0);
	EXPECT_TRUE(machine.cpu(0).need_resched) << "the interrupt itself does not wait";
	EXPECT_TRUE(machine.cpu(1).need_resched);

	std::thread other{[&] {
		machine.act_on(1);
		while (!is_waiting(machine.rq(0)))
			std::this_thread::yield();
		interrupted = !machine.cpu(0).irqs_off;
		scheduled = true;
		machine.schedule(1);
	}};

	machine.schedule(0);
	EXPECT_TRUE(scheduled);
	EXPECT_TRUE(interrupted) << "waits with interrupts on";
	other.join();
	EXPECT_TRUE(scx::mask_empty(*asked().cpus_to_wait));
	EXPECT_FALSE(asked().flags & (scx::kRqWaiting | scx::kRqMustWait));
	EXPECT_FALSE(asked().cpu_released) << "the next balance is an ordinary one";
}

// Each CPU kicks the next one and waits for it, again and again. In the kernel's own
// implementation the first round never ends.
TEST_F(KickWait, RingsEnd)
{
	std::vector<std::thread> cpus;
	std::atomic<int> arrived{0}, done{0};

	for (s32 cpu = 0; cpu < 3; ++cpu)
		cpus.emplace_back([&, cpu] {
			machine.act_on(cpu);
			for (int round = 1; round <= 50; ++round) {
				scx_entry_kf_kick_cpu((cpu + 1) % 3,
						      SCX_KICK_WAIT | SCX_KICK_PREEMPT);
				machine.run_irq_work(cpu);
				// At first all have kicked before anybody schedules.
				++arrived;
				while (arrived < 3)
					std::this_thread::yield();
				machine.schedule(cpu);
			}
			// A CPU that was kicked schedules some time.
			for (++done; done < 3; std::this_thread::yield())
				machine.schedule(cpu);
		});
	for (std::thread& cpu : cpus)
		cpu.join();
	for (s32 cpu = 0; cpu < 3; ++cpu)
		EXPECT_TRUE(scx::mask_empty(*machine.rq(cpu).scx.cpus_to_wait));
}

// On 4096 CPUs an array of CPUs per CPU would be 128 MB.
TEST(PerCpuMemory, OfACpuDoesNotGrowWithTheNumberOfCpus)
{
	auto const bytes = [](s32 cpus) {
		Machine machine{{.cpus = cpus}};

		EXPECT_EQ(scx_entry_init(), 0);
		size_t const per_cpu = machine.percpu_bytes;

		scx_entry_exit();
		return per_cpu;
	};

	EXPECT_EQ(bytes(2), bytes(1024));
	EXPECT_LT(bytes(2), 256u);
}

} // namespace
} // namespace host
