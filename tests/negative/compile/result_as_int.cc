// SPDX-License-Identifier: GPL-2.0
// expect g++: cannot convert 'cxxrt::Result<void>' to 'int'
// expect clang++: no viable conversion from returned value of type 'cxxrt::Result<void>'
#include "kernel.hpp"

int begin(Task& task)
{
	return start(task);
}
