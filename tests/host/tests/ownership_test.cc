// SPDX-License-Identifier: GPL-2.0
// Who owns a task: what needs a second thread at the right moment, or a death. The transitions are
// in tests/suites/ownership.cc.
#include "tests/scheduler.hpp"

#include "core/ownership.hpp"

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

using OwnershipDeathTest = OwnershipTest;

TEST_F(OwnershipDeathTest, TakingBackDuringQueueingIsABug)
{
	(void)ownership.begin_queueing();
	EXPECT_DEATH(ownership.take_back([] {}), "BUG: .*QUEUEING");
}

} // namespace
} // namespace host
