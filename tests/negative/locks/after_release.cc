// SPDX-License-Identifier: GPL-2.0
// expect clang++: requires holding
#include "queue.hpp"

void add(Queue& queue)
{
	QueueGuard guard{queue.lock};

	guard.release();
	queue.length = 0;
}
