// SPDX-License-Identifier: GPL-2.0
// Iterators over a queue whose tasks come and go, and that goes itself.
#include "protocols/protocols.hpp"

#include <algorithm>

namespace explore {
namespace {

class Iterator : public Play {
protected:
	// Task 1 is task "b", and so on; all of CPU 0, in the queue.
	explicit Iterator(u32 tasks) : Play{3}
	{
		auto own = scheduler();

		own.enqueue = [](task_struct* p, u64) { host::bpf::dispatch(p, kQueue); };
		own.dispatch = [](s32, task_struct*) { scx_entry_kf_consume(kQueue); };
		load(std::move(own));
		machine.settle();
		for (u32 i = 0; i < tasks; ++i) {
			char const name[] = {static_cast<char>('a' + i), '\0'};

			tasks_.push_back(&machine.create_task(name));
			machine.wake(*tasks_.back());
		}
		watch_queue();
		watch(machine.queues.at(kQueue)->seq, "seq of the queue");
		watch(scx::user_queues::shortcuts[kQueue % scx::user_queues::kShortcuts],
		      "shortcut to the queue");
		// An iterator that moves a task asks which queue it names, without that queue's
		// lock if it is another one; any answer but its own queue means that it has gone.
		for (task_struct* p : tasks_) {
			pardon(&p->scx.dsq, sizeof(p->scx.dsq));
			watch(p->scx.holding_cpu, "holding_cpu");
		}
	}

	// Over the queue, from CPU 1, as a timer's program would.
	template <typename Visit>
	void walk(Visit&& visit)
	{
		bpf_iter_scx_dsq it{};

		kshim_rcu_read_lock();
		scx_entry_kf_iter_new(&it, kQueue, 0);
		while (task_struct* p = scx_entry_kf_iter_next(&it))
			if (!visit(it, *p))
				break;
		scx_entry_kf_iter_destroy(&it);
		kshim_rcu_read_unlock();
	}

	void require_whole_queue()
	{
		scx_dispatch_q& dsq = *machine.queues.at(kQueue);
		u32 nodes = 0;

		for (list_head* node = dsq.list.next; node != &dsq.list; node = node->next)
			++nodes;
		require(nodes == dsq.nr, "a cursor is left in the queue, or a task is not counted");
		for (task_struct* p : tasks_)
			require_one_place(*p);
		require_no_idling();
	}

	std::vector<task_struct*> tasks_;
};

class Look final : public Iterator {
public:
	explicit Look(bool to_the_end) : Iterator{3}, to_the_end_{to_the_end} {}

	std::vector<Actor> actors() override
	{
		return {{0, [this] { requeue(*tasks_[1]); }},
			{1,
			 [this] {
				 walk([this](auto&, task_struct& p) {
					 seen_.push_back(&p);
					 return to_the_end_;
				 });
			 }},
			{2, [this] { machine.schedule(2); }}};
	}

	void verify() override
	{
		auto const times = [this](task_struct* p) {
			return std::count(seen_.begin(), seen_.end(), p);
		};

		// The first may be taken before, the second moves to the end behind the iterator's
		// back; the third stays.
		require(times(tasks_[0]) <= 1 && times(tasks_[1]) <= 1, "a task was seen twice");
		require(!to_the_end_ || times(tasks_[2]) == 1 || machine.rq(2).curr == tasks_[2],
			"a task that stayed was not seen");
		require_whole_queue();
	}

private:
	bool to_the_end_;
	std::vector<task_struct*> seen_;
};

class Move final : public Iterator {
public:
	Move() : Iterator{1} {}

	std::vector<Actor> actors() override
	{
		return {{0, [this] { requeue(*tasks_[0]); }},
			{1,
			 [this] {
				 walk([](bpf_iter_scx_dsq& it, task_struct& p) {
					 IrqsOff const off;

					 scx_entry_kf_dispatch_from_dsq(&it, &p, local_on(1), 0,
									false);
					 return true;
				 });
			 }},
			{2, [this] { machine.schedule(2); }}};
	}

	void verify() override { require_whole_queue(); }

private:
	struct IrqsOff {
		unsigned long flags = kshim_irq_save();
		~IrqsOff() { kshim_irq_restore(flags); }
	};
};

// The queue is destroyed, and its memory given back after a grace period.
class Destroy final : public Iterator {
public:
	Destroy() : Iterator{0} { watch(machine.queues.at(kQueue)->id, "id of the queue"); }

	std::vector<Actor> actors() override
	{
		return {{0,
			 [] {
				 scx_entry_kf_destroy_dsq(kQueue);
				 kshim_synchronize_rcu();
			 }},
			{1, [this] { walk([](auto&, task_struct&) { return true; }); }},
			{2, [this] { machine.schedule(2); }}};
	}

	void verify() override
	{
		require(machine.queues.empty(), "the queue is still there");
		// Who consumed from it was too late: the scheduler's error.
		std::string const error = take_error();

		require(error.empty() || error.find("no such queue") != error.npos, error);
	}
};

// A queue is looked for while it is made.
class Create final : public Iterator {
public:
	Create() : Iterator{0}
	{
		watch(scx::user_queues::shortcuts[kNew % scx::user_queues::kShortcuts],
		      "shortcut to the new queue");
	}

	std::vector<Actor> actors() override
	{
		return {{0, [] { require(!scx_entry_kf_create_dsq(kNew, -1), "no queue"); }},
			{1, [this] { look(); }},
			{2, [this] { look(); }}};
	}

	void verify() override
	{
		kshim_rcu_read_lock();
		require(scx::user_queues::find(kNew) == machine.queues.at(kNew),
			"a queue that was made is not found");
		kshim_rcu_read_unlock();
	}

private:
	static constexpr u64 kNew = kQueue + 1;

	void look()
	{
		bpf_iter_scx_dsq it{};

		kshim_rcu_read_lock();
		if (!scx_entry_kf_iter_new(&it, kNew, 0))
			require(!scx_entry_kf_iter_next(&it), "a new queue has a task");
		scx_entry_kf_iter_destroy(&it);
		kshim_rcu_read_unlock();
	}
};

constexpr char kInvariant[] =
	"an iterator returns no task twice and each that stays once, whatever comes and goes; it "
	"leaves no trace in the queue; it moves only a task that still is where it saw it; who "
	"finds a queue finds it whole, and its memory outlives whoever found it";

} // namespace

void add_iterator(std::vector<Protocol>& to)
{
	to.push_back({"iterator-and-removal", kInvariant, make<Look, true>, 2});
	to.push_back({"iterator-leaves-early", kInvariant, make<Look, false>, 2});
	to.push_back({"iterator-moves", kInvariant, make<Move>, 2});
	to.push_back({"iterator-and-creation", kInvariant, make<Create>, 4});
	to.push_back({"iterator-and-destruction", kInvariant, make<Destroy>, 3});
}

} // namespace explore
