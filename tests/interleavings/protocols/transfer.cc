// SPDX-License-Identifier: GPL-2.0
// The holding CPU: CPUs take a task out of a shared queue to their own while it is requeued on the
// CPU that it comes from, or runs there.
#include "protocols/protocols.hpp"

namespace explore {
namespace {

class Transfer final : public Play {
public:
	// What the task's own CPU does meanwhile.
	enum Home { dequeue, requeue_it, schedule };

	Transfer(Home home, s32 takers) : Play{3}, home_{home}, takers_{takers}
	{
		auto own = scheduler();

		own.enqueue = [](task_struct* p, u64) { host::bpf::dispatch(p, kQueue); };
		own.dispatch = [](s32, task_struct*) { scx_entry_kf_consume(kQueue); };
		load(std::move(own));
		a_ = &machine.create_task("a");
		machine.settle();
		machine.wake(*a_);
		watch_queue();
		watch(a_->scx.holding_cpu, "holding_cpu");
	}

	std::vector<Actor> actors() override
	{
		std::vector<Actor> all{{0, [this] { at_home(); }}};

		for (s32 cpu = 1; cpu <= takers_; ++cpu)
			all.push_back({cpu, [this, cpu] { machine.schedule(cpu); }});
		return all;
	}

	void verify() override
	{
		require_one_place(*a_);
		require_no_idling();
	}

private:
	void at_home()
	{
		if (home_ == schedule)
			machine.schedule(0);
		else
			requeue(*a_, home_ == requeue_it);
	}

	task_struct* a_;
	Home home_;
	s32 takers_;
};

constexpr char kInvariant[] =
	"of those who take a task from a shared queue at most one gets it, none if its own CPU "
	"dequeued it meanwhile; it changes CPUs only under its runqueue's lock; it is never in two "
	"queues or in none";

} // namespace

void add_transfer(std::vector<Protocol>& to)
{
	to.push_back({"transfer-dequeue", kInvariant, make<Transfer, Transfer::dequeue, 1>, 6});
	to.push_back({"transfer-requeue", kInvariant, make<Transfer, Transfer::requeue_it, 1>, 5});
	to.push_back(
		{"transfer-two-takers", kInvariant, make<Transfer, Transfer::requeue_it, 2>, 2});
	to.push_back({"transfer-and-run", kInvariant, make<Transfer, Transfer::schedule, 2>, 2});
}

} // namespace explore
