// SPDX-License-Identifier: GPL-2.0
// A lock held for a scope. The policy names the lock type, what must be kept from taking it to
// dropping it (interrupt flags, say), and how to do both:
//
//	struct DsqLocking {
//		using Lock = DsqLock;
//		struct State { unsigned long flags; };
//		static State acquire(Lock& lock) noexcept;
//		static void release(Lock& lock, State const& state) noexcept;
//	};
//	using DsqGuard = Guard<DsqLocking>;
//
// The lock operations themselves are shims, so lockdep and PREEMPT_RT see the kernel's own locks.
#pragma once

#include "cxxrt/annotations.hpp"
#include "cxxrt/lock.hpp"
#include "cxxrt/utility.hpp"

namespace cxxrt {

struct AdoptLockTag {};

// The lock is already held; the guard only drops it.
constexpr AdoptLockTag adopt_lock{};

template <typename Policy>
class CXXRT_SCOPED_CAPABILITY [[nodiscard]] Guard {
public:
	using Lock = typename Policy::Lock;
	using State = typename Policy::State;

	explicit Guard(Lock& lock) noexcept CXXRT_ACQUIRE(lock)
		: held_{&lock}, state_{Policy::acquire(lock)}
	{}

	Guard(Lock& lock, AdoptLockTag, State state = {}) noexcept CXXRT_REQUIRES(lock)
		: held_{&lock}, state_{state}
	{}

	Guard(Guard const&) = delete;
	Guard& operator=(Guard const&) = delete;

	~Guard() CXXRT_RELEASE()
	{
		if (owned_)
			Policy::release(*held_.lock_, state_);
	}

	// The proof; stale once release() was called.
	[[nodiscard]] Held<Lock> const& held() const noexcept { return held_; }

	operator Held<Lock> const&() const noexcept { return held(); }

	// Drops the lock before the scope ends.
	void release() noexcept CXXRT_RELEASE()
	{
		if (CXXRT_ASSERT(owned_))
			Policy::release(*held_.lock_, state_);
		owned_ = false;
	}

	// Leaves the lock held: somebody else drops it. Gives back what that needs.
	[[nodiscard]] State leak() noexcept CXXRT_NO_THREAD_SAFETY_ANALYSIS
	{
		owned_ = false;
		return state_;
	}

	// Drops the lock, calls, takes it again. What the lock protects may have changed meanwhile.
	template <typename Function>
	decltype(auto) call_unlocked(Function&& function) noexcept CXXRT_NO_THREAD_SAFETY_ANALYSIS
	{
		Unlocked unlocked{*this};

		return cxxrt::forward<Function>(function)();
	}

private:
	// Takes the lock back when it goes, after the called function's value has been made.
	class Unlocked {
	public:
		explicit Unlocked(Guard& guard) noexcept CXXRT_NO_THREAD_SAFETY_ANALYSIS
			: guard_{guard}
		{
			Policy::release(*guard.held_.lock_, guard.state_);
		}

		Unlocked(Unlocked const&) = delete;
		Unlocked& operator=(Unlocked const&) = delete;

		~Unlocked() CXXRT_NO_THREAD_SAFETY_ANALYSIS
		{
			guard_.state_ = Policy::acquire(*guard_.held_.lock_);
		}

	private:
		Guard& guard_;
	};

	Held<Lock> held_;
	State state_;
	bool owned_ = true;
};

} // namespace cxxrt
