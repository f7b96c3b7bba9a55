// SPDX-License-Identifier: GPL-2.0
// expect g++: attempt to use poisoned "double"
// expect clang++: attempt to use a poisoned identifier
#include "kernel.hpp"

#include "cxxrt/enforce.hpp"

double weight;
