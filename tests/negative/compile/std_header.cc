// SPDX-License-Identifier: GPL-2.0
// expect g++: fatal error: vector: No such file or directory
// expect clang++: 'vector' file not found
#include <vector>
