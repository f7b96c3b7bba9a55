// SPDX-License-Identifier: GPL-2.0
// expect: no matching function for call to
#include "kernel.hpp"

Task read(Task& task)
{
	return cxxrt::read_once(task);
}
