// SPDX-License-Identifier: GPL-2.0
// expect g++: could not convert
// expect clang++: no viable conversion from 'int' to 'Errno'
// An error number is not just any integer: kEinval, or Errno{number}.
#include "kernel.hpp"

cxxrt::Result<void> begin()
{
	return cxxrt::fail(22);
}
