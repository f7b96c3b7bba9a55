// SPDX-License-Identifier: GPL-2.0
// The one deallocation function the compiler may still call by itself: from deleting destructors.
#include "cxxrt/new.hpp"

#ifndef CXXRT_HOST

void operator delete(void* memory, size_t) noexcept
{
	kshim_free(memory);
}

#endif
