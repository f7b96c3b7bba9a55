// SPDX-License-Identifier: GPL-2.0
// A queue whose lock clang knows about.
#pragma once

#include "../compile/kernel.hpp"

struct Queue {
	QueueLock lock;
	u64 length CXXRT_GUARDED_BY(lock);

	void grow() CXXRT_REQUIRES(lock) { length = length + 1; }
};
