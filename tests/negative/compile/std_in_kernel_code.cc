// SPDX-License-Identifier: GPL-2.0
// expect g++: attempt to use poisoned "std"
// expect clang++: attempt to use a poisoned identifier
#include "kernel.hpp"

#include "cxxrt/enforce.hpp"

namespace std {}
