// SPDX-License-Identifier: GPL-2.0
// What cxxrt's tests stand on instead of a kernel: shims that count, and allocation that can fail.
// Link fake_kernel.cc with the tests; it defines the kshim_* functions that cxxrt declares.
#pragma once

#include "vmlinux.hpp"

namespace fake_kernel {

struct Counts {
	unsigned live_allocations = 0;
	unsigned warnings = 0;
	unsigned rcu_readers = 0;
	unsigned grace_periods = 0;
};

extern Counts counts;

// The next allocation gives a null pointer.
void fail_next_allocation();

// Runs what kshim_call_rcu queued; as the end of a grace period would.
void run_rcu_callbacks();

} // namespace fake_kernel
