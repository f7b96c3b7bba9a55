// SPDX-License-Identifier: GPL-2.0
// expect: a policy with state would make the pointer wider
#include "kernel.hpp"

struct CountingPolicy {
	static void retain(Task&) {}
	static void release(Task&) {}

	int count;
};

cxxrt::RefPtr<Task, CountingPolicy> task;
