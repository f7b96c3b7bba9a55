// SPDX-License-Identifier: GPL-2.0
// The kernel as the core sees it: its types, the module's C boundary, and short names for what
// the scheduler core keeps in its structures. Everything in core/ includes this first.
#pragma once

#include "vmlinux.hpp"

#include "cxxrt/assert.hpp"
#include "cxxrt/atomic.hpp"
#include "cxxrt/guard.hpp"
#include "cxxrt/intrusive_list.hpp"
#include "cxxrt/intrusive_rbtree.hpp"
#include "cxxrt/kshim_rcu.h"
#include "cxxrt/percpu.hpp"
#include "cxxrt/result.hpp"
#include "cxxrt/unique_ptr.hpp"

#include "abi/constants.h"
#include "abi/ops_v4.h"

// The border: functions with C's names and calling convention.
extern "C" {
#include "abi/entry.h"
#include "abi/kernel.h"
#include "abi/shim.h"
}

#include "core/this_cpu.hpp"

namespace scx {

using cxxrt::Errno;
using cxxrt::likely;
using cxxrt::load_acquire;
using cxxrt::read_once;
using cxxrt::Result;
using cxxrt::store_release;
using cxxrt::unlikely;
using cxxrt::write_once;

namespace list = cxxrt::list;
namespace rbtree = cxxrt::rbtree;

inline s32 cpu_of(struct rq const& rq)
{
	return rq.cpu;
}

inline s32 task_cpu(task_struct const& p)
{
	return static_cast<s32>(read_once(p.thread_info.cpu));
}

inline struct rq& task_rq(task_struct const& p)
{
	return cpu_rq(task_cpu(p));
}

// The runqueue of a local queue, which is embedded in it.
inline struct rq& rq_of_local(scx_dispatch_q& dsq)
{
	return *cxxrt::container_of<&rq::scx, &scx_rq::local_dsq>(&dsq);
}

inline bool is_ext(task_struct const& p)
{
	return p.sched_class == &ext_sched_class;
}

inline bool is_idle(task_struct const& p)
{
	return p.sched_class == &idle_sched_class;
}

// Classes lie in memory in the order of their priority, highest first.
inline bool class_above(sched_class const* a, sched_class const* b)
{
	return reinterpret_cast<unsigned long>(a) < reinterpret_cast<unsigned long>(b);
}

inline bool task_current(struct rq const& rq, task_struct const& p)
{
	return read_once(rq.curr) == &p;
}

// Between two runqueues, in a move that this scheduler or the kernel started.
inline bool task_on_rq_migrating(task_struct const& p)
{
	return read_once(p.on_rq) == static_cast<s32>(TASK_ON_RQ_MIGRATING);
}

inline bool task_queued(task_struct const& p)
{
	return p.scx.flags & SCX_TASK_QUEUED;
}

inline bool mask_test(cpumask const& mask, s32 cpu)
{
	return (read_once(mask.bits[cpu / 64]) >> (cpu % 64)) & 1;
}

inline bool cpu_possible(s32 cpu)
{
	return mask_test(__cpu_possible_mask, cpu);
}

inline bool cpu_online(s32 cpu)
{
	return mask_test(__cpu_online_mask, cpu);
}

inline bool cpu_active(s32 cpu)
{
	return mask_test(__cpu_active_mask, cpu);
}

// Whether BPF programs may be asked about this runqueue. While a CPU goes away, cpu_active() is
// the first to turn false; as long as it holds, SCX_RQ_ONLINE stays set for the current operation
// even if the runqueue is not locked.
inline bool rq_online(struct rq const& rq)
{
	return likely((read_once(rq.scx.flags) & SCX_RQ_ONLINE) && cpu_active(cpu_of(rq)));
}

inline bool rq_bypassing(struct rq const& rq)
{
	return unlikely(read_once(rq.scx.flags) & SCX_RQ_BYPASSING);
}

// What the core keeps in scx_rq::flags besides the kernel's SCX_RQ_*. Written under the lock.
enum : u32 {
	kRqReleased = 1U << 24, // ops.cpu_release() was told, ops.cpu_acquire() not yet
	kRqMustWait = 1U << 25, // for other CPUs, before the next task runs: see kick.hpp
	kRqWaiting = 1U << 26,  // does so now
	kRqUnfed = 1U << 27,    // the deadline server had its turn and found the local queue empty
};

// What it keeps in sched_ext_entity::flags besides the kernel's SCX_TASK_*; api_v4.cc has bits too.
// Changed under the runqueue's lock while nobody else can find the task in a queue.
enum : u32 {
	kTaskPinned = 1U << 26, // had migration disabled when it was put back, until it runs again
};

// Whether `p` must stay on its CPU by migrate_disable(). BPF's trampolines call that too, on behalf
// of the current task, for as long as a program runs; so the count of a task that is just being
// switched out also has the callbacks about others that follow in the same switch. Until it is off
// its CPU what held before them counts. Nor does the callback count that asks about its own current
// task.
inline bool is_pinned(task_struct const& p)
{
	if (likely(!read_once(p.migration_disabled)))
		return false;
	if (load_acquire(p.on_cpu))
		return read_once(p.scx.flags) & kTaskPinned;
	return read_once(p.migration_disabled);
}

// After a change of scx_rq::flags. Balance, on every switch, tests scx_rq::cpu_released alone: it
// says that one of them is set.
inline void update_attention(struct rq& rq)
{
	rq.scx.cpu_released = rq.scx.flags & (kRqReleased | kRqMustWait | SCX_RQ_BYPASSING);
}

// Wrapping comparisons, as the kernel's time_before64(): `a` lies before `b`.
inline bool before(u64 a, u64 b)
{
	return static_cast<s64>(a - b) < 0;
}

inline bool before(u32 a, u32 b)
{
	return static_cast<s32>(a - b) < 0;
}

} // namespace scx
