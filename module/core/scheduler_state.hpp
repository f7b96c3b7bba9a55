// SPDX-License-Identifier: GPL-2.0
// Whether a scheduler is loaded, and how far its loading or unloading has come.
#pragma once

#include "core/kernel.hpp"

namespace scx {

class SchedulerState {
public:
	[[nodiscard]] scx_ops_enable_state state() const noexcept
	{
		return static_cast<scx_ops_enable_state>(read_once(state_));
	}

	// Returns the state before.
	scx_ops_enable_state set(scx_ops_enable_state to) noexcept
	{
		return static_cast<scx_ops_enable_state>(cxxrt::exchange(state_, u32{to}));
	}

	// ENABLING -> ENABLED; false if unloading began meanwhile.
	[[nodiscard]] bool finish_enabling() noexcept
	{
		u32 expected = SCX_OPS_ENABLING;

		return cxxrt::try_compare_exchange(state_, expected, SCX_OPS_ENABLED);
	}

	// As /sys/kernel/sched_ext/state shows it.
	[[nodiscard]] char const* name() const noexcept;

	// All NORMAL, BATCH, IDLE and EXT tasks are to be in the class, not only EXT ones.
	[[nodiscard]] bool switching_all() const noexcept { return read_once(switching_all_); }
	void set_switching_all(bool all) noexcept { write_once(switching_all_, all); }

	// Tasks may be in the class. Mirrors the kernel's static key.
	[[nodiscard]] bool enabled() const noexcept { return read_once(enabled_); }
	void set_enabled(bool enabled) noexcept; // may sleep

	// No task of these policies is in another class. Mirrors the kernel's static key.
	[[nodiscard]] bool switched_all() const noexcept { return read_once(switched_all_); }
	void set_switched_all(bool all) noexcept; // may sleep

	// New tasks are initialised by the scheduler. Changes under scx_fork_rwsem.
	[[nodiscard]] bool inits_tasks() const noexcept { return read_once(inits_tasks_); }
	void set_inits_tasks(bool inits) noexcept { write_once(inits_tasks_, inits); }

	// Tasks whose SCHED_EXT policy the scheduler refused while it was loaded.
	void count_rejected() noexcept { cxxrt::fetch_add(rejected_, 1); }
	void reset_rejected() noexcept { write_once(rejected_, 0); }
	[[nodiscard]] long rejected() const noexcept { return read_once(rejected_); }

	// Schedulers enabled since the module was loaded.
	void count_enable() noexcept { cxxrt::fetch_add(enable_seq_, 1); }
	[[nodiscard]] long enable_seq() const noexcept { return read_once(enable_seq_); }

private:
	u32 state_ = SCX_OPS_DISABLED;
	bool switching_all_ = false;
	bool enabled_ = false;
	bool switched_all_ = false;
	bool inits_tasks_ = false;
	long rejected_ = 0;
	long enable_seq_ = 0;
};

extern SchedulerState scheduler;

} // namespace scx
