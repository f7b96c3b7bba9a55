// SPDX-License-Identifier: GPL-2.0
// The exit of the loaded scheduler: who claimed it, and the report that ops.exit() gets.
//
//	DONE ──arm()──► NONE ──claim()──► a kind ──take()──► DONE
//
// The claimer writes the report with preemption off and publishes it; the disable worker, alone,
// takes it. From the claim until the worker is queued the claimer must not be preempted: nobody
// else can end the scheduler then, and it may be the one that would have to run the claimer.
#pragma once

#include "core/kernel.hpp"

namespace scx {

class ExitControl {
public:
	// Enable mutex held. Memory for the report, `dump_size` bytes of it for the dump; may
	// sleep; ENOMEM.
	[[nodiscard]] Result<void> create(u32 dump_size);
	// From here on the exit can be claimed.
	void arm();
	// Nobody can claim any more, and RCU readers are gone.
	void destroy();

	// Ends the scheduler with this kind if nobody else does already. Any context but NMI.
	void request(scx_exit_kind kind);
	// `blamed_cpu` is the one to look at first, -1 for this one.
	void request(scx_exit_kind kind, s64 code, char const* format, __builtin_va_list arguments,
		     s32 blamed_cpu = -1);

	// The disable worker: the report, or null if there is nothing to end.
	[[nodiscard]] scx_exit_info* take();

	// Whether an exit was requested and has not been carried out.
	[[nodiscard]] bool pending() const
	{
		u32 const kind = read_once(kind_);

		return kind != SCX_EXIT_NONE && kind != SCX_EXIT_DONE;
	}

	// Who caused it; valid once take() returned a report.
	struct Culprit {
		char comm[16];
		s32 pid;
		s32 cpu;
		s32 blamed_cpu;
	};

	[[nodiscard]] Culprit const& culprit() const { return culprit_; }
	[[nodiscard]] u32 dump_size() const { return dump_size_; }

private:
	[[nodiscard]] bool claim(scx_exit_kind kind);
	void publish();

	u32 kind_ = SCX_EXIT_DONE;
	bool published_ = false;
	scx_exit_info* info_ = nullptr;
	u32 dump_size_ = 0;
	Culprit culprit_{};
};

extern ExitControl exit_control;

// In words, as ops.exit() and the log get it.
[[nodiscard]] char const* exit_reason(scx_exit_kind kind);

} // namespace scx
