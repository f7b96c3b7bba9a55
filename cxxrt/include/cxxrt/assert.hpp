// SPDX-License-Identifier: GPL-2.0
// Assertions: CXXRT_ASSERT warns and goes on, CXXRT_BUG_ON stops where going on would corrupt.
#pragma once

#include "cxxrt/kshim_assert.h"
#include "cxxrt/utility.hpp"

namespace cxxrt {

// True when the condition holds, so a caller can also back out of what it was about to do.
CXXRT_ALWAYS_INLINE bool check(bool condition, char const* file, int line,
			       char const* text) noexcept
{
	if (unlikely(!condition))
		kshim_warn(file, line, text);
	return condition;
}

} // namespace cxxrt

#define CXXRT_ASSERT(condition)                                                                    \
	(::cxxrt::check(static_cast<bool>(condition), __FILE__, __LINE__, #condition))

// __builtin_trap is the end of the path that both the compiler and objtool understand.
#define CXXRT_BUG_ON(condition)                                                                    \
	do {                                                                                       \
		if (::cxxrt::unlikely(static_cast<bool>(condition))) {                             \
			kshim_bug(__FILE__, __LINE__, #condition);                                 \
			__builtin_trap();                                                          \
		}                                                                                  \
	} while (false)
