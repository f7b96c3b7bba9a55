// SPDX-License-Identifier: GPL-2.0
// expect g++: invalid initialization of reference
// expect clang++: no matching function for call to 'enqueue'
#include "kernel.hpp"

void add(Task& task)
{
	enqueue(task);
}
