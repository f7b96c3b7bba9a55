// SPDX-License-Identifier: GPL-2.0
// expect g++: no matching function for call to 'cxxrt::RcuPtr<Task>::load()'
// expect clang++: too few arguments to function call
#include "kernel.hpp"

Task* read_task(cxxrt::RcuPtr<Task>& pointer)
{
	return pointer.load();
}
