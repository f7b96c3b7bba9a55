// SPDX-License-Identifier: GPL-2.0
// The locks of the core, as types. Rank, outermost first:
//
//	enable mutex          loading and unloading
//	CPU hotplug lock
//	scx_fork_rwsem        no task is born
//	scx_cgroup_rwsem      no group comes, goes or changes; no task moves between groups
//	scx_tasks_lock        the list of all tasks
//	bypass lock           bypass depth
//	task_struct::pi_lock
//	runqueue lock         a runqueue, its local queue, what its tasks do
//	dispatch queue lock   a queue that is not local
//
// Two runqueue locks are never held at once, but by core scheduling, which shares one among
// siblings. A dispatch queue lock is never held while a runqueue lock is taken.
#pragma once

#include "core/kernel.hpp"

namespace scx {

// Proof that a runqueue is locked and interrupts are off.
using RqHeld = cxxrt::Held<struct rq>;

// A runqueue lock for a scope, in a context where interrupts are off already.
struct RqLocking {
	using Lock = struct rq;
	struct State {};

	static State acquire(struct rq& rq) noexcept
	{
		raw_spin_rq_lock_nested(&rq, 0);
		return {};
	}

	static void release(struct rq& rq, State const&) noexcept { raw_spin_rq_unlock(&rq); }
};

// The same from any context.
struct RqIrqLocking {
	using Lock = struct rq;
	struct State {
		unsigned long flags;
	};

	static State acquire(struct rq& rq) noexcept
	{
		State state{kshim_irq_save()};

		raw_spin_rq_lock_nested(&rq, 0);
		return state;
	}

	static void release(struct rq& rq, State const& state) noexcept
	{
		raw_spin_rq_unlock(&rq);
		kshim_irq_restore(state.flags);
	}
};

// Starts and ends with the lock of `home`, holds one runqueue lock at any time in between.
class RqLockSwitch {
public:
	explicit RqLockSwitch(RqHeld const& home) noexcept
		: home_{home.lock()}, locked_{&home.lock()}
	{}

	RqLockSwitch(RqLockSwitch const&) = delete;
	RqLockSwitch& operator=(RqLockSwitch const&) = delete;

	~RqLockSwitch() { to(home_); }

	// Drops the lock that is held for that of `next`; nothing if it is the same.
	void to(struct rq& next) noexcept
	{
		if (locked_ == &next)
			return;
		raw_spin_rq_unlock(locked_);
		raw_spin_rq_lock_nested(&next, 0);
		locked_ = &next;
	}

	// The lock was exchanged by a callee that says so.
	void exchanged(struct rq& now) noexcept { locked_ = &now; }

private:
	struct rq& home_;
	struct rq* locked_;
};

// Proof that a dispatch queue which is not local is locked. A local queue has no lock of its own:
// its runqueue's counts, and RqHeld is the proof.
using DsqHeld = cxxrt::Held<scx_dispatch_q>;

struct DsqLocking {
	using Lock = scx_dispatch_q;
	struct State {};

	static State acquire(scx_dispatch_q& dsq) noexcept
	{
		kshim_raw_spin_lock(&dsq.lock);
		return {};
	}

	static void release(scx_dispatch_q& dsq, State const&) noexcept
	{
		kshim_raw_spin_unlock(&dsq.lock);
	}
};

struct DsqIrqLocking {
	using Lock = scx_dispatch_q;
	struct State {
		unsigned long flags;
	};

	static State acquire(scx_dispatch_q& dsq) noexcept
	{
		State state{kshim_irq_save()};

		kshim_raw_spin_lock(&dsq.lock);
		return state;
	}

	static void release(scx_dispatch_q& dsq, State const& state) noexcept
	{
		kshim_raw_spin_unlock(&dsq.lock);
		kshim_irq_restore(state.flags);
	}
};

using RqGuard = cxxrt::Guard<RqLocking>;
using RqIrqGuard = cxxrt::Guard<RqIrqLocking>;
using DsqGuard = cxxrt::Guard<DsqLocking>;
using DsqIrqGuard = cxxrt::Guard<DsqIrqLocking>;

class RcuRead {
public:
	RcuRead() noexcept { kshim_rcu_read_lock(); }
	RcuRead(RcuRead const&) = delete;
	RcuRead& operator=(RcuRead const&) = delete;
	~RcuRead() { kshim_rcu_read_unlock(); }
};

class PreemptOffScope {
public:
	PreemptOffScope() noexcept { kshim_preempt_disable(); }
	PreemptOffScope(PreemptOffScope const&) = delete;
	PreemptOffScope& operator=(PreemptOffScope const&) = delete;
	~PreemptOffScope() { kshim_preempt_enable(); }
};

class IrqsOffScope {
public:
	IrqsOffScope() noexcept : flags_{kshim_irq_save()} {}
	IrqsOffScope(IrqsOffScope const&) = delete;
	IrqsOffScope& operator=(IrqsOffScope const&) = delete;
	~IrqsOffScope() { kshim_irq_restore(flags_); }

private:
	unsigned long flags_;
};

} // namespace scx
