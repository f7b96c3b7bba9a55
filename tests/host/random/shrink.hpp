// SPDX-License-Identifier: GPL-2.0
// Runs in a process of their own, so that a crash is a verdict like any other; and from a run that
// fails to the shortest one that still does.
#pragma once

#include "random/run.hpp"

#include <functional>

namespace host::random {

// As carry_out(), in a child. `quiet`: what it prints is dropped.
[[nodiscard]] Verdict carry_out_apart(Script const& script, bool quiet);

struct Shrunk {
	Script script;
	Verdict verdict;
	unsigned replays = 0;
};

// Leaves operations out, half of them at a time down to one at a time, until none of them can be
// spared (or after `patience` replays).
[[nodiscard]] Shrunk shrink(Script failing, Verdict const& verdict, unsigned patience = 4000);

} // namespace host::random
