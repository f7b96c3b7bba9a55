// SPDX-License-Identifier: GPL-2.0
// How a scheduler's end begins: whoever is first to claim the exit determines kind, code and
// message; everything later is ignored until the next scheduler is loaded.
#pragma once

#include "core/kernel.hpp"

namespace scx {

// Ejects the scheduler with SCX_EXIT_ERROR and this message (one line, no newline, at most 1023
// characters). Any context, under any lock of locks.hpp, NMI excluded. Never sleeps. Nothing if
// no scheduler is loaded or its end has begun.
void error(char const* format, ...) __attribute__((format(printf, 1, 2)));

// The same with another kind and an scx_exit_code; kinds below SCX_EXIT_ERROR are no ejection.
void exit_of_kind(scx_exit_kind kind, u64 code, char const* format, ...)
	__attribute__((format(printf, 3, 4)));

// SCX_EXIT_ERROR_STALL, because of a task of this CPU: the dump shows that CPU first.
void stall_on(s32 cpu, char const* format, ...) __attribute__((format(printf, 2, 3)));

// Wakes the thread that ends schedulers and writes dumps, on an idle CPU, or else on any but this
// one: this one may be locked up, and the thread would wait on it for the end of that. Any context.
void queue_disable_work();

// A CPU number that came from a BPF program: true if it is possible, else an error that names
// `where` and the number.
[[nodiscard]] bool check_cpu(s32 cpu, char const* where);

} // namespace scx
