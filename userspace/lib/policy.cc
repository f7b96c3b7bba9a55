// SPDX-License-Identifier: GPL-2.0
#include "lib/policy.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace scx {

Result<UnderPolicy> UnderPolicy::policy(int policy)
{
	const int before = sched_getscheduler(0);
	sched_param parameters_before{};
	const sched_param none{};
	if (before < 0 || sched_getparam(0, &parameters_before) != 0 ||
	    sched_setscheduler(0, policy, &none) != 0)
		return Error{fmt::format("cannot take the scheduling policy {} ({}); does the "
					 "kernel know it, and a sandbox allow it?",
					 policy, std::strerror(errno))};
	return UnderPolicy(before, parameters_before);
}

UnderPolicy::~UnderPolicy()
{
	if (policy_before_ != kMovedAway)
		sched_setscheduler(0, policy_before_, &parameters_before_);
}

} // namespace scx
