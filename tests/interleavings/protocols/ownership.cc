// SPDX-License-Identifier: GPL-2.0
// Ownership: two CPUs dispatch a task that the scheduler has while a third takes it off its class,
// and puts it back.
#include "protocols/protocols.hpp"

#include "core/dispatch.hpp"

namespace explore {
namespace {

class Ownership final : public Play {
public:
	Ownership(u64 first, u64 second, bool again) : Play{3}, again_{again}, to_{0, first, second}
	{
		auto own = scheduler();

		own.enqueue = [](task_struct*, u64) {}; // it keeps the task
		// As if it had run, and used up what it had been given.
		own.runnable = [](task_struct* p, u64) { p->scx.slice = 0; };
		own.dispatch = [this](s32 cpu, task_struct*) { dispatch(cpu); };
		load(std::move(own));
		a_ = &machine.create_task("a");
		machine.settle();
		machine.wake(*a_);
		watch(a_->scx.ops_state.counter, "ops_state");
		watch(a_->scx.holding_cpu, "holding_cpu");
		// BPF programs write it when they like: scx_bpf_dispatch() of two CPUs, here.
		pardon(&a_->scx.slice, sizeof(a_->scx.slice));
		playing_ = true;
	}

	std::vector<Actor> actors() override
	{
		std::vector<Actor> all{{0, [this] { requeue(*a_, again_); }},
				       {1, [this] { machine.schedule(1); }}};

		if (to_[2])
			all.push_back({2, [this] { machine.schedule(2); }});
		return all;
	}

	void verify() override
	{
		// The brand of its last stay with the scheduler.
		u64 const last = u64{a_->scx.ops_qseq} << SCX_OPSS_QSEQ_SHIFT;
		bool const taken = scx::task_queued(*a_) && !with_scheduler(*a_);

		require(!taken || brands_[1] == last || brands_[2] == last,
			"a verdict about an earlier stay moved the task");
		require(!taken || a_->scx.slice, "it was taken without the slice of the verdict");
		require_one_place(*a_);
		require_no_idling();
		playing_ = false;
	}

private:
	void dispatch(s32 cpu)
	{
		if (!playing_ || std::exchange(given_[cpu], true) || !to_[cpu])
			return;
		host::bpf::dispatch(a_, to_[cpu]);

		scx::DispatchBuffer const& buffer = scx::dispatch_buffers.here();

		brands_[cpu] = buffer.used ? buffer.verdicts[buffer.used - 1].brand : 0;
	}

	task_struct* a_;
	bool playing_ = false;
	bool again_;
	u64 to_[3];
	bool given_[3] = {};
	u64 brands_[3] = {};
};

constexpr u64 kOwnLocal = SCX_DSQ_LOCAL;
constexpr u64 kLocal0 = SCX_DSQ_LOCAL_ON | 0;
constexpr u64 kLocal2 = SCX_DSQ_LOCAL_ON | 2;

constexpr char kInvariant[] = "a task that the scheduler has goes to at most one dispatcher for "
			      "each of its stays, to none "
			      "if a dequeue was first; a verdict about one stay moves no other; "
			      "who gets the task sees all "
			      "that was done to it before, and the verdict's slice";

} // namespace

void add_ownership(std::vector<Protocol>& to)
{
	to.push_back({"ownership-dequeue", kInvariant, make<Ownership, kQueue, 0ull, false>, 6});
	to.push_back({"ownership-requeue", kInvariant, make<Ownership, kQueue, 0ull, true>, 5});
	to.push_back({"ownership-two-dispatchers", kInvariant,
		      make<Ownership, kQueue, kOwnLocal, true>, 2});
	to.push_back({"ownership-to-local", kInvariant, make<Ownership, kOwnLocal, 0ull, true>, 4});
	to.push_back({"ownership-to-other-local", kInvariant,
		      make<Ownership, kLocal2, kLocal0, true>, 2});
}

} // namespace explore
