// SPDX-License-Identifier: GPL-2.0
// expect g++: attempt to use poisoned "throw"
// expect clang++: attempt to use a poisoned identifier
#include "kernel.hpp"

#include "cxxrt/enforce.hpp"

void stop()
{
	throw 1;
}
