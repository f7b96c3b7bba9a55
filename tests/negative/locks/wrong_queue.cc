// SPDX-License-Identifier: GPL-2.0
// expect clang++: requires holding
#include "queue.hpp"

void move(Queue& from, Queue& to)
{
	QueueGuard guard{from.lock};

	to.grow();
}
