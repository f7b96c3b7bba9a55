// SPDX-License-Identifier: GPL-2.0
// A script of operations, carried out on a machine of stand-ins with the core on it.
#pragma once

#include "random/decisions.hpp"

#include <string>

namespace host::random {

struct Verdict {
	size_t operation = 0;  // during or after which it was seen
	std::string violation; // empty: none
	u64 digest = 0;        // of everything that the schedulers were told
};

// Runs it in this process. `progress`, if any, is kept at the operation that is being carried out:
// a crash leaves nothing else.
[[nodiscard]] Verdict carry_out(Script const& script, size_t* progress = nullptr);

} // namespace host::random
