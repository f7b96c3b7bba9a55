// SPDX-License-Identifier: GPL-2.0
// Which CPUs are idle, and the default choice of a CPU for a waking task.
//
// Two masks: idle CPUs, and CPUs whose whole core is idle. A CPU is set when it goes idle and
// cleared when it leaves, or by whoever claims it for a task on the way: claims are atomic, so a
// CPU is given out once per idle period. The core mask follows without a lock; it may be wrong for
// a moment, is only a preference, and corrects itself.
//
// Off while a scheduler with ops.update_idle() and without KEEP_BUILTIN_IDLE is loaded.
#pragma once

#include "core/cpumask.hpp"
#include "core/locks.hpp"

namespace scx {

class IdleCpus {
public:
	enum : s32 { kNone = -1 };

	struct Choice {
		s32 cpu;
		bool idle; // claimed
	};

	// May sleep; ENOMEM. Once, before any scheduler.
	[[nodiscard]] Result<void> create();
	void destroy();

	// Enable mutex held. All online CPUs count as idle at first; that settles soon.
	void enable();
	void disable() { write_once(enabled_, false); }

	[[nodiscard]] bool enabled() const { return read_once(enabled_); }

	// A CPU went idle or left; its runqueue is locked.
	void update(s32 cpu, bool idle);

	// True if the CPU was idle and is the caller's now. Any context.
	bool claim(s32 cpu);

	// Claims an idle CPU of the mask, one on a wholly idle core if there is one (or only such a
	// one); kNone if there is none. Any context.
	[[nodiscard]] s32 pick(cpumask const& allowed, bool whole_core_only);

	// The default choice, in this order: the waker's CPU for a synchronous wakeup that leaves
	// it empty while others idle; prev_cpu on an idle core; any idle core; prev_cpu; any idle
	// CPU; and prev_cpu although it is busy. pi_lock of `p` held.
	[[nodiscard]] Choice select(task_struct& p, s32 prev_cpu, u64 wake_flags);

	// The same among the CPUs of `allowed` that `p` may use, on wholly idle cores only if asked
	// so; kNone if none of them is idle. The mask of `p` cannot change.
	[[nodiscard]] s32 select_among(task_struct const& p, s32 prev_cpu, u64 wake_flags,
				       cpumask const& allowed, bool whole_core_only);

	[[nodiscard]] cpumask const& idle_mask() const { return *cpus_; }

	// CPUs on idle cores; without SMT the same as idle_mask().
	[[nodiscard]] cpumask const& idle_cores_mask() const
	{
		return kshim_smt_active() ? *cores_ : *cpus_;
	}

private:
	[[nodiscard]] s32 claim_common(cpumask const& idle, cpumask const& a, cpumask const& b,
				       s32 start);
	[[nodiscard]] bool waker_cpu_suits(task_struct const& p, s32 cpu, u64 wake_flags) const;

	cpumask* cpus_ = nullptr;
	cpumask* cores_ = nullptr;
	bool enabled_ = false;
};

extern IdleCpus idle_cpus;

} // namespace scx
