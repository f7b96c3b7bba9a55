// SPDX-License-Identifier: GPL-2.0
// Schedulers written to the API of July 2023 (abi/ops_v4.h), the fourth version of the patches.
//
// Their table is translated into today's when they are loaded. Most callbacks go over as they are;
// those whose contract has changed get a function of this file in between:
//
//  - ops.init() decides by scx_bpf_switch_all() whether all tasks are scheduled;
//  - prep_enable, enable, cancel_enable and disable come once in the life of every task, whatever
//    its class, where today's enable and disable follow the class;
//  - ops.select_cpu() cannot dispatch. Where there is none, a CPU that was found idle is a hint to
//    ops.enqueue(), SCX_ENQ_LOCAL, and no dispatch behind its back;
//  - CPUs may come and go without a callback for it;
//  - ops.exit() gets the report in its old form.
//
// What the core itself does otherwise for such a scheduler is in Dialect (ops_table.hpp).
#pragma once

#include "core/kernel.hpp"

namespace scx {

struct Dialect;

namespace v4 {

// Today's table for a scheduler. Its wrappers work once Dialect::begin has been given the original.
[[nodiscard]] sched_ext_ops translate(sched_ext_ops_v4 const& original);

extern Dialect const kDialect;

} // namespace v4

} // namespace scx
