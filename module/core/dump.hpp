// SPDX-License-Identifier: GPL-2.0
// The debug dump of a scheduler's end, or of SysRq-D: what the core knows of every CPU and every
// task that waits, and what the scheduler's dump callbacks add to it.
//
// Taken by the disable worker in task context. Interrupts are off for as long as one task takes, or
// the head of one CPU, never for a CPU's tasks or the whole dump. The CPU that the end is about
// comes first.
#pragma once

#include "core/exit_info.hpp"
#include "core/locks.hpp"

namespace scx {

// Text that grows line by line in memory of a fixed size. What does not fit is cut, and the end of
// the text says so.
class DumpText {
public:
	DumpText(char* buffer, u32 size) noexcept;

	// One line, behind the prefix that is in force.
	void line(char const* format, ...) __attribute__((format(printf, 2, 3)));
	void blank() { line("%s", ""); }

	void set_prefix(char const* prefix) { prefix_ = prefix; }

	// Where the text ends now, and back to there: for a part that may turn out empty.
	[[nodiscard]] u32 mark() const { return used_; }
	void rewind(u32 mark);

	// From now on lines are lost.
	[[nodiscard]] bool is_cut() const { return cut_; }

	// Marks a cut, if there was one.
	void finish();

private:
	char* buffer_;
	u32 size_;
	u32 used_ = 0;
	bool cut_ = false;
	char const* prefix_ = "";
};

// Writes the dump of `info` into its buffer; `info.kind` NONE is a dump on request. May sleep.
void dump_state(scx_exit_info& info, u32 size, ExitControl::Culprit const& culprit);

// SysRq-D: asks the disable worker for a dump to the tracepoint; and the worker's side.
void request_dump();
void dump_if_requested();

// Whether this CPU is in a dump callback; interrupts are off.
[[nodiscard]] bool dumping_here();

} // namespace scx
