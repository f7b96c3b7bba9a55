// SPDX-License-Identifier: GPL-2.0
// A value or an error number: how every function of the kernel side that can fail says so.
//
//	Result<UniquePtr<Queue>> create(u64 id);
//	Result<void> add(u64 id)
//	{
//		UniquePtr<Queue> queue = CXXRT_TRY(create(id));
//		if (full())
//			return fail(kEnospc);
//		return ok();
//	}
#pragma once

#include "cxxrt/assert.hpp"
#include "cxxrt/new.hpp"
#include "cxxrt/utility.hpp"

namespace cxxrt {

// A kernel error number as a positive value, 1 to 4095 (the range ERR_PTR can carry).
class Errno {
public:
	explicit constexpr Errno(int code) noexcept : code_{code}
	{
		CXXRT_BUG_ON(code < 1 || code > kMaximum);
	}

	// From what a C function returned: a negative error number.
	[[nodiscard]] static constexpr Errno from_negative(int negative) noexcept
	{
		return Errno{-negative};
	}

	[[nodiscard]] constexpr int code() const noexcept { return code_; }
	[[nodiscard]] constexpr int negative() const noexcept { return -code_; }

	friend constexpr bool operator==(Errno left, Errno right) noexcept
	{
		return left.code_ == right.code_;
	}

private:
	template <typename T>
	friend class Result;

	struct Checked {};
	enum : int { kMaximum = 4095 };

	constexpr Errno(int code, Checked) noexcept : code_{code} {}

	int code_;
};

// The numbers of the generic errno table, which BTF does not carry.
constexpr Errno kEperm{1};
constexpr Errno kEnoent{2};
constexpr Errno kEsrch{3};
constexpr Errno kEintr{4};
constexpr Errno kE2big{7};
constexpr Errno kEagain{11};
constexpr Errno kEnomem{12};
constexpr Errno kEacces{13};
constexpr Errno kEfault{14};
constexpr Errno kEbusy{16};
constexpr Errno kEexist{17};
constexpr Errno kEnodev{19};
constexpr Errno kEinval{22};
constexpr Errno kEnospc{28};
constexpr Errno kErange{34};
constexpr Errno kEdeadlk{35};
constexpr Errno kEopnotsupp{95};
constexpr Errno kEtimedout{110};
constexpr Errno kEstale{116};
constexpr Errno kEcanceled{125};
constexpr Errno kEnotsupp{524};

// What fail() returns: turns into a failed Result of any type.
struct Failure {
	Errno error;
};

// What ok() returns: turns into a successful Result<void>.
struct Success {};

[[nodiscard]] constexpr Failure fail(Errno error) noexcept
{
	return Failure{error};
}

[[nodiscard]] constexpr Success ok() noexcept
{
	return Success{};
}

template <typename T>
class [[nodiscard]] Result {
public:
	constexpr Result(Failure failure) noexcept : error_{failure.error.code()} {}
	constexpr Result(T value) noexcept : error_{0}, value_(cxxrt::move(value)) {}

	constexpr Result(Result&& other) noexcept : error_{other.error_}
	{
		if (!error_)
			::new (static_cast<void*>(&value_)) T(cxxrt::move(other.value_));
	}

	Result(Result const&) = delete;
	Result& operator=(Result const&) = delete;
	Result& operator=(Result&&) = delete;

	constexpr ~Result()
	{
		if (!error_)
			value_.~T();
	}

	[[nodiscard]] constexpr bool ok() const noexcept { return likely(!error_); }

	// Only of a failed Result.
	[[nodiscard]] constexpr Errno error() const noexcept
	{
		CXXRT_BUG_ON(!error_);
		return Errno{error_, Errno::Checked{}};
	}

	// Only of a successful Result; it keeps the value.
	[[nodiscard]] constexpr T& value() & noexcept
	{
		CXXRT_BUG_ON(error_);
		return value_;
	}

	[[nodiscard]] constexpr T const& value() const& noexcept
	{
		CXXRT_BUG_ON(error_);
		return value_;
	}

	[[nodiscard]] constexpr T value() && noexcept
	{
		CXXRT_BUG_ON(error_);
		return cxxrt::move(value_);
	}

	// For the C boundary: the value where it is an int itself, else 0; negative on failure.
	[[nodiscard]] constexpr int to_int() const noexcept
	{
		if constexpr (is_same_v<T, int>)
			return error_ ? -error_ : value_;
		else
			return -error_;
	}

private:
	int error_;
	union {
		T value_;
	};
};

template <>
class [[nodiscard]] Result<void> {
public:
	constexpr Result(Success) noexcept : error_{0} {}
	constexpr Result(Failure failure) noexcept : error_{failure.error.code()} {}

	// From what a C function returned: 0 or a negative error number.
	[[nodiscard]] static constexpr Result from_int(int status) noexcept
	{
		if (likely(!status))
			return Success{};
		return Failure{Errno::from_negative(status)};
	}

	[[nodiscard]] constexpr bool ok() const noexcept { return likely(!error_); }

	[[nodiscard]] constexpr Errno error() const noexcept
	{
		CXXRT_BUG_ON(!error_);
		return Errno{error_, Errno::Checked{}};
	}

	constexpr void value() const noexcept { CXXRT_BUG_ON(error_); }
	[[nodiscard]] constexpr int to_int() const noexcept { return -error_; }

private:
	int error_;
};

} // namespace cxxrt

// The value of a successful Result; returns the error from the enclosing function otherwise.
#define CXXRT_TRY(expression)                                                                      \
	__extension__({                                                                            \
		auto cxxrt_result_ = (expression);                                                 \
		if (!cxxrt_result_.ok())                                                           \
			return ::cxxrt::fail(cxxrt_result_.error());                               \
		::cxxrt::move(cxxrt_result_).value();                                              \
	})
