// SPDX-License-Identifier: GPL-2.0
// Allocation: `new (Gfp::kernel) T` is the only spelling, and it gives a null pointer on failure.
//
// Plain new, new[] and unsized delete do not compile in kernel code: they hide how the allocation
// may behave and what was allocated. Prefer make<T>() (unique_ptr.hpp), which also carries the
// error. On the host the plain forms stay, for the test framework.
#pragma once

#ifdef CXXRT_HOST
#include <new>
#endif

#include "cxxrt/types.hpp"

#include "cxxrt/kshim_memory.h"

namespace cxxrt {

enum class Gfp : u32 {
	kernel = KSHIM_GFP_KERNEL,
	atomic = KSHIM_GFP_ATOMIC,
	nowait = KSHIM_GFP_NOWAIT,
	kernel_quiet = KSHIM_GFP_KERNEL_QUIET,
};

// The slab allocator aligns to 8 bytes, and to the size itself where that is a power of two.
template <typename T>
constexpr bool kSlabAligns = alignof(T) <= 8 || (sizeof(T) & (sizeof(T) - 1)) == 0;

} // namespace cxxrt

// noexcept is what makes the compiler test for null before it runs the constructor.
[[nodiscard]] inline void* operator new(size_t size, cxxrt::Gfp gfp) noexcept
{
	return kshim_alloc(size, static_cast<u32>(gfp));
}

inline void operator delete(void* memory, cxxrt::Gfp) noexcept
{
	kshim_free(memory);
}

#ifndef CXXRT_HOST

[[nodiscard]] inline void* operator new(size_t, void* place) noexcept
{
	return place;
}

inline void operator delete(void*, void*) noexcept
{}

#define CXXRT_POISONED_ALLOCATION                                                                  \
	__attribute__((unavailable("use new (Gfp::...) T or make<T>(Gfp)")))
#define CXXRT_POISONED_DELETE __attribute__((unavailable("every delete must know its size")))

void* operator new(size_t) CXXRT_POISONED_ALLOCATION;
void* operator new[](size_t) CXXRT_POISONED_ALLOCATION;
void operator delete(void*) noexcept CXXRT_POISONED_DELETE;
void operator delete[](void*) noexcept CXXRT_POISONED_DELETE;
void operator delete[](void*, size_t) noexcept CXXRT_POISONED_DELETE;

// For deleting destructors; defined in src/new.cc.
void operator delete(void* memory, size_t size) noexcept;

#endif

namespace cxxrt {

// Ends the life of what `new (Gfp) T` made; null is allowed.
template <typename T>
void destroy(T* object) noexcept
{
	static_assert(
		requires { sizeof(T); }, "an incomplete type has no destructor to run");
	static_assert(!__is_polymorphic(T) || __is_final(T),
		      "a base class pointer may not be the address that was allocated");

	if (!object)
		return;
	object->~T();
	kshim_free(const_cast<void*>(static_cast<void const*>(object)));
}

} // namespace cxxrt
