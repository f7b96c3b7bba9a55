// SPDX-License-Identifier: GPL-2.0
// expect g++: ignoring returned value of type 'cxxrt::Result<void>'
// expect clang++: ignoring return value of function declared with 'nodiscard'
#include "kernel.hpp"

void begin(Task& task)
{
	start(task);
}
