// SPDX-License-Identifier: GPL-2.0
// Proofs that a lock is held or that a context is in force, as parameters.
//
//	void enqueue(Held<DsqLock> const& lock, Task& task);
//
// Only a Guard (guard.hpp) makes a Held, or assumed() where the kernel calls in with the lock
// already taken; so a caller without the lock does not compile. The proof costs one register at
// most and usually nothing after inlining.
#pragma once

#include "cxxrt/annotations.hpp"
#include "cxxrt/assert.hpp"

namespace cxxrt {

template <typename Policy>
class Guard;

template <typename Lock>
class Held {
public:
	// The caller states that the kernel took `lock` before it called in; say where in a
	// comment.
	[[nodiscard]] static constexpr Held assumed(Lock& lock) noexcept { return Held{&lock}; }

	Held(Held const&) = delete;
	Held& operator=(Held const&) = delete;

	// Which lock this proves, for objects that have one each.
	[[nodiscard]] constexpr bool proves(Lock const& lock) const noexcept
	{
		return lock_ == &lock;
	}

	[[nodiscard]] constexpr Lock& lock() const noexcept { return *lock_; }

private:
	template <typename Policy>
	friend class Guard;

	constexpr explicit Held(Lock* lock) noexcept : lock_{lock} {}

	Lock* lock_;
};

// A proof of context rather than of a lock: interrupts off, preemption off, may sleep. Tag is an
// empty type of the user's.
template <typename Tag>
class Context {
public:
	// The caller states that the context is in force; say why in a comment.
	[[nodiscard]] static constexpr Context assumed() noexcept { return Context{}; }

	Context(Context const&) = delete;
	Context& operator=(Context const&) = delete;

private:
	constexpr Context() noexcept = default;
};

struct IrqsOffTag {};
struct PreemptOffTag {};
struct MaySleepTag {};

using IrqsOff = Context<IrqsOffTag>;
using PreemptOff = Context<PreemptOffTag>;
using MaySleep = Context<MaySleepTag>;

} // namespace cxxrt
