// SPDX-License-Identifier: GPL-2.0
// Iterators over user queues while tasks come and go, and moving tasks out from under one. More
// cases, which a kernel runs too, are in tests/suites/user_queue.cc.
#include "tests/scheduler.hpp"

#include "core/dispatch.hpp"
#include "core/dsq_iterator.hpp"

namespace host {
namespace {

constexpr u64 kQueue = 1;
constexpr u64 kOther = 2;
constexpr u64 kVtimeQueue = 3;

// As the verifier makes a program use it: new, next until null, destroy.
class Iterator {
public:
	explicit Iterator(u64 dsq_id, u64 flags = 0)
	{
		kshim_rcu_read_lock();
		status = scx_entry_kf_iter_new(&opaque, dsq_id, flags);
	}

	~Iterator()
	{
		scx_entry_kf_iter_destroy(&opaque);
		kshim_rcu_read_unlock();
	}

	[[nodiscard]] std::string next()
	{
		at = scx_entry_kf_iter_next(&opaque);
		return at ? at->comm : "";
	}

	[[nodiscard]] std::string rest()
	{
		std::string names;

		for (std::string name = next(); !name.empty(); name = next())
			names += name;
		return names;
	}

	bool move_to(u64 dsq_id, bool by_vtime = false, u64 flags = 0)
	{
		return scx_entry_kf_dispatch_from_dsq(&opaque, at, dsq_id, flags, by_vtime);
	}

	bpf_iter_scx_dsq opaque{};
	task_struct* at = nullptr;
	int status = 0;
};

class DsqIteratorTest : public ModuleTest {
protected:
	void SetUp() override
	{
		load({.select_cpu = [](task_struct*, s32 previous, u64) { return previous; },
		      .enqueue =
			      [this](task_struct* p, u64) {
				      if (vtime)
					      bpf::dispatch_vtime(p, target, vtime);
				      else
					      bpf::dispatch(p, target);
			      },
		      .dispatch =
			      [this](s32, task_struct*) {
				      if (auto const once = std::exchange(on_dispatch, nullptr))
					      once();
			      },
		      .init =
			      [] {
				      EXPECT_EQ(scx_entry_kf_create_dsq(kQueue, -1), 0);
				      EXPECT_EQ(scx_entry_kf_create_dsq(kOther, -1), 0);
				      return scx_entry_kf_create_dsq(kVtimeQueue, -1);
			      }});
		machine.settle();
	}

	task_struct& add(char const* name, TaskOptions const& options = {})
	{
		task_struct& p = machine.create_task(name, options);

		machine.wake(p);
		return p;
	}

	task_struct& add_at(char const* name, u64 at)
	{
		vtime = at;
		task_struct& p = add(name);

		vtime = 0;
		return p;
	}

	[[nodiscard]] static list_head& list_of(u64 dsq_id)
	{
		kshim_rcu_read_lock();
		list_head& list = kshim_dsq_find(dsq_id)->list;

		kshim_rcu_read_unlock();
		return list;
	}

	u64 target = kQueue;
	u64 vtime = 0;
	std::function<void()> on_dispatch;
};

TEST_F(DsqIteratorTest, EndsOnceAndForAll)
{
	add("a");
	Iterator it{kQueue};

	EXPECT_EQ(it.next(), "a");
	EXPECT_EQ(it.next(), "");
	EXPECT_EQ(it.next(), "a") << "upstream starts over, too";
}

TEST_F(DsqIteratorTest, LeavesNothingBehind)
{
	task_struct& a = add("a");

	{
		Iterator it{kQueue};

		EXPECT_EQ(it.next(), "a");
		EXPECT_NE(list_of(kQueue).prev, &a.scx.dsq_list.node) << "its cursor";
	}
	EXPECT_EQ(list_of(kQueue).prev, &a.scx.dsq_list.node);
}

TEST_F(DsqIteratorTest, BadArgumentsAreRefusedAndHarmless)
{
	Iterator unknown{99};

	EXPECT_EQ(unknown.status, cxxrt::kEnoent.negative());
	EXPECT_EQ(unknown.next(), "");
	EXPECT_FALSE(unknown.move_to(kOther));

	Iterator flags{kQueue, 1};

	EXPECT_EQ(flags.status, cxxrt::kEinval.negative());
	EXPECT_EQ(flags.next(), "");

	Iterator internal{kQueue, __SCX_DSQ_ITER_HAS_SLICE};

	EXPECT_EQ(internal.status, cxxrt::kEinval.negative());
}

TEST_F(DsqIteratorTest, TheNextTaskMayLeave)
{
	add("a");
	task_struct& b = add("b");

	add("c");
	Iterator it{kQueue};

	EXPECT_EQ(it.next(), "a");
	machine.take_off(b);
	EXPECT_EQ(it.rest(), "c");
	target = kOther;
	machine.put_back(b);
}

TEST_F(DsqIteratorTest, ATaskThatLeftAndCameBackIsALaterOne)
{
	task_struct& a = add("a");

	add("b");
	Iterator it{kQueue};

	machine.take_off(a);
	machine.put_back(a);
	EXPECT_EQ(it.rest(), "b");
}

TEST_F(DsqIteratorTest, LaterTasksAreSkippedInTheMiddle)
{
	target = kVtimeQueue;
	add_at("a", 10);
	add_at("c", 30);
	Iterator it{kVtimeQueue}, back{kVtimeQueue, SCX_DSQ_ITER_REV};

	EXPECT_EQ(it.next(), "a");
	EXPECT_EQ(back.next(), "c");
	add_at("b", 20);
	EXPECT_EQ(it.next(), "c");
	EXPECT_EQ(back.next(), "a");
	EXPECT_EQ(it.next(), "");
	EXPECT_EQ(back.next(), "");
}

TEST_F(DsqIteratorTest, SequenceNumbersMayWrap)
{
	kshim_rcu_read_lock();
	kshim_dsq_find(kQueue)->seq = ~0u - 1;
	kshim_rcu_read_unlock();
	add("a"); // seq ~0
	add("b"); // seq 0
	Iterator it{kQueue};

	add("c");
	EXPECT_EQ(it.rest(), "ab");
}

// ---- Moving ----

TEST_F(DsqIteratorTest, MovesToAnotherQueue)
{
	add("a");
	task_struct& b = add("b");

	Iterator it{kQueue};

	EXPECT_EQ(it.next(), "a");
	EXPECT_EQ(it.next(), "b");
	EXPECT_TRUE(it.move_to(kOther));
	EXPECT_EQ(names_in(kQueue), "a");
	EXPECT_EQ(names_in(kOther), "b");
	EXPECT_EQ(b.scx.slice, u64{SCX_SLICE_DFL});
	EXPECT_FALSE(it.move_to(kOther)) << "it is not in this queue any more";
}

TEST_F(DsqIteratorTest, WithNewSliceAndVtimeOnce)
{
	task_struct& a = add("a");
	task_struct& b = add("b");
	Iterator it{kQueue};

	EXPECT_EQ(it.next(), "a");
	scx_entry_kf_iter_set_slice(&it.opaque, 77);
	scx_entry_kf_iter_set_vtime(&it.opaque, 88);
	EXPECT_TRUE(it.move_to(kVtimeQueue, true));
	EXPECT_EQ(a.scx.slice, 77u);
	EXPECT_EQ(a.scx.dsq_vtime, 88u);
	EXPECT_EQ(it.next(), "b");
	EXPECT_TRUE(it.move_to(kVtimeQueue, true));
	EXPECT_EQ(b.scx.slice, u64{SCX_SLICE_DFL});
	EXPECT_EQ(b.scx.dsq_vtime, 0u);
	EXPECT_EQ(names_in(kVtimeQueue), "b a");
}

TEST_F(DsqIteratorTest, TheWalkGoesOnAfterAMove)
{
	for (char const* name : {"a", "b", "c", "d"})
		add(name);
	Iterator it{kQueue};
	std::string seen;

	for (std::string name = it.next(); !name.empty(); name = it.next()) {
		seen += name;
		if (name == "b" || name == "c") {
			EXPECT_TRUE(it.move_to(kOther, false, SCX_ENQ_HEAD));
		}
	}
	EXPECT_EQ(seen, "abcd");
	EXPECT_EQ(names_in(kOther), "c b");
}

TEST_F(DsqIteratorTest, NotATaskThatAnotherCpuHasInItsHands)
{
	task_struct& a = add("a");
	Iterator it{kQueue};

	EXPECT_EQ(it.next(), "a");
	a.scx.holding_cpu = 3;
	EXPECT_FALSE(it.move_to(kOther));
	a.scx.holding_cpu = -1;
	EXPECT_EQ(names_in(kQueue), "a");
}

TEST_F(DsqIteratorTest, FromDispatchToTheLocalQueue)
{
	add("a");
	add("b");
	on_dispatch = [] {
		Iterator it{kQueue};

		EXPECT_EQ(it.next(), "a");
		EXPECT_EQ(it.next(), "b");
		EXPECT_TRUE(it.move_to(SCX_DSQ_LOCAL));
	};
	machine.schedule(0);
	EXPECT_EQ(running(0), "b");
	EXPECT_EQ(names_in(kQueue), "a");
}

TEST_F(DsqIteratorTest, FromDispatchOfAnotherCpu)
{
	task_struct& a = add("a", {.cpu = 1});

	on_dispatch = [] {
		Iterator it{kQueue};

		EXPECT_EQ(it.next(), "a");
		EXPECT_TRUE(it.move_to(SCX_DSQ_LOCAL));
	};
	machine.schedule(3);
	EXPECT_EQ(running(3), "a");
	EXPECT_EQ(scx::task_cpu(a), 3);
}

TEST_F(DsqIteratorTest, FromAnUnlockedProgramToAnyCpu)
{
	task_struct& a = add("a", {.cpu = 1});
	Iterator it{kQueue};

	EXPECT_EQ(it.next(), "a");
	EXPECT_TRUE(it.move_to(SCX_DSQ_LOCAL_ON | 2));
	EXPECT_EQ(local(2), "a");
	EXPECT_EQ(scx::task_cpu(a), 2);
	EXPECT_TRUE(machine.cpu(2).need_resched);
}

TEST_F(DsqIteratorTest, AFailedMoveGoesGlobal)
{
	add("a", {.cpu = 1, .allowed = {0, 1}});
	Iterator it{kQueue};

	EXPECT_EQ(it.next(), "a");
	EXPECT_TRUE(it.move_to(SCX_DSQ_LOCAL_ON | 2));
	EXPECT_NE(take_error().find("move to SCX_DSQ_LOCAL[_ON]"), std::string::npos);
	EXPECT_EQ(global(), "a");
}

TEST_F(DsqIteratorTest, ToNoQueueGoesGlobal)
{
	add("a", {.cpu = 1});
	Iterator it{kQueue};

	EXPECT_EQ(it.next(), "a");
	EXPECT_TRUE(it.move_to(1234));
	EXPECT_NE(take_error().find("0x4d2"), std::string::npos);
	EXPECT_EQ(global(), "a");
}

TEST_F(DsqIteratorTest, ADequeueMayComeFirst)
{
	task_struct& a = add("a", {.cpu = 1});
	Iterator it{kQueue};

	EXPECT_EQ(it.next(), "a");
	machine.watched_rq = &machine.rq(1);
	machine.before_lock = [&] { machine.take_off(a); };
	EXPECT_FALSE(it.move_to(kOther));
	EXPECT_EQ(names_in(kOther), "");
	machine.put_back(a);
}

TEST_F(DsqIteratorTest, InternalFlagsAreAnError)
{
	add("a");
	Iterator it{kQueue};

	EXPECT_EQ(it.next(), "a");
	EXPECT_FALSE(it.move_to(kOther, false, SCX_ENQ_CLEAR_OPSS));
	EXPECT_NE(take_error().find("scx_bpf_dispatch_from_dsq()"), std::string::npos);
}

} // namespace
} // namespace host
