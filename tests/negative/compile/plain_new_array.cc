// SPDX-License-Identifier: GPL-2.0
// expect: is unavailable: use new (Gfp::...) T or make<T>(Gfp)
#include "kernel.hpp"

Task* create()
{
	return new Task[4];
}
