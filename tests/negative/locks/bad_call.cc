// SPDX-License-Identifier: GPL-2.0
// expect clang++: calling function 'grow' requires holding
#include "queue.hpp"

void add(Queue& queue)
{
	queue.grow();
}
