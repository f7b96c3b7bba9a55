// SPDX-License-Identifier: GPL-2.0
// Pointers that readers follow without a lock.
//
// Reading needs a proof that the reader holds off the grace period; replacing yields a Retired
// object, which can only be freed after a grace period. Writers exclude each other by themselves.
#pragma once

#include "cxxrt/atomic.hpp"
#include "cxxrt/kshim_rcu.h"
#include "cxxrt/unique_ptr.hpp"

namespace cxxrt {

// Evidence that no grace period can end: an RCU read section, or a context that implies one
// (interrupts or preemption off), for which the core states the reason with assumed().
class RcuProof {
public:
	RcuProof(RcuProof const&) = delete;
	RcuProof& operator=(RcuProof const&) = delete;

	// The caller runs where the kernel itself guarantees it (a scheduler class method, say).
	[[nodiscard]] static constexpr RcuProof assumed() noexcept { return RcuProof{}; }

protected:
	constexpr RcuProof() noexcept = default;
};

class [[nodiscard]] RcuReadGuard : public RcuProof {
public:
	RcuReadGuard() noexcept { kshim_rcu_read_lock(); }
	~RcuReadGuard() { kshim_rcu_read_unlock(); }
};

// An object no new reader can find while old readers may still hold it.
template <typename T>
class [[nodiscard]] Retired {
public:
	explicit constexpr Retired(T* object) noexcept : object_{object} {}
	constexpr Retired(Retired&& other) noexcept : object_{take(other.object_, nullptr)} {}
	Retired(Retired const&) = delete;
	Retired& operator=(Retired const&) = delete;
	Retired& operator=(Retired&&) = delete;
	~Retired() { CXXRT_ASSERT(!object_); }

	[[nodiscard]] explicit constexpr operator bool() const noexcept { return object_; }

	// Waits for the readers, then frees; may sleep.
	void synchronize_and_delete() noexcept
	{
		if (!object_)
			return;
		kshim_synchronize_rcu();
		destroy(take(object_, nullptr));
	}

	// Frees after the readers through the embedded head named by kHead, as in
	// `move(retired).template rcu_delete<&Queue::rcu>()`. The destructor runs in softirq
	// context, so it must not sleep.
	template <auto kHead>
	void rcu_delete() noexcept
	{
		static_assert(is_same_v<MemberType<kHead>, callback_head>);

		if (!object_)
			return;
		kshim_call_rcu(&(take(object_, nullptr)->*kHead),
			       [](callback_head* head) { destroy(container_of<kHead>(head)); });
	}

private:
	T* object_;
};

template <typename T>
class RcuPtr {
public:
	constexpr RcuPtr() noexcept = default;
	RcuPtr(RcuPtr const&) = delete;
	RcuPtr& operator=(RcuPtr const&) = delete;
	~RcuPtr() = default;

	// The object or null; valid as long as the proof. Dependent accesses are ordered after it.
	[[nodiscard]] T* load(RcuProof const&) const noexcept { return load_acquire_for_readers(); }

	// For the writer, who excludes other writers.
	[[nodiscard]] T* load_for_update() const noexcept { return read_once(object_); }

	// Into an empty pointer only.
	void publish(UniquePtr<T> object) noexcept
	{
		CXXRT_ASSERT(!object_);
		store_release(object_, object.release());
	}

	// Null is allowed and unpublishes.
	Retired<T> replace(UniquePtr<T> object) noexcept
	{
		T* previous = object_;

		store_release(object_, object.release());
		return Retired<T>{previous};
	}

private:
	[[nodiscard]] T* load_acquire_for_readers() const noexcept
	{
#ifdef CXXRT_HOST
		// ThreadSanitizer knows no address dependencies.
		return load_acquire(object_);
#else
		return read_once(object_);
#endif
	}

	T* object_ = nullptr;
};

} // namespace cxxrt
