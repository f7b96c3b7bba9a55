// SPDX-License-Identifier: GPL-2.0
// Shared variables under the kernel's memory model.
//
// read_once/write_once are one untorn access with no ordering (the kernel's READ_ONCE and
// WRITE_ONCE); load_acquire/store_release order like smp_load_acquire/smp_store_release; every
// read-modify-write here is fully ordered, as the kernel's value-returning atomics are. On x86 the
// __atomic builtins give exactly the kernel's instructions for these (mov, lock cmpxchg, xchg,
// lock xadd), and gcc and clang treat them as the compiler barrier the kernel's versions carry.
// On the host the unordered pair are relaxed atomics, so ThreadSanitizer sees what is meant.
#pragma once

#include "cxxrt/utility.hpp"

#ifdef CXXRT_HOST
#include <unistd.h>
#endif

namespace cxxrt {

// What the machine reads or writes in one go.
template <typename T>
constexpr bool kFitsOneAccess = sizeof(T) <= 8;

// The kernel's atomic_t, atomic64_t and atomic_long_t: a structure around one `counter`.
template <typename T>
concept Counter = __is_class(T) && requires(T& object)
{
	object.counter;
};

CXXRT_ALWAYS_INLINE void compiler_barrier() noexcept
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	asm volatile("" ::: "memory");
}

// Orders every earlier access before every later one, stores before loads included (smp_mb).
CXXRT_ALWAYS_INLINE void full_barrier() noexcept
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

// Orders earlier loads before later loads (smp_rmb) and earlier stores before later ones (smp_wmb).
CXXRT_ALWAYS_INLINE void read_barrier() noexcept
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
}

CXXRT_ALWAYS_INLINE void write_barrier() noexcept
{
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

// On the host there may be fewer CPUs than threads, so whoever is waited for gets one; and
// ThreadSanitizer forgets where a thread has been that goes round too often.
CXXRT_ALWAYS_INLINE void cpu_relax() noexcept
{
#if defined(CXXRT_HOST)
	usleep(20);
#elif defined(__x86_64__)
	asm volatile("pause" ::: "memory");
#else
	compiler_barrier();
#endif
}

template <Scalar T>
[[nodiscard]] CXXRT_ALWAYS_INLINE remove_cv_t<T> read_once(T const& object) noexcept
{
	static_assert(kFitsOneAccess<T>, "wider than one load");
#ifdef CXXRT_HOST
	return __atomic_load_n(&object, __ATOMIC_RELAXED);
#else
	return *static_cast<T const volatile*>(&object);
#endif
}

template <Scalar T>
CXXRT_ALWAYS_INLINE void write_once(T& object, type_identity_t<T> value) noexcept
{
	static_assert(kFitsOneAccess<T>, "wider than one store");
#ifdef CXXRT_HOST
	__atomic_store_n(&object, value, __ATOMIC_RELAXED);
#else
	*static_cast<T volatile*>(&object) = value;
#endif
}

template <Scalar T>
[[nodiscard]] CXXRT_ALWAYS_INLINE remove_cv_t<T> load_acquire(T const& object) noexcept
{
	static_assert(kFitsOneAccess<T>, "wider than one load");
	return __atomic_load_n(&object, __ATOMIC_ACQUIRE);
}

template <Scalar T>
CXXRT_ALWAYS_INLINE void store_release(T& object, type_identity_t<T> value) noexcept
{
	static_assert(kFitsOneAccess<T>, "wider than one store");
	__atomic_store_n(&object, value, __ATOMIC_RELEASE);
}

// On failure `expected` becomes the value found. Fully ordered on success, acquire on failure.
template <Scalar T>
[[nodiscard]] CXXRT_ALWAYS_INLINE bool try_compare_exchange(T& object, T& expected,
							    type_identity_t<T> desired) noexcept
{
	static_assert(kFitsOneAccess<T>, "wider than one compare and exchange");
	return __atomic_compare_exchange_n(&object, &expected, desired, false, __ATOMIC_SEQ_CST,
					   __ATOMIC_ACQUIRE);
}

template <Scalar T>
CXXRT_ALWAYS_INLINE T exchange(T& object, type_identity_t<T> value) noexcept
{
	static_assert(kFitsOneAccess<T>, "wider than one exchange");
	return __atomic_exchange_n(&object, value, __ATOMIC_SEQ_CST);
}

// All three return the value from before.
template <Scalar T>
CXXRT_ALWAYS_INLINE T fetch_add(T& object, type_identity_t<T> value) noexcept
{
	return __atomic_fetch_add(&object, value, __ATOMIC_SEQ_CST);
}

template <Scalar T>
CXXRT_ALWAYS_INLINE T fetch_or(T& object, type_identity_t<T> value) noexcept
{
	return __atomic_fetch_or(&object, value, __ATOMIC_SEQ_CST);
}

template <Scalar T>
CXXRT_ALWAYS_INLINE T fetch_and(T& object, type_identity_t<T> value) noexcept
{
	return __atomic_fetch_and(&object, value, __ATOMIC_SEQ_CST);
}

template <Counter T>
using CounterValue = remove_cvref_t<decltype(static_cast<T*>(nullptr)->counter)>;

template <Counter T>
[[nodiscard]] CXXRT_ALWAYS_INLINE auto read_once(T const& atomic) noexcept
{
	return read_once(atomic.counter);
}

template <Counter T>
CXXRT_ALWAYS_INLINE void write_once(T& atomic, CounterValue<T> value) noexcept
{
	write_once(atomic.counter, value);
}

template <Counter T>
[[nodiscard]] CXXRT_ALWAYS_INLINE auto load_acquire(T const& atomic) noexcept
{
	return load_acquire(atomic.counter);
}

template <Counter T>
CXXRT_ALWAYS_INLINE void store_release(T& atomic, CounterValue<T> value) noexcept
{
	store_release(atomic.counter, value);
}

template <Counter T>
[[nodiscard]] CXXRT_ALWAYS_INLINE bool try_compare_exchange(T& atomic, CounterValue<T>& expected,
							    CounterValue<T> desired) noexcept
{
	return try_compare_exchange(atomic.counter, expected, desired);
}

template <Counter T>
CXXRT_ALWAYS_INLINE auto exchange(T& atomic, CounterValue<T> value) noexcept
{
	return exchange(atomic.counter, value);
}

template <Counter T>
CXXRT_ALWAYS_INLINE auto fetch_add(T& atomic, CounterValue<T> value) noexcept
{
	return fetch_add(atomic.counter, value);
}

} // namespace cxxrt
