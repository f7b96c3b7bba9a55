// SPDX-License-Identifier: GPL-2.0
// A dispatch queue against a plain vector: insertions at both ends or by virtual time, removals,
// and two iterators, one forwards and one backwards, that are parked in between.
#include "core_target.hpp"

#include "core/queues.hpp"

#include <algorithm>

namespace {

constexpr u32 kTasks = 12;
constexpr u64 kQueue = 1;

struct Iterator {
	bpf_iter_scx_dsq opaque{};
	bool open = false;
	std::vector<task_struct*> returned;
};

class Target {
public:
	explicit Target(fuzz::Bytes bytes) : bytes_{bytes}
	{
		if (scx_entry_init() || scx_entry_kf_create_dsq(kQueue, -1))
			fuzz::violation("there is no queue");
		dsq_ = machine_.queues.at(kQueue);
		for (task_struct& p : tasks_) {
			scx::list::init(p.scx.dsq_list.node);
			scx::rbtree::clear_node(p.scx.dsq_priq);
			p.scx.holding_cpu = -1;
		}
	}

	void run()
	{
		by_vtime_ = bytes_.next() & 1;
		for (u32 left = 256; left && !bytes_.empty(); --left) {
			act();
			compare();
		}
		close(forward_);
		close(backward_);
		for (task_struct& p : tasks_)
			if (p.scx.dsq)
				remove(p);
		scx_entry_exit();
	}

private:
	void act()
	{
		u32 const what = bytes_.next();
		task_struct& p = tasks_[what >> 3 & 0xf % kTasks];

		switch (what & 7) {
		case 0:
		case 1:
		case 2:
			return p.scx.dsq ? remove(p) : insert(p, what & 7);
		case 3:
			if (p.scx.dsq)
				remove(p);
			return;
		case 4:
			return step(forward_, 0);
		case 5:
			return step(backward_, SCX_DSQ_ITER_REV);
		case 6:
			return close(forward_);
		default:
			return close(backward_);
		}
	}

	void insert(task_struct& p, u32 kind)
	{
		if (by_vtime_) {
			// Around the point where virtual time wraps.
			p.scx.dsq_vtime = static_cast<u64>(bytes_.next()) - 128;
			check(scx::dispatch_queue::insert(*dsq_, p, SCX_ENQ_DSQ_PRIQ));

			auto const after = std::find_if(
				model_.begin(), model_.end(), [&p](task_struct* other) {
					return scx::before(p.scx.dsq_vtime, other->scx.dsq_vtime);
				});

			model_.insert(after, &p);
		} else if (kind) {
			check(scx::dispatch_queue::insert(*dsq_, p, 0));
			model_.push_back(&p);
		} else {
			check(scx::dispatch_queue::insert(*dsq_, p, SCX_ENQ_HEAD));
			model_.insert(model_.begin(), &p);
		}
	}

	static void check(scx::dispatch_queue::Misuse misuse)
	{
		if (misuse != scx::dispatch_queue::Misuse::none)
			fuzz::violation("an insertion was called misuse");
	}

	void remove(task_struct& p)
	{
		scx::dispatch_queue::unlink(*dsq_, p);
		p.scx.dsq = nullptr;
		std::erase(model_, &p);
		// If it comes back it is another one to an iterator.
		std::erase(forward_.returned, &p);
		std::erase(backward_.returned, &p);
	}

	void step(Iterator& it, u64 flags)
	{
		kshim_rcu_read_lock();
		if (!std::exchange(it.open, true) &&
		    scx_entry_kf_iter_new(&it.opaque, kQueue, flags))
			fuzz::violation("no iterator over a queue that exists");
		if (task_struct* const p = scx_entry_kf_iter_next(&it.opaque)) {
			if (std::find(model_.begin(), model_.end(), p) == model_.end())
				fuzz::violation("an iterator returned a task that is not queued");
			if (std::find(it.returned.begin(), it.returned.end(), p) !=
			    it.returned.end())
				fuzz::violation("an iterator returned a task twice");
			it.returned.push_back(p);
		} else {
			close(it);
		}
		kshim_rcu_read_unlock();
	}

	static void close(Iterator& it)
	{
		if (std::exchange(it.open, false))
			scx_entry_kf_iter_destroy(&it.opaque);
		it.returned.clear();
	}

	void compare()
	{
		size_t place = 0;

		for (task_struct* p = scx::dispatch_queue::next(*dsq_, nullptr); p;
		     p = scx::dispatch_queue::next(*dsq_, &p->scx.dsq_list.node))
			if (place == model_.size() || model_[place++] != p)
				fuzz::violation("the queue is in another order than the model");
		if (place != model_.size() || dsq_->nr != place)
			fuzz::violation("the queue has another length than the model");
		for (task_struct* p = scx::dispatch_queue::previous(*dsq_, nullptr); p;
		     p = scx::dispatch_queue::previous(*dsq_, &p->scx.dsq_list.node))
			if (!place || model_[--place] != p)
				fuzz::violation("backwards the queue is in another order");
	}

	fuzz::Bytes bytes_;
	host::Machine machine_{{.cpus = 1}};
	scx_dispatch_q* dsq_ = nullptr;
	task_struct tasks_[kTasks]{};
	std::vector<task_struct*> model_;
	Iterator forward_, backward_;
	bool by_vtime_ = false;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(uint8_t const* data, size_t size)
{
	fuzz::Complaints complaints;
	Target target{{data, size}};

	target.run();
	return 0;
}
