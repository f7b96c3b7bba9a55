// SPDX-License-Identifier: GPL-2.0
// Task groups: the scheduler learns of every cgroup with a cpu controller, its weight, and each
// task that moves between two.
//
// All of this runs under scx_cgroup_rwsem, which is held for reading from the permission to move
// until the move is done, and for writing while a scheduler is loaded and unloaded. A group is
// ONLINE (the kernel keeps that) and INITED once the loaded scheduler has accepted it.
#pragma once

#include "core/kernel.hpp"

namespace scx::cgroups {

// scx_cgroup_rwsem is held for writing. Tells the scheduler of every group, parents first; fails
// with the error of ops.cgroup_init(), and those accepted by then are told goodbye by exit_all().
[[nodiscard]] Result<void> init_all();

// scx_cgroup_rwsem is held for writing. Children first.
void exit_all();

// The group of a task, or its nearest ancestor that exists if the task has outlived it: one that
// the scheduler was told of.
[[nodiscard]] task_group* live_group_of(task_struct& p);
[[nodiscard]] cgroup* live_cgroup_of(task_struct& p);

} // namespace scx::cgroups
