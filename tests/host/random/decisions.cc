// SPDX-License-Identifier: GPL-2.0
#include "random/decisions.hpp"

#include "core/ownership.hpp"

#include <algorithm>
#include <array>

namespace host::random {

void Decisions::note(unsigned what, task_struct const* p, u64 more)
{
	digest_ = (digest_ ^ (what + 31ull * static_cast<u64>(p ? p->pid : 0) + 1009 * more)) *
		  0x100000001b3;
}

s32 Decisions::cpu_for(task_struct const* p)
{
	auto const any = static_cast<s32>(dice_.below(setting_.cpus));

	if (mistakes_ || (scx::mask_test(*p->cpus_ptr, any) && scx::cpu_active(any)))
		return any;
	return scx::task_cpu(*p);
}

u64 Decisions::queue_for(task_struct const* p)
{
	switch (dice_.below(5)) {
	case 0:
		return SCX_DSQ_GLOBAL;
	case 1:
		// That of the CPU that dispatches: for a task that may not run there a mistake.
		return scx::mask_test(*p->cpus_ptr, Machine::acting_on()) || mistakes_
			       ? SCX_DSQ_LOCAL
			       : SCX_DSQ_GLOBAL;
	case 2:
		return SCX_DSQ_LOCAL_ON | static_cast<u64>(cpu_for(p));
	default:
		return kFifo;
	}
}

// A task that is dispatched although it is not the scheduler's keeps its virtual time: it may be
// in a queue that is ordered by it.
void Decisions::dispatch(task_struct* p, bool owned)
{
	u64 const flags = dice_.one_in(4)   ? u64{SCX_ENQ_PREEMPT}
			  : dice_.one_in(4) ? u64{SCX_ENQ_HEAD}
					    : 0;
	u64 const slice = dice_.one_in(20) ? SCX_SLICE_INF : dice_.below(5) * 1'000'000ull;

	if (owned && dice_.one_in(3))
		bpf::dispatch_vtime(p, kVtime, dice_.below(20), slice, flags);
	else
		bpf::dispatch(p, queue_for(p), slice, flags);
}

void Decisions::dispatch_some(s32 cpu)
{
	note(20, nullptr, static_cast<u64>(cpu));
	for (u32 i = dice_.below(4); i && !kept_.empty(); --i) {
		std::swap(kept_[dice_.below(kept_.size())], kept_.back());

		task_struct* const p = kept_.back();

		dispatch(p, scx::Ownership{*p}.state() == SCX_OPSS_QUEUED);
		if (dice_.one_in(8))
			scx_entry_kf_dispatch_cancel();
		else
			kept_.pop_back();
	}
	if (dice_.one_in(2))
		scx_entry_kf_consume(dice_.one_in(2) ? kFifo : kVtime);
	if (dice_.one_in(8))
		walk();
}

void Decisions::walk()
{
	bpf_iter_scx_dsq it{};
	u64 const id = dice_.one_in(2) ? kFifo : kVtime;

	kshim_rcu_read_lock();
	scx_entry_kf_iter_new(&it, id, dice_.one_in(2) ? u64{SCX_DSQ_ITER_REV} : 0);
	for (u32 left = 8; left; --left) {
		task_struct* const p = scx_entry_kf_iter_next(&it);

		if (!p)
			break;
		note(21, p, id);
		if (dice_.one_in(3)) {
			if (dice_.one_in(3))
				scx_entry_kf_iter_set_slice(&it, 1'000'000);
			if (dice_.one_in(3))
				scx_entry_kf_iter_set_vtime(&it, dice_.below(20));
			scx_entry_kf_dispatch_from_dsq(&it, p, queue_for(p), 0, false);
		}
	}
	scx_entry_kf_iter_destroy(&it);
	kshim_rcu_read_unlock();
}

// Which ends are in order: those that were asked for, and those of schedulers that make mistakes.
void Decisions::ended(scx_exit_info const& info)
{
	static constexpr std::array kMistakes = {
		"is not among those", // affinity
		"failed to run for",  // starved
		"watchdog failed to check in",
		"ops.init_task() failed",
		"loading the scheduler failed",
		"ops.init() failed (-12)", // no memory for a queue
	};
	std::string const message = info.msg;

	note(22, nullptr, info.kind);
	lives_.end();
	kept_.clear();
	if (info.kind < SCX_EXIT_ERROR)
		return;
	for (char const* mistake : kMistakes)
		if (message.find(mistake) != message.npos)
			return;
	misbehaviour_ = message;
}

void Decisions::tell(Scheduler& scheduler)
{
	scheduler.runnable = [this](task_struct* p, u64) {
		note(1, p);
		lives_.runnable(p);
	};
	scheduler.running = [this](task_struct* p) {
		note(2, p);
		lives_.running(p);
	};
	scheduler.stopping = [this](task_struct* p, bool runnable) {
		note(3, p, runnable);
		lives_.stopping(p);
	};
	scheduler.quiescent = [this](task_struct* p, u64) {
		note(4, p);
		lives_.quiescent(p);
	};
	scheduler.enable = [this](task_struct* p) {
		note(5, p);
		lives_.enable(p);
	};
	scheduler.disable = [this](task_struct* p) {
		note(6, p);
		lives_.disable(p);
	};
	scheduler.init_task = [this](task_struct* p, scx_init_task_args*) {
		if (mistakes_ && dice_.one_in(200))
			return cxxrt::kEnomem.negative();
		lives_.init(p);
		return 0;
	};
	scheduler.exit_task = [this](task_struct* p, scx_exit_task_args*) {
		note(7, p);
		lives_.exit(p);
	};
	scheduler.exit = [this](scx_exit_info* info) { ended(*info); };
}

Scheduler Decisions::draw()
{
	Scheduler drawn;

	mistakes_ = setting_.careless && dice_.one_in(10);
	kept_.clear();
	tell(drawn);
	if (!dice_.one_in(6))
		drawn.select_cpu = [this](task_struct* p, s32 previous, u64 flags) {
			bool idle;
			s32 cpu = cpu_for(p);

			if (dice_.one_in(2))
				cpu = scx_entry_kf_select_cpu_dfl(p, previous, flags, &idle);
			if (dice_.one_in(4))
				dispatch(p, true);
			note(8, p, static_cast<u64>(cpu));
			return cpu;
		};
	if (!dice_.one_in(6))
		drawn.enqueue = [this](task_struct* p, u64 flags) {
			note(9, p, flags);
			lives_.enqueue(p);
			if (dice_.one_in(2))
				dispatch(p, true);
			else
				kept_.push_back(p);
		};
	drawn.dispatch = [this](s32 cpu, task_struct*) { dispatch_some(cpu); };
	if (dice_.one_in(2)) {
		drawn.cpu_release = [this](s32 cpu, scx_cpu_release_args*) {
			lives_.release(cpu);
			if (dice_.one_in(2))
				scx_entry_kf_reenqueue_local();
		};
		drawn.cpu_acquire = [this](s32 cpu, scx_cpu_acquire_args*) { lives_.acquire(cpu); };
	}
	if (dice_.one_in(2)) {
		drawn.cpu_online = [](s32) {};
		drawn.cpu_offline = [](s32) {};
	}
	drawn.init = [] {
		s32 const failed = scx_entry_kf_create_dsq(kFifo, -1);

		return failed ? failed : scx_entry_kf_create_dsq(kVtime, -1);
	};
	drawn.dispatch_max_batch = 8;
	drawn.flags = (dice_.one_in(3) && drawn.enqueue ? u64{SCX_OPS_ENQ_LAST} : 0) |
		      (dice_.one_in(3) ? u64{SCX_OPS_SWITCH_PARTIAL} : 0) |
		      (dice_.one_in(3) ? u64{SCX_OPS_ENQ_EXITING} : 0);
	return drawn;
}

} // namespace host::random
