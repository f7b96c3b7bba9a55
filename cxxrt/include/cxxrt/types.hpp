// SPDX-License-Identifier: GPL-2.0
// The types cxxrt stands on. vmlinux.hpp is generated from the target kernel's BTF (on the host:
// a hand-written stand-in) and brings u8..u64, s8..s64, size_t and the kernel's own structures.
#pragma once

#include "vmlinux.hpp"

static_assert(sizeof(size_t) == sizeof(void*), "cxxrt expects an LP64 kernel");
static_assert(sizeof(u64) == 8 && sizeof(s64) == 8 && sizeof(u32) == 4 && sizeof(s32) == 4);

namespace cxxrt {

using Address = unsigned long;
using Offset = long;

} // namespace cxxrt
