// SPDX-License-Identifier: GPL-2.0
// What is left of the C++ runtime. Guards for statics, atexit and unwinding are missing on purpose:
// code that needs them does not link.
#include "cxxrt/assert.hpp"

#ifndef CXXRT_HOST

extern "C" void __cxa_pure_virtual();

extern "C" void __cxa_pure_virtual()
{
	CXXRT_BUG_ON("pure virtual call");
}

#endif
