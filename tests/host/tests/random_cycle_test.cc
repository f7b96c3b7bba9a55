// SPDX-License-Identifier: GPL-2.0
// A whole machine under a scheduler that decides at random, with everything that can happen to
// tasks happening at random, and after each step every task exactly where it must be.
#include "tests/random.hpp"
#include "tests/scheduler.hpp"

#include "core/direct_dispatch.hpp"
#include "core/dsq_iterator.hpp"
#include "core/enqueue.hpp"
#include "core/ownership.hpp"
#include "core/queues.hpp"

#include <algorithm>
#include <map>

namespace host {
namespace {

constexpr s32 kCpus = 4;
constexpr u64 kFifo = 1;
constexpr u64 kVtime = 2;

class RandomCycle : public SmtModuleTest {
protected:
	void TearDown() override { unload(); }

	void run(unsigned seed)
	{
		SCOPED_TRACE("SCX_SEED=" + std::to_string(seed));
		random = Random{seed};
		kept.clear();
		off.clear();
		for (int i = 0; i < 8; ++i)
			tasks.push_back(&machine.create_task(("t" + std::to_string(i)).c_str(),
							     {.cpu = random_cpu()}));
		load(scheduler());
		for (int step = 0; step < 400 && !HasFailure(); ++step) {
			act();
			forgive();
			check();
		}
		finish();
	}

private:
	[[nodiscard]] s32 random_cpu() { return static_cast<s32>(random.below(kCpus)); }

	[[nodiscard]] u64 random_queue()
	{
		switch (random.below(5)) {
		case 0:
			return SCX_DSQ_GLOBAL;
		case 1:
			return SCX_DSQ_LOCAL;
		case 2:
			return SCX_DSQ_LOCAL_ON | static_cast<u64>(random_cpu());
		default:
			return kFifo;
		}
	}

	void dispatch(task_struct* p)
	{
		u64 const flags = random.one_in(4) ? u64{SCX_ENQ_PREEMPT} : 0;
		u64 const slice = random.below(5) * 1'000'000;

		if (random.one_in(3))
			bpf::dispatch_vtime(p, kVtime, random.below(20), slice, flags);
		else
			bpf::dispatch(p, random_queue(), slice, flags);
	}

	void enqueue(task_struct* p)
	{
		if (random.one_in(2))
			dispatch(p);
		else
			kept.push_back(p); // may be there twice: a stale verdict in the making
	}

	void dispatch_some()
	{
		for (unsigned i = random.below(4); i && !kept.empty(); --i) {
			std::swap(random.element(kept), kept.back());
			dispatch(kept.back());
			if (random.one_in(8))
				scx_entry_kf_dispatch_cancel();
			else
				kept.pop_back();
		}
		if (random.one_in(2))
			scx_entry_kf_consume(random.one_in(2) ? kFifo : kVtime);
		if (random.one_in(4))
			walk(random.one_in(2) ? kFifo : kVtime);
	}

	void walk(u64 dsq_id)
	{
		bpf_iter_scx_dsq it{};

		kshim_rcu_read_lock();
		scx_entry_kf_iter_new(&it, dsq_id, random.one_in(2) ? u64{SCX_DSQ_ITER_REV} : 0);
		while (task_struct* p = scx_entry_kf_iter_next(&it)) {
			if (random.one_in(3))
				scx_entry_kf_dispatch_from_dsq(&it, p, random_queue(), 0, false);
			if (random.one_in(5))
				break;
		}
		scx_entry_kf_iter_destroy(&it);
		kshim_rcu_read_unlock();
	}

	Scheduler scheduler()
	{
		return {.select_cpu =
				[this](task_struct* p, s32 previous, u64 flags) {
					bool idle;
					s32 cpu = random_cpu();

					if (random.one_in(2))
						cpu = scx_entry_kf_select_cpu_dfl(p, previous,
										  flags, &idle);
					if (random.one_in(4))
						dispatch(p);
					return cpu;
				},
			.enqueue = [this](task_struct* p, u64) { enqueue(p); },
			.dispatch = [this](s32, task_struct*) { dispatch_some(); },
			.cpu_release =
				[this](s32, scx_cpu_release_args*) {
					if (random.one_in(2))
						scx_entry_kf_reenqueue_local();
				},
			.init =
				[] {
					EXPECT_EQ(scx_entry_kf_create_dsq(kFifo, -1), 0);
					return scx_entry_kf_create_dsq(kVtime, -1);
				},
			.dispatch_max_batch = 8,
			.flags = random.one_in(2) ? u64{SCX_OPS_ENQ_LAST} : 0};
	}

	[[nodiscard]] bool is_off(task_struct* p) const
	{
		return std::find(off.begin(), off.end(), p) != off.end();
	}

	void act()
	{
		task_struct& p = *random.element(tasks);
		s32 const cpu = random_cpu();

		switch (random.below(16)) {
		case 0:
		case 1:
		case 2:
			if (!p.on_rq)
				machine.wake(p, cpu,
					     random.one_in(3) ? SCX_WAKE_SYNC : SCX_WAKE_TTWU);
			break;
		case 3:
			if (Machine::is_running(p) && !is_off(&p))
				machine.sleep(p);
			break;
		case 4:
		case 5:
			machine.schedule(cpu);
			break;
		case 6:
			machine.advance(random.below(3'000'000));
			machine.tick(cpu);
			break;
		case 7:
			machine.run_irq_work(cpu);
			break;
		case 8:
			if (p.on_rq && !Machine::is_running(p) && !is_off(&p)) {
				machine.take_off(p);
				off.push_back(&p);
			}
			break;
		case 9:
			if (!off.empty()) {
				machine.put_back(*off.back());
				off.pop_back();
			}
			break;
		case 10:
			if (!is_off(&p))
				machine.set_affinity(p, random.one_in(2)
								? std::vector<s32>{0, 1, 2, 3}
								: std::vector<s32>{cpu});
			break;
		case 11:
			if (!is_off(&p))
				machine.set_policy(p, SCHED_NORMAL, random.one_in(3));
			break;
		case 12:
			if (!is_off(&p))
				machine.set_nice(p, static_cast<s32>(random.below(40)) - 20);
			break;
		case 13:
			scx_entry_kf_kick_cpu(cpu,
					      random.one_in(2) ? SCX_KICK_PREEMPT : SCX_KICK_IDLE);
			break;
		case 14:
			if (off.empty()) {
				suspended = !suspended;
				scx_entry_suspend(suspended);
			}
			break;
		case 15:
			walk(random.one_in(2) ? kFifo : kVtime);
			break;
		}
	}

	// Affinity changes behind a scheduler's back, and mixing kinds, are its errors.
	void forgive()
	{
		std::string const error = take_error();

		EXPECT_TRUE(error.empty() || error.find("is not among") != error.npos) << error;
	}

	using Places = std::map<task_struct*, std::vector<std::string>>;

	void note_queue(Places& places, scx_dispatch_q& dsq, std::string const& name)
	{
		u32 count = 0;

		for (task_struct* p = scx::dispatch_queue::next(dsq, nullptr); p;
		     p = scx::dispatch_queue::next(dsq, &p->scx.dsq_list.node)) {
			places[p].push_back(name);
			EXPECT_EQ(p->scx.dsq, &dsq) << p->comm;
			++count;
		}
		EXPECT_EQ(scx::dispatch_queue::count(dsq), count) << name;
	}

	void check()
	{
		Places places;

		for (s32 cpu = 0; cpu < kCpus; ++cpu) {
			scx_rq& rq = machine.rq(cpu).scx;

			places[machine.rq(cpu).curr].push_back("running");
			note_queue(places, rq.local_dsq, "local " + std::to_string(cpu));
			for (task_struct& p :
			     cxxrt::IntrusiveList<&task_struct::scx, &sched_ext_entity::dsq_list,
						  &scx_dsq_list_node::node>{
				     rq.ddsp_deferred_locals})
				places[&p].push_back("deferred");
			for (task_struct* p : machine.cpu(cpu).others)
				if (p != machine.rq(cpu).curr)
					places[p].push_back("other class");
		}
		note_queue(places, scx::global_queues.of_cpu(0), "global");
		for (auto [id, dsq] : machine.queues)
			note_queue(places, *dsq, "queue " + std::to_string(id));
		for (task_struct* p : tasks)
			check_task(*p, places[p]);
		check_counts();
	}

	void check_task(task_struct& p, std::vector<std::string> places)
	{
		bool const queued = scx::task_queued(p);
		bool const ext = p.sched_class == &ext_sched_class;

		SCOPED_TRACE(std::string(p.comm) + " with policy " + std::to_string(p.policy));
		if (scx::Ownership{p}.state() == SCX_OPSS_QUEUED)
			places.push_back("scheduler");
		EXPECT_EQ(places.size(), p.on_rq && !is_off(&p) ? 1u : 0u)
			<< testing::PrintToString(places);
		EXPECT_EQ(queued, p.on_rq && ext && !is_off(&p));
		EXPECT_EQ(p.scx.holding_cpu, -1);
		EXPECT_EQ(p.scx.sticky_cpu, -1);
		EXPECT_EQ(scx::list::is_linked(p.scx.runnable_node),
			  queued && !Machine::is_running(p));
		if (!queued) {
			EXPECT_EQ(p.scx.dsq, nullptr);
			EXPECT_FALSE(scx::has_direct_verdict(p));
			EXPECT_EQ(scx::Ownership{p}.word(), 0u);
		}
	}

	void check_counts()
	{
		for (s32 cpu = 0; cpu < kCpus; ++cpu) {
			auto const count =
				std::count_if(tasks.begin(), tasks.end(), [cpu](task_struct* p) {
					return scx::task_cpu(*p) == cpu && scx::task_queued(*p);
				});

			EXPECT_EQ(machine.rq(cpu).scx.nr_running, count) << "CPU " << cpu;
		}
	}

	// Everybody goes home, and nothing is left.
	void finish()
	{
		if (std::exchange(suspended, false))
			scx_entry_suspend(false);
		for (task_struct* p : off)
			machine.put_back(*p);
		off.clear();
		forgive();
		unload();
		machine.settle();
		for (task_struct* p : tasks) {
			EXPECT_NE(p->sched_class, &ext_sched_class);
			EXPECT_EQ(p->scx.flags & SCX_TASK_STATE_MASK, 0u);
		}
		EXPECT_TRUE(machine.queues.empty());
		for (bool ran = true; std::exchange(ran, false);)
			for (task_struct* p : tasks)
				if (Machine::is_running(*p)) {
					machine.sleep(*p);
					ran = true;
				}
		for (task_struct* p : tasks) {
			EXPECT_EQ(p->on_rq, 0) << p->comm << " is lost";
			machine.free_task(*p);
		}
		tasks.clear();
	}

	Random random{0};
	std::vector<task_struct*> tasks;
	std::vector<task_struct*> kept; // what the scheduler was given, and has not dispatched
	std::vector<task_struct*> off;  // taken off by the test
	bool suspended = false;
};

TEST_F(RandomCycle, EveryTaskIsWhereItMustBe)
{
	for (unsigned seed : seeds(25)) {
		run(seed);
		if (HasFailure())
			return;
	}
}

} // namespace
} // namespace host
