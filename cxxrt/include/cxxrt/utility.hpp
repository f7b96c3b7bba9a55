// SPDX-License-Identifier: GPL-2.0
// Moving, comparing and the way back from a member to the object that holds it.
#pragma once

#include "cxxrt/traits.hpp"
#include "cxxrt/types.hpp"

#define CXXRT_ALWAYS_INLINE [[gnu::always_inline]] inline

namespace cxxrt {

template <typename T>
[[nodiscard]] CXXRT_ALWAYS_INLINE constexpr remove_reference_t<T>&& move(T&& value) noexcept
{
	return static_cast<remove_reference_t<T>&&>(value);
}

template <typename T>
[[nodiscard]] CXXRT_ALWAYS_INLINE constexpr T&& forward(remove_reference_t<T>& value) noexcept
{
	return static_cast<T&&>(value);
}

template <typename T>
[[nodiscard]] CXXRT_ALWAYS_INLINE constexpr T&& forward(remove_reference_t<T>&& value) noexcept
{
	return static_cast<T&&>(value);
}

template <typename T>
CXXRT_ALWAYS_INLINE constexpr void swap(T& left, T& right) noexcept
{
	T previous = cxxrt::move(left);

	left = cxxrt::move(right);
	right = cxxrt::move(previous);
}

// Stores `next` and gives back what was there: the step every move constructor needs.
template <typename T>
[[nodiscard]] CXXRT_ALWAYS_INLINE constexpr T take(T& object, type_identity_t<T> next) noexcept
{
	T previous = cxxrt::move(object);

	object = cxxrt::move(next);
	return previous;
}

template <typename T>
[[nodiscard]] CXXRT_ALWAYS_INLINE constexpr T min(T left, type_identity_t<T> right) noexcept
{
	return right < left ? right : left;
}

template <typename T>
[[nodiscard]] CXXRT_ALWAYS_INLINE constexpr T max(T left, type_identity_t<T> right) noexcept
{
	return left < right ? right : left;
}

[[nodiscard]] CXXRT_ALWAYS_INLINE constexpr bool likely(bool condition) noexcept
{
	return __builtin_expect(condition, true);
}

[[nodiscard]] CXXRT_ALWAYS_INLINE constexpr bool unlikely(bool condition) noexcept
{
	return __builtin_expect(condition, false);
}

template <typename Pointer>
struct MemberPointer;

template <typename Holder, typename Member>
struct MemberPointer<Member Holder::*> {
	using Class = Holder;
	using Type = Member;
};

template <auto kMember>
using MemberClass = typename MemberPointer<decltype(kMember)>::Class;
template <auto kMember>
using MemberType = typename MemberPointer<decltype(kMember)>::Type;

// The Itanium C++ ABI (GCC and clang on every Linux target) represents a pointer to data member
// as the member's offset in bytes, so the cast folds to a constant at -O1 and above.
template <auto kMember>
[[nodiscard]] CXXRT_ALWAYS_INLINE Offset offset_of() noexcept
{
	return __builtin_bit_cast(Offset, kMember);
}

// The outermost class and innermost type of a path of members, outermost member first:
// container_of<&Holder::inner, &Inner::node>(node) is the Holder.
template <auto kFirst, auto... kRest>
struct MemberPath {
	using Class = MemberClass<kFirst>;
	using Type = typename MemberPath<kRest...>::Type;

	static_assert(is_same_v<MemberType<kFirst>, typename MemberPath<kRest...>::Class>,
		      "each member must lie in the type of the one before it");

	[[nodiscard]] CXXRT_ALWAYS_INLINE static Offset offset() noexcept
	{
		return offset_of<kFirst>() + MemberPath<kRest...>::offset();
	}

	template <typename Object>
	[[nodiscard]] CXXRT_ALWAYS_INLINE static auto& member(Object& object) noexcept
	{
		return MemberPath<kRest...>::member(object.*kFirst);
	}
};

template <auto kLast>
struct MemberPath<kLast> {
	using Class = MemberClass<kLast>;
	using Type = MemberType<kLast>;

	[[nodiscard]] CXXRT_ALWAYS_INLINE static Offset offset() noexcept
	{
		return offset_of<kLast>();
	}

	template <typename Object>
	[[nodiscard]] CXXRT_ALWAYS_INLINE static auto& member(Object& object) noexcept
	{
		return object.*kLast;
	}
};

template <auto... kPath>
[[nodiscard]] CXXRT_ALWAYS_INLINE typename MemberPath<kPath...>::Class*
container_of(typename MemberPath<kPath...>::Type* member) noexcept
{
	return reinterpret_cast<typename MemberPath<kPath...>::Class*>(
		reinterpret_cast<char*>(member) - MemberPath<kPath...>::offset());
}

template <auto... kPath>
[[nodiscard]] CXXRT_ALWAYS_INLINE typename MemberPath<kPath...>::Class const*
container_of(typename MemberPath<kPath...>::Type const* member) noexcept
{
	return reinterpret_cast<typename MemberPath<kPath...>::Class const*>(
		reinterpret_cast<char const*>(member) - MemberPath<kPath...>::offset());
}

} // namespace cxxrt
