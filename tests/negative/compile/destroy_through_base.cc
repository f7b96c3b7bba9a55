// SPDX-License-Identifier: GPL-2.0
// expect: a base class pointer may not be the address that was allocated
#include "kernel.hpp"

struct Base {
	virtual ~Base() = default;
};

void drop(Base* object)
{
	cxxrt::destroy(object);
}
