// SPDX-License-Identifier: GPL-2.0
// What scxctl doctor looks at, one function for each subject.
#pragma once

#include <string>
#include <vector>

#include "scxctl/system.h"

namespace scxctl {

enum class Verdict {
	ok,
	note,   // works, but somebody may wonder
	wrong,  // schedulers cannot run until `next` is done
	unasked // cannot be found out until something else is right
};

struct Finding {
	std::string subject{};
	Verdict verdict = Verdict::ok;
	std::string detail{};
	std::string next{}; // what to do; for wrong always
};

using Findings = std::vector<Finding>;

// The hooks, the kernel's types, and BPF; true when the kernel can take the module.
bool check_kernel(const System& system, Findings& findings);

// The module: installed for this kernel, loaded, with types.
void check_module(const System& system, bool kernel_can, Findings& findings);

// What scheduler programs need besides: rights, libbpf, groups, tracing, the unit.
void check_surroundings(const System& system, const std::string& directory, Findings& findings);

} // namespace scxctl
