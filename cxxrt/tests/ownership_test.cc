// SPDX-License-Identifier: GPL-2.0
// UniquePtr, UniqueArray, RefPtr, NoDestroy, PerCpu and the allocation beneath them.
#include <gtest/gtest.h>

#include "cxxrt/new.hpp"
#include "cxxrt/no_destroy.hpp"
#include "cxxrt/percpu.hpp"
#include "cxxrt/ref_ptr.hpp"
#include "cxxrt/unique_ptr.hpp"
#include "fake_kernel.hpp"

namespace {

using cxxrt::Gfp;
using cxxrt::UniqueArray;
using cxxrt::UniquePtr;

int live_objects;

struct Object {
	explicit Object(int value = 7) : value{value} { ++live_objects; }
	Object(Object const&) = delete;
	Object& operator=(Object const&) = delete;
	~Object() { --live_objects; }

	int value;
	int references = 0;
};

// Whatever a test allocates and makes must be gone at its end.
class OwnershipTest : public testing::Test {
protected:
	~OwnershipTest() override
	{
		EXPECT_EQ(live_objects, 0);
		EXPECT_EQ(fake_kernel::counts.live_allocations, 0u);
	}
};

TEST_F(OwnershipTest, UniquePtrDestroysOnce)
{
	UniquePtr<Object> object = cxxrt::make<Object>(Gfp::kernel, 3).value();

	EXPECT_EQ(object->value, 3);
	EXPECT_EQ(live_objects, 1);

	UniquePtr<Object> moved = cxxrt::move(object);

	EXPECT_FALSE(object);
	EXPECT_EQ((*moved).value, 3);
	EXPECT_EQ(live_objects, 1);
	moved.reset();
	EXPECT_EQ(live_objects, 0);
	EXPECT_FALSE(moved);
}

TEST_F(OwnershipTest, UniquePtrAssignmentDropsTheOldObject)
{
	UniquePtr<Object> first = cxxrt::make<Object>(Gfp::kernel, 1).value();
	UniquePtr<Object> second = cxxrt::make<Object>(Gfp::kernel, 2).value();

	first = cxxrt::move(second);
	EXPECT_EQ(live_objects, 1);
	EXPECT_EQ(first->value, 2);

	UniquePtr<Object>& itself = first;

	first = cxxrt::move(itself);
	EXPECT_EQ(first->value, 2);
}

TEST_F(OwnershipTest, UniquePtrReleaseHandsOver)
{
	UniquePtr<Object> owner = cxxrt::make<Object>(Gfp::atomic).value();
	Object* raw = owner.release();

	EXPECT_FALSE(owner);
	EXPECT_EQ(live_objects, 1);
	cxxrt::destroy(raw);
}

TEST_F(OwnershipTest, FailedAllocationRunsNoConstructor)
{
	fake_kernel::fail_next_allocation();
	cxxrt::Result<UniquePtr<Object>> made = cxxrt::make<Object>(Gfp::kernel);

	ASSERT_FALSE(made.ok());
	EXPECT_EQ(made.error(), cxxrt::kEnomem);
	EXPECT_EQ(live_objects, 0);

	fake_kernel::fail_next_allocation();
	EXPECT_EQ(new (Gfp::kernel) Object, nullptr);
}

TEST_F(OwnershipTest, MakeStartsPlainTypesAtZero)
{
	struct Plain {
		u64 words[4];
	};
	UniquePtr<Plain> plain = cxxrt::make<Plain>(Gfp::kernel).value();

	for (u64 word : plain->words)
		EXPECT_EQ(word, 0u);
}

TEST_F(OwnershipTest, ArrayConstructsAndDestroysEachElement)
{
	UniqueArray<Object> array = cxxrt::make_array<Object>(Gfp::kernel, 5).value();

	EXPECT_EQ(array.size(), 5u);
	EXPECT_EQ(live_objects, 5);
	EXPECT_EQ(array[4].value, 7);

	UniqueArray<Object> moved = cxxrt::move(array);

	EXPECT_EQ(array.size(), 0u);
	EXPECT_EQ(live_objects, 5);
	array = cxxrt::move(moved);
	EXPECT_EQ(live_objects, 5);
}

TEST_F(OwnershipTest, ArrayWhoseSizeOverflowsFails)
{
	EXPECT_FALSE(cxxrt::make_array<u64>(Gfp::kernel, ~0ul / 4).ok());
}

TEST_F(OwnershipTest, ArrayIndexIsChecked)
{
	UniqueArray<u64> array = cxxrt::make_array<u64>(Gfp::kernel, 2).value();

	EXPECT_DEATH(array[2] = 1, "index >= count_");
}

struct ObjectPolicy {
	static void retain(Object& object) noexcept { ++object.references; }
	static void release(Object& object) noexcept { --object.references; }
};

using ObjectRef = cxxrt::RefPtr<Object, ObjectPolicy>;

static_assert(sizeof(ObjectRef) == sizeof(Object*));

TEST_F(OwnershipTest, RefPtrCountsCopiesNotMoves)
{
	Object object;
	{
		ObjectRef first{&object, cxxrt::retain};

		EXPECT_EQ(object.references, 1);

		ObjectRef second = first;

		EXPECT_EQ(object.references, 2);
		EXPECT_EQ(first, second);

		ObjectRef third = cxxrt::move(second);

		EXPECT_EQ(object.references, 2);
		EXPECT_FALSE(second);
		first = nullptr;
		EXPECT_EQ(object.references, 1);
		third = third; // NOLINT(clang-diagnostic-self-assign-overloaded): the point of it
		EXPECT_EQ(object.references, 1);
	}
	EXPECT_EQ(object.references, 0);
}

TEST_F(OwnershipTest, RefPtrAdoptsAndLeaks)
{
	Object object;

	object.references = 1;
	{
		ObjectRef adopted{&object, cxxrt::adopt};

		EXPECT_EQ(object.references, 1);
		EXPECT_EQ(adopted.leak(), &object);
	}
	EXPECT_EQ(object.references, 1);
	{
		ObjectRef adopted{&object, cxxrt::adopt};
	}
	EXPECT_EQ(object.references, 0);
}

constinit cxxrt::NoDestroy<Object> global;

TEST_F(OwnershipTest, NoDestroyLivesBetweenItsTwoCalls)
{
	EXPECT_FALSE(global.alive());
	EXPECT_EQ(global.emplace(9).value, 9);
	EXPECT_EQ(global->value, 9);
	EXPECT_EQ(live_objects, 1);
	EXPECT_DEATH(global.emplace(), "alive_");
	global.destroy();
	EXPECT_EQ(live_objects, 0);
	EXPECT_DEATH(global.destroy(), "alive_");
}

TEST_F(OwnershipTest, PerCpuStartsAtZeroAndIsPerCpu)
{
	cxxrt::PerCpu<u64> counters = cxxrt::PerCpu<u64>::create().value();

	counters.this_cpu(cxxrt::PreemptOff::assumed()) = 5;
	EXPECT_EQ(counters.cpu(0), 5u);
	EXPECT_EQ(counters.cpu(1), 0u);
}

} // namespace
