// SPDX-License-Identifier: GPL-2.0
// expect g++: 'constinit' variable 'registry' does not have a constant initializer
// expect clang++: variable does not have a constant initializer
// The loader runs no constructors; constinit is what turns that into an error.
#include "kernel.hpp"

extern "C" int random_number();

struct Registry {
	int seed = random_number();
};

constinit Registry registry;
