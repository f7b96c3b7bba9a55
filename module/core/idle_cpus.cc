// SPDX-License-Identifier: GPL-2.0
#include "core/idle_cpus.hpp"

#include "core/ops_table.hpp"

namespace scx {

constinit IdleCpus idle_cpus;

Result<void> IdleCpus::create()
{
	cpus_ = kshim_cpumask_alloc();
	cores_ = kshim_cpumask_alloc();
	if (cpus_ && cores_)
		return cxxrt::ok();
	destroy();
	return cxxrt::fail(cxxrt::kEnomem);
}

void IdleCpus::destroy()
{
	kshim_cpumask_free(cpus_);
	kshim_cpumask_free(cores_);
	cpus_ = cores_ = nullptr;
}

void IdleCpus::enable()
{
	mask_copy(*cpus_, __cpu_online_mask);
	mask_copy(*cores_, __cpu_online_mask);
	write_once(enabled_, true);
}

void IdleCpus::update(s32 cpu, bool idle)
{
	bool const smt = kshim_smt_active();

	if (!idle) {
		mask_test_and_clear(*cpus_, cpu);
		if (smt)
			mask_remove(*cores_, *kshim_smt_mask(cpu));
		return;
	}
	mask_set(*cpus_, cpu);
	if (smt && mask_contains(*cpus_, *kshim_smt_mask(cpu)))
		mask_add(*cores_, *kshim_smt_mask(cpu));
}

bool IdleCpus::claim(s32 cpu)
{
	// Claimed or not, the core is not wholly idle; and pick() must not find it again. A CPU
	// that is offline is not its own sibling: it is taken out by itself.
	if (kshim_smt_active()) {
		mask_remove(*cores_, *kshim_smt_mask(cpu));
		mask_test_and_clear(*cores_, cpu);
	}
	return mask_test_and_clear(*cpus_, cpu);
}

s32 IdleCpus::pick(cpumask const& allowed, bool whole_core_only)
{
	u32 const none = nr_cpus();

	// Each round takes at least one CPU out of a mask, so this ends.
	for (;;) {
		u32 cpu = none;

		if (kshim_smt_active()) {
			cpu = cpumask_any_and_distribute(cores_, &allowed);
			if (cpu >= none && whole_core_only)
				return kNone;
		}
		if (cpu >= none)
			cpu = cpumask_any_and_distribute(cpus_, &allowed);
		if (cpu >= none)
			return kNone;
		if (claim(static_cast<s32>(cpu)))
			return static_cast<s32>(cpu);
	}
}

// An empty local queue alone would favour the woken task on a busy machine; idle CPUs alone say
// nothing of tasks that pile up here.
bool IdleCpus::waker_cpu_suits(task_struct const& p, s32 cpu, u64 wake_flags) const
{
	return (wake_flags & SCX_WAKE_SYNC) && !mask_empty(*cpus_) &&
	       !(current_task()->flags & PF_EXITING) && !read_once(cpu_rq(cpu).scx.local_dsq.nr) &&
	       mask_test(*p.cpus_ptr, cpu);
}

IdleCpus::Choice IdleCpus::select(task_struct& p, s32 prev_cpu, u64 wake_flags)
{
	s32 const here = this_cpu();

	if (waker_cpu_suits(p, here, wake_flags))
		return {here, true};

	if (kshim_smt_active()) {
		if (mask_test(*cores_, prev_cpu) && claim(prev_cpu))
			return {prev_cpu, true};
		if (s32 const cpu = pick(*p.cpus_ptr, true); cpu != kNone)
			return {cpu, true};
	}
	if (claim(prev_cpu))
		return {prev_cpu, true};
	if (s32 const cpu = pick(*p.cpus_ptr, false); cpu != kNone)
		return {cpu, true};
	return {prev_cpu, false};
}

// Claims a CPU that is in all three masks, looking from `start` on and around.
s32 IdleCpus::claim_common(cpumask const& idle, cpumask const& a, cpumask const& b, s32 start)
{
	u32 const words = mask_words();
	u32 const first = static_cast<u32>(start) / kBitsPerWord;
	unsigned long const not_before = ~0UL << (static_cast<u32>(start) % kBitsPerWord);

	// The first word comes twice, for its upper and its lower part.
	for (u32 i = 0; i <= words; ++i) {
		u32 const word = (first + i) % words;
		unsigned long bits = read_once(idle.bits[word]) & read_once(a.bits[word]) &
				     read_once(b.bits[word]);

		bits &= i == 0 ? not_before : i == words ? ~not_before : ~0UL;
		for (; bits; bits &= bits - 1) {
			s32 const cpu =
				static_cast<s32>(word * kBitsPerWord) + __builtin_ctzl(bits);

			if (claim(cpu))
				return cpu;
		}
	}
	return kNone;
}

s32 IdleCpus::select_among(task_struct const& p, s32 prev_cpu, u64 wake_flags,
			   cpumask const& allowed, bool whole_core_only)
{
	s32 const here = this_cpu();

	// It stays where it is, whatever its mask says in the moment before that narrows.
	if (is_pinned(p)) {
		bool const prev_fits =
			mask_test(*p.cpus_ptr, prev_cpu) && mask_test(allowed, prev_cpu);

		return prev_fits && claim(prev_cpu) ? prev_cpu : s32{kNone};
	}

	if (mask_test(allowed, here) && waker_cpu_suits(p, here, wake_flags))
		return here;
	if (kshim_smt_active())
		if (s32 const cpu = claim_common(*cores_, *p.cpus_ptr, allowed, prev_cpu);
		    cpu != kNone || whole_core_only)
			return cpu;
	return claim_common(*cpus_, *p.cpus_ptr, allowed, prev_cpu);
}

} // namespace scx

// A real transition between a task and the idle task has `notify` set. Without it the CPU was
// idle, was claimed or kicked, and goes back to idle with nothing to run: only the masks follow.
void scx_entry_update_idle(struct rq* rq, bool idle, bool notify)
{
	using namespace scx;

	if (notify && !rq_bypassing(*rq))
		if (auto* op = ops.get<&sched_ext_ops::update_idle>())
			call(SCX_KF_REST, op, cpu_of(*rq), idle);

	if (idle_cpus.enabled() && (notify || is_idle(*rq->curr)))
		idle_cpus.update(cpu_of(*rq), idle);
}
