// SPDX-License-Identifier: GPL-2.0
// expect: is unavailable: every delete must know its size
#include "kernel.hpp"

struct Opaque;

void drop(Opaque* object)
{
	delete object;
}
