// SPDX-License-Identifier: GPL-2.0
// Atomics and RCU pointers: single-threaded semantics, and two threads for ThreadSanitizer.
#include <gtest/gtest.h>

#include <thread>

#include "cxxrt/atomic.hpp"
#include "cxxrt/rcu.hpp"
#include "fake_kernel.hpp"

namespace {

using cxxrt::Gfp;

TEST(Atomic, ReadsAndWritesScalarsAndCounters)
{
	u32 word = 1;
	void* pointer = &word;
	atomic_t counter = {3};

	cxxrt::write_once(word, 2);
	EXPECT_EQ(cxxrt::read_once(word), 2u);
	EXPECT_EQ(cxxrt::read_once(pointer), &word);
	EXPECT_EQ(cxxrt::read_once(counter), 3);
	cxxrt::store_release(counter, 4);
	EXPECT_EQ(cxxrt::load_acquire(counter), 4);
}

TEST(Atomic, ReadModifyWriteGivesTheOldValue)
{
	u64 word = 8;
	atomic_t counter = {1};

	EXPECT_EQ(cxxrt::fetch_add(word, 2), 8u);
	EXPECT_EQ(cxxrt::fetch_or(word, 1), 10u);
	EXPECT_EQ(cxxrt::fetch_and(word, 3), 11u);
	EXPECT_EQ(cxxrt::exchange(word, 9), 3u);
	EXPECT_EQ(word, 9u);
	EXPECT_EQ(cxxrt::fetch_add(counter, -1), 1);
	EXPECT_EQ(cxxrt::exchange(counter, 5), 0);
}

TEST(Atomic, CompareExchangeTellsWhatItFound)
{
	atomic_t counter = {5};
	int expected = 4;

	EXPECT_FALSE(cxxrt::try_compare_exchange(counter, expected, 6));
	EXPECT_EQ(expected, 5);
	EXPECT_TRUE(cxxrt::try_compare_exchange(counter, expected, 6));
	EXPECT_EQ(counter.counter, 6);
}

TEST(Atomic, ReleaseAndAcquirePassDataBetweenThreads)
{
	int data = 0;
	bool ready = false;
	std::thread writer{[&] {
		data = 42;
		cxxrt::store_release(ready, true);
	}};

	while (!cxxrt::load_acquire(ready))
		cxxrt::cpu_relax();
	EXPECT_EQ(data, 42);
	writer.join();
}

struct Config {
	explicit Config(int value) : value{value} {}

	int value;
	callback_head rcu = {};
};

class RcuTest : public testing::Test {
protected:
	~RcuTest() override
	{
		EXPECT_EQ(fake_kernel::counts.live_allocations, 0u);
		EXPECT_EQ(fake_kernel::counts.rcu_readers, 0u);
	}

	static cxxrt::UniquePtr<Config> config(int value)
	{
		return cxxrt::make<Config>(Gfp::kernel, value).value();
	}

	cxxrt::RcuPtr<Config> pointer;
};

TEST_F(RcuTest, ReadersSeeWhatWasPublished)
{
	{
		cxxrt::RcuReadGuard reader;

		EXPECT_EQ(fake_kernel::counts.rcu_readers, 1u);
		EXPECT_EQ(pointer.load(reader), nullptr);
	}
	pointer.publish(config(1));
	{
		cxxrt::RcuReadGuard reader;

		EXPECT_EQ(pointer.load(reader)->value, 1);
	}
	EXPECT_EQ(pointer.load(cxxrt::RcuProof::assumed())->value, 1);
	pointer.replace(nullptr).synchronize_and_delete();
	EXPECT_EQ(pointer.load_for_update(), nullptr);
}

TEST_F(RcuTest, ReplacedObjectLivesUntilTheGracePeriodEnds)
{
	pointer.publish(config(1));
	pointer.replace(config(2)).rcu_delete<&Config::rcu>();
	EXPECT_EQ(fake_kernel::counts.live_allocations, 2u);
	fake_kernel::run_rcu_callbacks();
	EXPECT_EQ(fake_kernel::counts.live_allocations, 1u);
	EXPECT_EQ(pointer.load_for_update()->value, 2);
	pointer.replace(nullptr).synchronize_and_delete();
}

TEST_F(RcuTest, ForgottenRetiredObjectWarns)
{
	pointer.publish(config(1));

	unsigned const warnings = fake_kernel::counts.warnings;
	Config* leaked = pointer.load_for_update();
	{
		cxxrt::Retired<Config> forgotten = pointer.replace(nullptr);
	}
	EXPECT_EQ(fake_kernel::counts.warnings, warnings + 1);
	cxxrt::destroy(leaked);
}

} // namespace
