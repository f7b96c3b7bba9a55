// SPDX-License-Identifier: GPL-2.0
// expect g++: ignoring returned value of type 'cxxrt::Retired<Task>'
// expect clang++: ignoring return value of function declared with 'nodiscard'
// What was replaced must be freed after the readers, so it cannot be dropped.
#include "kernel.hpp"

void drop(cxxrt::RcuPtr<Task>& pointer)
{
	pointer.replace(nullptr);
}
