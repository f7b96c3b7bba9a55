// SPDX-License-Identifier: GPL-2.0
// expect: nothing
#include "queue.hpp"

void add(Queue& queue)
{
	QueueGuard guard{queue.lock};

	queue.grow();
	queue.length = 3;
}

void add_early(Queue& queue)
{
	QueueGuard guard{queue.lock};

	queue.grow();
	guard.release();
}
