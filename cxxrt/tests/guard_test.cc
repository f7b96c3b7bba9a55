// SPDX-License-Identifier: GPL-2.0
#include <gtest/gtest.h>

#include "cxxrt/guard.hpp"
#include "fake_kernel.hpp"

namespace {

struct CXXRT_CAPABILITY("test lock") Lock {
	int depth = 0;
	unsigned long last_flags = 0;
};

unsigned long next_flags = 100;

struct Locking {
	using Lock = ::Lock;
	struct State {
		unsigned long flags;
	};

	static State acquire(Lock& lock) noexcept
	{
		++lock.depth;
		return {next_flags++};
	}

	static void release(Lock& lock, State const& state) noexcept
	{
		--lock.depth;
		lock.last_flags = state.flags;
	}
};

using TestGuard = cxxrt::Guard<Locking>;

int depth_of(cxxrt::Held<Lock> const& held)
{
	return held.lock().depth;
}

class GuardTest : public testing::Test {
protected:
	GuardTest() { next_flags = 100; }

	~GuardTest() override { EXPECT_EQ(lock.depth, 0); }

	Lock lock, other;
};

TEST_F(GuardTest, HoldsForItsScope)
{
	{
		TestGuard guard{lock};

		EXPECT_EQ(lock.depth, 1);
		EXPECT_EQ(depth_of(guard), 1);
		EXPECT_TRUE(guard.held().proves(lock));
		EXPECT_FALSE(guard.held().proves(other));
	}
	EXPECT_EQ(lock.depth, 0);
	EXPECT_EQ(lock.last_flags, 100u);
}

TEST_F(GuardTest, ReleaseDropsOnce)
{
	TestGuard guard{lock};

	guard.release();
	EXPECT_EQ(lock.depth, 0);

	unsigned const warnings = fake_kernel::counts.warnings;

	guard.release();
	EXPECT_EQ(fake_kernel::counts.warnings, warnings + 1);
	EXPECT_EQ(lock.depth, 0);
}

TEST_F(GuardTest, CallUnlockedDropsAndTakesAgainWithFreshState)
{
	{
		TestGuard guard{lock};
		int const seen = guard.call_unlocked([this] { return lock.depth; });

		EXPECT_EQ(seen, 0);
		EXPECT_EQ(lock.depth, 1);
		EXPECT_EQ(lock.last_flags, 100u);
	}
	EXPECT_EQ(lock.last_flags, 101u);
}

TEST_F(GuardTest, AdoptsALockThatIsHeld)
{
	Locking::State const state = Locking::acquire(lock);
	{
		TestGuard guard{lock, cxxrt::adopt_lock, state};

		EXPECT_EQ(lock.depth, 1);
	}
	EXPECT_EQ(lock.last_flags, 100u);
}

TEST_F(GuardTest, LeakLeavesTheLockHeld)
{
	Locking::State state{};
	{
		TestGuard guard{lock};

		state = guard.leak();
	}
	EXPECT_EQ(lock.depth, 1);
	EXPECT_EQ(state.flags, 100u);
	Locking::release(lock, state);
}

TEST_F(GuardTest, AssumedProofNamesItsLock)
{
	cxxrt::Held<Lock> const held = cxxrt::Held<Lock>::assumed(lock);

	EXPECT_TRUE(held.proves(lock));
	EXPECT_EQ(&held.lock(), &lock);
}

} // namespace
