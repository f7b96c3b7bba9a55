// SPDX-License-Identifier: GPL-2.0
// expect g++: is private within this context
// expect clang++: calling a private constructor of class 'cxxrt::Held<QueueLock>'
#include "kernel.hpp"

void add(QueueLock& lock, Task& task)
{
	enqueue(cxxrt::Held<QueueLock>{&lock}, task);
}
