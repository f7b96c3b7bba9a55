// SPDX-License-Identifier: GPL-2.0
// expect g++: use of deleted function
// expect clang++: call to deleted constructor
#include "kernel.hpp"

void twice(QueueLock& lock)
{
	QueueGuard guard{lock};
	QueueGuard copy{guard};
}
