// SPDX-License-Identifier: GPL-2.0
// expect: Held<OtherLock>
#include "kernel.hpp"

void add(cxxrt::Held<OtherLock> const& lock, Task& task)
{
	enqueue(lock, task);
}
