// SPDX-License-Identifier: GPL-2.0
// expect clang++: writing variable 'length' requires holding
#include "queue.hpp"

void clear(Queue& queue)
{
	queue.length = 0;
}
