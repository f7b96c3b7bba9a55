// SPDX-License-Identifier: GPL-2.0
// expect g++: semantics of inline variable
// An inline variable would exist once per object, which -fno-weak cannot arrange.
#include "kernel.hpp"

struct Limits {
	static constexpr int kMaximum = 3;
};

int const* maximum()
{
	return &Limits::kMaximum;
}
