// SPDX-License-Identifier: GPL-2.0
// Queue order beside a plain model. Single cases are in tests/suites/dispatch_queue.cc.
#include "tests/random.hpp"
#include "tests/scheduler.hpp"

#include "core/dispatch_queue.hpp"

#include <algorithm>
#include <list>

namespace host {
namespace {

namespace queue = scx::dispatch_queue;
using queue::Misuse;

class DispatchQueue : public testing::Test {
protected:
	DispatchQueue() { queue::init(dsq, 7); }

	task_struct& task(char const* name) { return machine.create_task(name); }

	Misuse add(task_struct& p, u64 flags = 0) { return queue::insert(dsq, p, flags); }

	Misuse add_at(task_struct& p, u64 vtime)
	{
		p.scx.dsq_vtime = vtime;
		return queue::insert(dsq, p, SCX_ENQ_DSQ_PRIQ);
	}

	void remove(task_struct& p)
	{
		queue::unlink(dsq, p);
		p.scx.dsq = nullptr;
	}

	[[nodiscard]] std::string order() { return names_in(dsq); }

	[[nodiscard]] std::string backwards()
	{
		std::string names;

		for (task_struct* p = queue::previous(dsq, nullptr); p;
		     p = queue::previous(dsq, &p->scx.dsq_list.node))
			names += p->comm;
		return names;
	}

	Machine machine;
	scx_dispatch_q dsq;
	task_struct& a = task("a");
	task_struct& b = task("b");
	task_struct& c = task("c");
	task_struct& d = task("d");
};

struct Cursor {
	Cursor()
	{
		entry.flags = SCX_DSQ_LNODE_ITER_CURSOR;
		scx::list::init(entry.node);
	}

	scx_dsq_list_node entry{};
};

// A queue beside a plain list of what should be in it.
class AgainstModel : public DispatchQueue {
protected:
	enum class Orders { fifo, vtime, mixed };

	void run(unsigned seed, Orders orders)
	{
		SCOPED_TRACE("SCX_SEED=" + std::to_string(seed));
		Random random{seed};
		std::vector<task_struct*> outside{&a, &b, &c, &d};
		std::list<task_struct*> model;
		std::vector<Cursor> cursors(3);
		u64 const base = random.one_in(2) ? 0 : ~0ULL - 4;

		for (int i = 0; i < 12; ++i)
			outside.push_back(&task(("t" + std::to_string(i)).c_str()));

		for (int step = 0; step < 400; ++step) {
			if (random.one_in(4))
				move(random.element(cursors), random);
			else if (!outside.empty() && (model.empty() || random.one_in(2)))
				insert(take_from(outside, random), model, random,
				       orders == Orders::mixed ? random.one_in(2)
							       : orders == Orders::vtime,
				       base);
			else
				outside.push_back(erase(model, random));
			compare(model);
			if (HasFailure())
				return;
		}
		for (Cursor& cursor : cursors)
			scx::list::remove_init(cursor.entry.node);
		for (task_struct* p : model)
			remove(*p);
	}

private:
	static task_struct* take_from(std::vector<task_struct*>& outside, Random& random)
	{
		std::swap(random.element(outside), outside.back());
		task_struct* const p = outside.back();

		outside.pop_back();
		return p;
	}

	void insert(task_struct* p, std::list<task_struct*>& model, Random& random, bool by_vtime,
		    u64 base)
	{
		auto const first_vtime = std::find_if(model.begin(), model.end(), is_ordered);
		bool const mixed =
			by_vtime ? first_vtime != model.begin() : first_vtime != model.end();

		if (by_vtime) {
			expect(add_at(*p, base + random.below(8)), mixed);
			model.insert(std::find_if(first_vtime, model.end(),
						  [p](task_struct* other) {
							  return static_cast<s64>(
									 p->scx.dsq_vtime -
									 other->scx.dsq_vtime) < 0;
						  }),
				     p);
		} else if (random.one_in(4)) {
			expect(add(*p, SCX_ENQ_HEAD), mixed);
			model.push_front(p);
		} else {
			expect(add(*p), mixed);
			model.insert(first_vtime, p);
		}
	}

	static bool is_ordered(task_struct* p) { return p->scx.dsq_flags & SCX_TASK_DSQ_ON_PRIQ; }

	// A misuse is one of mixed orders; not each mixture is told.
	static void expect(Misuse misuse, bool mixed)
	{
		EXPECT_TRUE(misuse == Misuse::none ||
			    (mixed && misuse != Misuse::vtime_on_builtin));
	}

	task_struct* erase(std::list<task_struct*>& model, Random& random)
	{
		auto const chosen = std::next(model.begin(), random.below(model.size()));
		task_struct* const p = *chosen;

		model.erase(chosen);
		remove(*p);
		return p;
	}

	// Behind a random node of the list, the head included.
	void move(Cursor& cursor, Random& random)
	{
		list_head* at = &dsq.list;

		scx::list::remove_init(cursor.entry.node);
		for (unsigned steps = random.below(20); steps; --steps)
			at = at->next;
		scx::list::insert_after(*at, cursor.entry.node);
	}

	void compare(std::list<task_struct*> const& model)
	{
		std::string names, reversed;

		for (task_struct* p : model) {
			names += (names.empty() ? "" : " ") + std::string(p->comm);
			reversed = p->comm + reversed;
		}
		EXPECT_EQ(order(), names);
		EXPECT_EQ(backwards(), reversed);
		EXPECT_EQ(queue::count(dsq), model.size());
	}
};

TEST_F(AgainstModel, Fifo)
{
	for (unsigned seed : seeds(20))
		run(seed, Orders::fifo);
}

TEST_F(AgainstModel, Vtime)
{
	for (unsigned seed : seeds(20))
		run(seed, Orders::vtime);
}

// FIFO first, whichever came first.
TEST_F(AgainstModel, BothOrdersInOneQueue)
{
	for (unsigned seed : seeds(20))
		run(seed, Orders::mixed);
}

} // namespace
} // namespace host
