// SPDX-License-Identifier: GPL-2.0
// expect g++: fatal error: linux/sched.h: No such file or directory
// expect clang++: 'linux/sched.h' file not found
#include <linux/sched.h>
