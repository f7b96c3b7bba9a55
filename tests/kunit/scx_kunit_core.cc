// SPDX-License-Identifier: GPL-2.0
// The C++ half of scx_kunit.ko as one unit (see cxxrt/cxx.mk): the core as the module has it, a
// made-up machine for it to run on, and the shared suites.
#include "kunit/rename.h"

#include "../../module/sched_ext_core.cc"

#include "kernel.cc"
#include "machine.cc"
#include "memory.cc"
#include "report.cc"
#include "shims.cc"

#include "../suites/allocation.cc"
#include "../suites/containers.cc"
#include "../suites/direct_dispatch.cc"
#include "../suites/dispatch_batch.cc"
#include "../suites/dispatch_queue.cc"
#include "../suites/exit_claim.cc"
#include "../suites/idle_cpus.cc"
#include "../suites/on_request.cc"
#include "../suites/ownership.cc"
#include "../suites/slice.cc"
#include "../suites/user_queue.cc"
#include "../suites/watchdog.cc"
#include "../suites/world.cc"
