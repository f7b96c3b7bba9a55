// SPDX-License-Identifier: GPL-2.0
// Scheduling policies of this program's own threads.
#pragma once

#include <sched.h>

#include "lib/result.h"

namespace scx {

// Of the tasks that a scheduler in partial mode has; like SCHED_OTHER while there is none. Headers
// older than the policy do not name it.
constexpr int kSchedExt = 7;

// Keeps the calling thread, and the threads that it starts meanwhile, under a policy without a
// priority. Threads that are left when it ends keep theirs; its own gets back what it had.
class UnderPolicy {
public:
	// The error says that the kernel does not allow it.
	static Result<UnderPolicy> policy(int policy);
	UnderPolicy(UnderPolicy&& other) noexcept
		: policy_before_(other.policy_before_), parameters_before_(other.parameters_before_)
	{
		other.policy_before_ = kMovedAway;
	}
	UnderPolicy& operator=(UnderPolicy&&) = delete;
	~UnderPolicy();

private:
	static constexpr int kMovedAway = -1;

	UnderPolicy(int policy, sched_param parameters)
		: policy_before_(policy), parameters_before_(parameters)
	{}

	int policy_before_;
	sched_param parameters_before_;
};

} // namespace scx
