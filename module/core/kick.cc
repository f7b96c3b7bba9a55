// SPDX-License-Identifier: GPL-2.0
#include "core/kick.hpp"

#include "core/cpumask.hpp"
#include "core/exit_control.hpp"

namespace scx {

namespace {

// A CPU that runs a task and is not balancing will schedule before it idles.
bool busy_for_sure(struct rq const& rq)
{
	return !is_idle(*rq.curr) && !(rq.scx.flags & SCX_RQ_IN_BALANCE);
}

// An offline CPU is left alone, but for the asking one: on its way down it needs its own kicks.
bool can_kick(s32 cpu, struct rq const& this_rq)
{
	return cpu_online(cpu) || cpu == cpu_of(this_rq);
}

// In balance the lock may be dropped, and the CPU may find nothing and idle: kick it.
bool runs_higher_class(struct rq const& rq)
{
	return class_above(rq.curr->sched_class, &ext_sched_class) &&
	       !(rq.scx.flags & SCX_RQ_IN_BALANCE);
}

void kick(s32 cpu, struct rq& this_rq)
{
	scx_rq& asked = this_rq.scx;
	bool const preempt = mask_test_and_clear(*asked.cpus_to_preempt, cpu);
	struct rq& rq = cpu_rq(cpu);
	RqIrqGuard guard{rq};
	bool const runs_ours = is_ext(*rq.curr);

	if (!runs_ours || !can_kick(cpu, this_rq))
		mask_test_and_clear(*asked.cpus_to_wait, cpu);
	if (!can_kick(cpu, this_rq) || runs_higher_class(rq))
		return;
	if (preempt && runs_ours)
		rq.curr->scx.slice = 0;
	resched_curr(&rq);
}

void kick_if_idle(s32 cpu, struct rq& this_rq)
{
	struct rq& rq = cpu_rq(cpu);
	RqIrqGuard guard{rq};

	if (!busy_for_sure(rq) && can_kick(cpu, this_rq))
		resched_curr(&rq);
}

// This CPU schedules, and waits at the end of that.
void prepare_wait(struct rq& this_rq)
{
	RqIrqGuard guard{this_rq};

	this_rq.scx.flags |= kRqMustWait;
	update_attention(this_rq);
	if (!runs_higher_class(this_rq))
		resched_curr(&this_rq);
}

// Whether `rq`, which was kicked, has scheduled since, or need not any more. `switches` is its
// number of switches some time after the kick: another kick may have come since. Preemption is
// off, so what `curr` points to stays.
bool has_scheduled(struct rq const& rq, u64 switches)
{
	task_struct& curr = *read_once(rq.curr);

	return !is_ext(curr) || !kshim_need_resched(&curr) ||
	       read_once(rq.nr_switches) != switches ||
	       (read_once(rq.scx.flags) & (kRqWaiting | SCX_RQ_BYPASSING)) ||
	       !cpu_online(cpu_of(rq));
}

void wait_for(struct rq const& rq)
{
	u64 const switches = read_once(rq.nr_switches);

	while (!has_scheduled(rq, switches))
		cxxrt::cpu_relax();
}

void request(struct rq& this_rq, cpumask* mask, s32 cpu)
{
	mask_set(*mask, cpu);
	irq_work_queue(&this_rq.scx.kick_cpus_irq_work);
}

bool zero_slice_warned;

} // namespace

bool take_wait(struct rq& rq)
{
	// Core scheduling balances for its siblings too: each waits for itself.
	if (!(rq.scx.flags & kRqMustWait) || cpu_of(rq) != this_cpu())
		return false;
	rq.scx.flags &= ~kRqMustWait;
	update_attention(rq);
	return true;
}

void kick_this_cpu(struct rq& rq)
{
	if (rq_bypassing(rq))
		return;
	request(this_rq(), this_rq().scx.cpus_to_kick, cpu_of(rq));
}

void kick_idle_cpu(struct rq& rq)
{
	// Whether it is busy is asked when the kick is carried out: now it is between two tasks.
	if (rq_bypassing(rq))
		return;
	request(this_rq(), this_rq().scx.cpus_to_kick_if_idle, cpu_of(rq));
}

void wake_idle_cpu(s32 cpu)
{
	request(this_rq(), this_rq().scx.cpus_to_kick_if_idle, cpu);
}

void warn_zero_slice(task_struct const& p)
{
	if (cxxrt::exchange(zero_slice_warned, true))
		return;
	kshim_print_deferred(KSHIM_WARNING,
			     "%s[%d] was dispatched with a slice of 0 and gets the default", p.comm,
			     p.pid);
}

void reset_zero_slice_warning()
{
	write_once(zero_slice_warned, false);
}

} // namespace scx

void scx_entry_kick_cpus(struct rq* this_rq)
{
	using namespace scx;

	scx_rq& asked = this_rq->scx;

	for_each_cpu(*asked.cpus_to_kick, [&](s32 cpu) {
		mask_test_and_clear(*asked.cpus_to_kick, cpu);
		mask_test_and_clear(*asked.cpus_to_kick_if_idle, cpu);
		kick(cpu, *this_rq);
	});
	for_each_cpu(*asked.cpus_to_kick_if_idle, [&](s32 cpu) {
		mask_test_and_clear(*asked.cpus_to_kick_if_idle, cpu);
		kick_if_idle(cpu, *this_rq);
	});
	mask_test_and_clear(*asked.cpus_to_wait, cpu_of(*this_rq));
	if (!mask_empty(*asked.cpus_to_wait))
		prepare_wait(*this_rq);
}

void scx_entry_wait_for_cpus(struct rq* this_rq)
{
	using namespace scx;

	cpumask& awaited = *this_rq->scx.cpus_to_wait;

	this_rq->scx.flags |= kRqWaiting;
	raw_spin_rq_unlock(this_rq);
	kshim_irq_enable();
	for_each_cpu(awaited, [&](s32 cpu) {
		// First, so that a kick in the meantime is not forgotten.
		mask_test_and_clear(awaited, cpu);
		wait_for(cpu_rq(cpu));
	});
	kshim_irq_disable();
	raw_spin_rq_lock_nested(this_rq, 0);
	this_rq->scx.flags &= ~kRqWaiting;
}

void scx_entry_kf_kick_cpu(s32 cpu, u64 flags)
{
	using namespace scx;

	if (!check_cpu(cpu, "given to scx_bpf_kick_cpu()"))
		return;

	IrqsOffScope irqs_off;
	struct rq& this_rq = scx::this_rq();

	// Around suspend interrupts may not work and irq_work would wait for ever.
	if (rq_bypassing(this_rq))
		return;

	if (!(flags & SCX_KICK_IDLE)) {
		if (flags & SCX_KICK_PREEMPT)
			mask_set(*this_rq.scx.cpus_to_preempt, cpu);
		if (flags & SCX_KICK_WAIT)
			mask_set(*this_rq.scx.cpus_to_wait, cpu);
		return request(this_rq, this_rq.scx.cpus_to_kick, cpu);
	}

	if (unlikely(flags & (SCX_KICK_PREEMPT | SCX_KICK_WAIT)))
		error("scx_bpf_kick_cpu(%d): SCX_KICK_IDLE excludes SCX_KICK_PREEMPT and "
		      "SCX_KICK_WAIT (flags 0x%llx)",
		      cpu, flags);

	struct rq& target = cpu_rq(cpu);

	if (raw_spin_rq_trylock(&target)) {
		bool const busy = busy_for_sure(target);

		raw_spin_rq_unlock(&target);
		if (busy)
			return;
	}
	request(this_rq, this_rq.scx.cpus_to_kick_if_idle, cpu);
}
