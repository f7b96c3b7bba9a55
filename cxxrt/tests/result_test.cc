// SPDX-License-Identifier: GPL-2.0
#include <gtest/gtest.h>

#include "cxxrt/result.hpp"
#include "cxxrt/unique_ptr.hpp"

namespace {

using cxxrt::Errno;
using cxxrt::fail;
using cxxrt::ok;
using cxxrt::Result;

Result<int> half(int number)
{
	if (number % 2)
		return fail(cxxrt::kEinval);
	return number / 2;
}

Result<int> quarter(int number)
{
	return CXXRT_TRY(half(CXXRT_TRY(half(number))));
}

Result<void> check(int number)
{
	int const result = CXXRT_TRY(quarter(number));

	if (result > 10)
		return fail(cxxrt::kErange);
	return ok();
}

Result<void> check_twice(int number)
{
	CXXRT_TRY(check(number));
	CXXRT_TRY(check(number + 4));
	return ok();
}

TEST(Result, CarriesAValueOrAnError)
{
	EXPECT_TRUE(half(4).ok());
	EXPECT_EQ(half(4).value(), 2);
	EXPECT_FALSE(half(3).ok());
	EXPECT_EQ(half(3).error(), cxxrt::kEinval);
}

TEST(Result, TryReturnsTheErrorFromTheCaller)
{
	EXPECT_EQ(quarter(12).value(), 3);
	EXPECT_EQ(quarter(6).error(), cxxrt::kEinval);
	EXPECT_TRUE(check_twice(36).ok());
	EXPECT_EQ(check_twice(40).error(), cxxrt::kErange);
	EXPECT_EQ(check_twice(1).error(), cxxrt::kEinval);
}

TEST(Result, BecomesAnIntAtTheBoundaryOnly)
{
	EXPECT_EQ(check(4).to_int(), 0);
	EXPECT_EQ(check(1).to_int(), -22);
	EXPECT_EQ(half(8).to_int(), 4);
	EXPECT_EQ(half(7).to_int(), -22);
	EXPECT_EQ(Result<void>::from_int(0).to_int(), 0);
	EXPECT_EQ(Result<void>::from_int(-12).error(), cxxrt::kEnomem);
}

struct Counted {
	explicit Counted(int& count) : count{&count} { ++count; }
	Counted(Counted&& other) noexcept : count{other.count} { ++*count; }
	Counted& operator=(Counted&&) = delete;
	~Counted() { --*count; }

	int* count;
};

TEST(Result, DestroysItsValueAndMovesOnlyTypes)
{
	int count = 0;
	{
		Result<Counted> made{Counted{count}};

		EXPECT_EQ(count, 1);

		Result<Counted> moved = cxxrt::move(made);

		EXPECT_EQ(count, 2);

		Counted value = cxxrt::move(moved).value();

		EXPECT_EQ(count, 3);

		Result<Counted> failed = fail(cxxrt::kEbusy);

		EXPECT_EQ(failed.error(), cxxrt::kEbusy);
	}
	EXPECT_EQ(count, 0);
}

TEST(Result, WrongUseStopsAtOnce)
{
	EXPECT_DEATH((void)half(3).value(), "error_");
	EXPECT_DEATH((void)half(4).error(), "!error_");
	EXPECT_DEATH(Errno{0}, "code < 1");
	EXPECT_DEATH(Errno{4096}, "kMaximum");
	EXPECT_DEATH((void)Errno::from_negative(22), "code < 1");
}

TEST(Errno, KnowsBothSigns)
{
	EXPECT_EQ(cxxrt::kEnotsupp.code(), 524);
	EXPECT_EQ(cxxrt::kEnotsupp.negative(), -524);
	EXPECT_EQ(Errno::from_negative(-1), cxxrt::kEperm);
}

} // namespace
