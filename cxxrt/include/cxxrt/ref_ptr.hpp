// SPDX-License-Identifier: GPL-2.0
// A counted reference. The policy says how to count, so the count stays where the kernel keeps it:
//
//	struct FilePolicy {
//		static void retain(file& counted) noexcept;
//		static void release(file& counted) noexcept;
//	};
//	using FileRef = RefPtr<file, FilePolicy>;
#pragma once

#include "cxxrt/utility.hpp"

namespace cxxrt {

struct AdoptTag {};
struct RetainTag {};

// The caller already holds a reference and hands it over / the pointer takes one of its own.
constexpr AdoptTag adopt{};
constexpr RetainTag retain{};

template <typename T, typename Policy>
class RefPtr {
	static_assert(__is_empty(Policy), "a policy with state would make the pointer wider");

public:
	constexpr RefPtr() noexcept = default;
	constexpr RefPtr(decltype(nullptr)) noexcept {}

	constexpr RefPtr(T* object, AdoptTag) noexcept : object_{object} {}

	constexpr RefPtr(T* object, RetainTag) noexcept : object_{object}
	{
		if (object_)
			Policy::retain(*object_);
	}

	constexpr RefPtr(RefPtr const& other) noexcept : RefPtr{other.object_, retain} {}
	constexpr RefPtr(RefPtr&& other) noexcept : object_{other.leak()} {}

	// By value: one function for copies and moves, safe against assignment to itself.
	constexpr RefPtr& operator=(RefPtr other) noexcept
	{
		swap(object_, other.object_);
		return *this;
	}

	constexpr ~RefPtr() noexcept
	{
		if (object_)
			Policy::release(*object_);
	}

	[[nodiscard]] constexpr T* get() const noexcept { return object_; }
	[[nodiscard]] constexpr T& operator*() const noexcept { return *object_; }
	[[nodiscard]] constexpr T* operator->() const noexcept { return object_; }
	[[nodiscard]] explicit constexpr operator bool() const noexcept { return object_; }

	// Gives the reference up without dropping it; the caller drops it later.
	[[nodiscard]] constexpr T* leak() noexcept { return take(object_, nullptr); }

	friend constexpr bool operator==(RefPtr const& left, RefPtr const& right) noexcept
	{
		return left.object_ == right.object_;
	}

private:
	T* object_ = nullptr;
};

} // namespace cxxrt
