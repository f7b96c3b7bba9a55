// SPDX-License-Identifier: GPL-2.0
// Sole owners: UniquePtr of one object, UniqueArray of a run of them, and the ways to make them.
#pragma once

#include "cxxrt/new.hpp"
#include "cxxrt/result.hpp"
#include "cxxrt/utility.hpp"

namespace cxxrt {

template <typename T>
class UniquePtr {
public:
	constexpr UniquePtr() noexcept = default;
	constexpr UniquePtr(decltype(nullptr)) noexcept {}

	// Takes over an object that `new (Gfp) T` made.
	explicit constexpr UniquePtr(T* object) noexcept : object_{object} {}

	UniquePtr(UniquePtr const&) = delete;
	UniquePtr& operator=(UniquePtr const&) = delete;

	constexpr UniquePtr(UniquePtr&& other) noexcept : object_{other.release()} {}

	UniquePtr& operator=(UniquePtr&& other) noexcept
	{
		reset(other.release());
		return *this;
	}

	~UniquePtr() { destroy(object_); }

	[[nodiscard]] constexpr T* get() const noexcept { return object_; }
	[[nodiscard]] constexpr T& operator*() const noexcept { return *object_; }
	[[nodiscard]] constexpr T* operator->() const noexcept { return object_; }
	[[nodiscard]] explicit constexpr operator bool() const noexcept { return object_; }

	// Gives the object up; the caller owns it now.
	[[nodiscard]] constexpr T* release() noexcept { return take(object_, nullptr); }

	void reset(T* object = nullptr) noexcept
	{
		T* previous = take(object_, object);

		if (previous != object)
			destroy(previous);
	}

private:
	T* object_ = nullptr;
};

template <typename T>
class UniqueArray {
public:
	constexpr UniqueArray() noexcept = default;

	UniqueArray(UniqueArray const&) = delete;
	UniqueArray& operator=(UniqueArray const&) = delete;

	constexpr UniqueArray(UniqueArray&& other) noexcept
		: first_{take(other.first_, nullptr)}, count_{take(other.count_, 0)}
	{}

	UniqueArray& operator=(UniqueArray&& other) noexcept
	{
		if (this != &other) {
			clear();
			first_ = take(other.first_, nullptr);
			count_ = take(other.count_, 0);
		}
		return *this;
	}

	~UniqueArray() { clear(); }

	[[nodiscard]] constexpr size_t size() const noexcept { return count_; }
	[[nodiscard]] constexpr T* data() const noexcept { return first_; }
	[[nodiscard]] constexpr T* begin() const noexcept { return first_; }
	[[nodiscard]] constexpr T* end() const noexcept { return first_ + count_; }
	[[nodiscard]] explicit constexpr operator bool() const noexcept { return first_; }

	[[nodiscard]] constexpr T& operator[](size_t index) const noexcept
	{
		CXXRT_BUG_ON(index >= count_);
		return first_[index];
	}

	void clear() noexcept
	{
		for (size_t left = count_; left > 0; --left)
			first_[left - 1].~T();
		count_ = 0;
		kshim_free(take(first_, nullptr));
	}

private:
	template <typename U>
	friend Result<UniqueArray<U>> make_array(Gfp gfp, size_t count) noexcept;

	T* first_ = nullptr;
	size_t count_ = 0;
};

// A new T(arguments...); without arguments its members start as zero. Fails with ENOMEM.
template <typename T, typename... Arguments>
Result<UniquePtr<T>> make(Gfp gfp, Arguments&&... arguments) noexcept
{
	static_assert(kSlabAligns<T>, "the slab allocator does not align this type");

	T* object = new (gfp) T(cxxrt::forward<Arguments>(arguments)...);

	if (unlikely(!object))
		return fail(kEnomem);
	return UniquePtr<T>{object};
}

// `count` value-initialised objects; fails with ENOMEM, also when the size overflows.
template <typename T>
Result<UniqueArray<T>> make_array(Gfp gfp, size_t count) noexcept
{
	static_assert(kSlabAligns<T>, "the slab allocator does not align this type");

	UniqueArray<T> array;
	size_t bytes;

	if (__builtin_mul_overflow(count, sizeof(T), &bytes))
		return fail(kEnomem);
	array.first_ = static_cast<T*>(kshim_alloc(bytes, static_cast<u32>(gfp)));
	if (unlikely(!array.first_))
		return fail(kEnomem);
	for (; array.count_ < count; ++array.count_)
		::new (static_cast<void*>(array.first_ + array.count_)) T();
	return array;
}

} // namespace cxxrt
