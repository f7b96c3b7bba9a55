// SPDX-License-Identifier: GPL-2.0
// Who owns a task: every transition, and the waits for one another.
#include "tests/scheduler.hpp"

#include "core/ownership.hpp"

#include <atomic>
#include <thread>

namespace host {
namespace {

using scx::Ownership;

class OwnershipTest : public testing::Test {
protected:
	Machine machine;
	task_struct& p = machine.create_task("p");
	Ownership ownership{p};
};

TEST_F(OwnershipTest, StartsWithTheCore)
{
	EXPECT_EQ(ownership.state(), SCX_OPSS_NONE);
	EXPECT_EQ(Ownership::brand_of(ownership.word()), 0u);
}

TEST_F(OwnershipTest, QueueingThenQueued)
{
	auto const brand = ownership.begin_queueing();

	EXPECT_EQ(ownership.state(), SCX_OPSS_QUEUEING);
	EXPECT_EQ(Ownership::brand_of(ownership.word()), brand);
	ownership.finish_queueing(brand);
	EXPECT_EQ(ownership.state(), SCX_OPSS_QUEUED);
	EXPECT_EQ(Ownership::brand_of(ownership.word()), brand);
}

TEST_F(OwnershipTest, DirectDispatchEndsQueueing)
{
	(void)ownership.begin_queueing();
	ownership.release();
	EXPECT_EQ(ownership.word(), 0u);
}

TEST_F(OwnershipTest, AClaimTakesTheStayItSaw)
{
	auto const brand = ownership.begin_queueing();

	ownership.finish_queueing(brand);
	EXPECT_TRUE(ownership.claim(brand));
	EXPECT_EQ(ownership.state(), SCX_OPSS_DISPATCHING);
	ownership.release();
	EXPECT_EQ(ownership.state(), SCX_OPSS_NONE);
}

TEST_F(OwnershipTest, OnlyOneClaimWins)
{
	auto const brand = ownership.begin_queueing();

	ownership.finish_queueing(brand);
	EXPECT_TRUE(ownership.claim(brand));
	EXPECT_FALSE(ownership.claim(brand));
	ownership.release();
	EXPECT_FALSE(ownership.claim(brand));
}

TEST_F(OwnershipTest, AStaleBrandIsRefused)
{
	auto const first = ownership.begin_queueing();

	ownership.finish_queueing(first);
	ownership.take_back([] {});

	auto const second = ownership.begin_queueing();

	ownership.finish_queueing(second);
	EXPECT_NE(first, second);
	EXPECT_FALSE(ownership.claim(first));
	EXPECT_EQ(ownership.state(), SCX_OPSS_QUEUED);
	EXPECT_TRUE(ownership.claim(second));
}

TEST_F(OwnershipTest, BrandZeroIsNoStay)
{
	// What a dispatcher records of a task that is not queued.
	EXPECT_FALSE(ownership.claim(0));
	ownership.finish_queueing(ownership.begin_queueing());
	EXPECT_FALSE(ownership.claim(0));
}

TEST_F(OwnershipTest, BrandsSkipZeroWhenTheyWrap)
{
	p.scx.ops_qseq = ~0u - 1;

	auto const last = ownership.begin_queueing();

	ownership.release();
	auto const wrapped = ownership.begin_queueing();

	EXPECT_EQ(last >> SCX_OPSS_QSEQ_SHIFT, 0xffffffffu);
	EXPECT_EQ(wrapped >> SCX_OPSS_QSEQ_SHIFT, 1u);
}

TEST_F(OwnershipTest, TakingBackTellsTheSchedulerFirst)
{
	int told = 0;

	ownership.finish_queueing(ownership.begin_queueing());
	ownership.take_back([&] {
		++told;
		EXPECT_EQ(ownership.state(), SCX_OPSS_QUEUED);
	});
	EXPECT_EQ(told, 1);
	EXPECT_EQ(ownership.word(), 0u);
}

TEST_F(OwnershipTest, TakingBackWhatTheCoreHasIsSilent)
{
	ownership.take_back([] { FAIL() << "told of a task that the scheduler does not have"; });
	EXPECT_EQ(ownership.word(), 0u);
}

TEST_F(OwnershipTest, TakingBackWaitsForADispatcher)
{
	auto const brand = ownership.begin_queueing();
	int done = 0;

	ownership.finish_queueing(brand);
	ASSERT_TRUE(ownership.claim(brand));

	std::thread dispatcher{[&] {
		std::this_thread::sleep_for(std::chrono::milliseconds(5));
		done = 1; // ordered by the release, or ThreadSanitizer objects
		ownership.release();
	}};

	ownership.take_back([] { FAIL() << "told of a task that is being dispatched"; });
	EXPECT_EQ(done, 1);
	dispatcher.join();
}

TEST_F(OwnershipTest, ADispatcherMayComeWhileTheSchedulerIsTold)
{
	auto const brand = ownership.begin_queueing();
	std::thread dispatcher;

	ownership.finish_queueing(brand);
	ownership.take_back([&] {
		ASSERT_TRUE(ownership.claim(brand));
		dispatcher = std::thread{[&] { ownership.release(); }};
	});
	EXPECT_EQ(ownership.word(), 0u);
	dispatcher.join();
}

TEST_F(OwnershipTest, AClaimWaitsForTheEnqueuer)
{
	auto const brand = ownership.begin_queueing();
	int queued = 0;

	std::thread enqueuer{[&] {
		std::this_thread::sleep_for(std::chrono::milliseconds(5));
		queued = 1;
		ownership.finish_queueing(brand);
	}};

	EXPECT_TRUE(ownership.claim(brand));
	EXPECT_EQ(queued, 1);
	enqueuer.join();
}

// One task, queued again and again, between a dequeuer and a dispatcher who both want it. Each
// stay ends exactly once, and what is done to the task in between is ordered.
TEST_F(OwnershipTest, EachStayEndsOnce)
{
	constexpr int kStays = 200;
	std::atomic<unsigned long> offered{0};
	std::atomic<bool> stop{false};
	int touched = 0; // guarded by the ownership alone
	int dispatched = 0;

	std::thread dispatcher{[&] {
		Ownership mine{p};

		while (!stop.load()) {
			unsigned long const brand = offered.load();

			if (brand && mine.claim(brand)) {
				++touched;
				++dispatched;
				mine.release();
			}
		}
	}};
	int taken = 0;

	for (int stay = 0; stay < kStays; ++stay) {
		auto const brand = ownership.begin_queueing();

		++touched;
		ownership.finish_queueing(brand);
		offered.store(brand);
		if (stay % 3 == 0)
			std::this_thread::yield();
		bool won = false;

		ownership.take_back([&] { won = true; });
		taken += won;
		EXPECT_EQ(ownership.state(), SCX_OPSS_NONE);
	}
	stop = true;
	dispatcher.join();
	EXPECT_EQ(touched, kStays + dispatched);
	EXPECT_GE(taken + dispatched, kStays);
}

using OwnershipDeathTest = OwnershipTest;

TEST_F(OwnershipDeathTest, TakingBackDuringQueueingIsABug)
{
	(void)ownership.begin_queueing();
	EXPECT_DEATH(ownership.take_back([] {}), "BUG: .*QUEUEING");
}

TEST_F(OwnershipTest, QueueingATaskThatIsQueuedIsNoticed)
{
	ownership.finish_queueing(ownership.begin_queueing());
	machine.expected_complaints = {"word() == SCX_OPSS_NONE"};
	(void)ownership.begin_queueing();
}

} // namespace
} // namespace host
