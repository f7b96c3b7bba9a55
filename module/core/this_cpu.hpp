// SPDX-License-Identifier: GPL-2.0
// This CPU, its data and its task: read through the segment register that points to a CPU's
// memory, as the kernel's C does. A wakeup asks for these dozens of times, and through functions in
// C they made it 5 % dearer. The only inline assembly of the core; x86-64.
//
// All but current_task() may be out of date at once unless the caller holds off preemption.
#pragma once

#include "vmlinux.hpp"

#include "cxxrt/utility.hpp"

#include "abi/constants.h"

#if defined(CXXRT_HOST) || defined(SCX_STAND_INS)

// The simulated CPU of the host's stand-ins, or of scx_kunit.ko's.
extern "C" {
task_struct* kshim_current(void);
s32 kshim_this_cpu(void);
struct rq* kshim_cpu_rq(s32 cpu);
u32 kshim_nr_cpu_ids(void);
void* kshim_this_cpu_ptr(void* percpu);
}

namespace scx {

inline task_struct* current_task()
{
	return kshim_current();
}

inline s32 this_cpu()
{
	return kshim_this_cpu();
}

inline void* this_cpu_address(void* percpu)
{
	return kshim_this_cpu_ptr(percpu);
}

inline struct rq& cpu_rq(s32 cpu)
{
	return *kshim_cpu_rq(cpu);
}

inline struct rq& this_rq()
{
	return cpu_rq(this_cpu());
}

inline u32 nr_cpus()
{
	return kshim_nr_cpu_ids();
}

} // namespace scx

#else

extern "C" {
extern struct rq runqueues;
extern unsigned long __per_cpu_offset[];
extern unsigned int nr_cpu_ids;
}

namespace scx {

// The same task whatever CPU it is on, so the compiler may read it once.
CXXRT_ALWAYS_INLINE task_struct* current_task()
{
	task_struct* task;

	asm("movq %%gs:pcpu_hot+%c1(%%rip), %0" : "=r"(task) : "i"(SCX_PCPU_CURRENT_TASK));
	return task;
}

CXXRT_ALWAYS_INLINE s32 this_cpu()
{
	s32 cpu;

	asm volatile("movl %%gs:pcpu_hot+%c1(%%rip), %0" : "=r"(cpu) : "i"(SCX_PCPU_CPU_NUMBER));
	return cpu;
}

// What a per-CPU pointer means on this CPU.
CXXRT_ALWAYS_INLINE void* this_cpu_address(void* percpu)
{
	asm volatile("addq %%gs:this_cpu_off(%%rip), %0" : "+r"(percpu));
	return percpu;
}

CXXRT_ALWAYS_INLINE struct rq& this_rq()
{
	return *static_cast<struct rq*>(this_cpu_address(&runqueues));
}

CXXRT_ALWAYS_INLINE struct rq& cpu_rq(s32 cpu)
{
	auto const address = reinterpret_cast<unsigned long>(&runqueues) + __per_cpu_offset[cpu];

	return *reinterpret_cast<struct rq*>(address);
}

CXXRT_ALWAYS_INLINE u32 nr_cpus()
{
	return nr_cpu_ids;
}

} // namespace scx

#endif
