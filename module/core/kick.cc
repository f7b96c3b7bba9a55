// SPDX-License-Identifier: GPL-2.0
#include "core/kick.hpp"

#include "core/cpumask.hpp"
#include "core/exit_control.hpp"

namespace scx {

namespace {

// Per CPU, where each CPU it waits for stood: scx_rq::pnt_seq, by CPU number.
void* awaited_sequences;

unsigned long* awaited_here()
{
	return static_cast<unsigned long*>(this_cpu_address(awaited_sequences));
}

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

void kick(s32 cpu, struct rq& this_rq)
{
	scx_rq& asked = this_rq.scx;
	bool const preempt = mask_test_and_clear(*asked.cpus_to_preempt, cpu);
	struct rq& rq = cpu_rq(cpu);
	RqIrqGuard guard{rq};

	if (!can_kick(cpu, this_rq)) {
		mask_test_and_clear(*asked.cpus_to_wait, cpu);
		return;
	}
	if (preempt && is_ext(*rq.curr))
		rq.curr->scx.slice = 0;
	if (mask_test(*asked.cpus_to_wait, cpu))
		awaited_here()[cpu] = rq.scx.pnt_seq;
	resched_curr(&rq);
}

void kick_if_idle(s32 cpu, struct rq& this_rq)
{
	struct rq& rq = cpu_rq(cpu);
	RqIrqGuard guard{rq};

	if (!busy_for_sure(rq) && can_kick(cpu, this_rq))
		resched_curr(&rq);
}

// No other task may start here before the CPU has rescheduled, so this does not sleep.
void wait_for(s32 cpu, struct rq const& this_rq)
{
	if (cpu == cpu_of(this_rq))
		return;
	while (load_acquire(cpu_rq(cpu).scx.pnt_seq) == awaited_here()[cpu])
		cxxrt::cpu_relax();
}

void request(struct rq& this_rq, cpumask* mask, s32 cpu)
{
	mask_set(*mask, cpu);
	irq_work_queue(&this_rq.scx.kick_cpus_irq_work);
}

bool zero_slice_warned;

} // namespace

Result<void> create_kick_state()
{
	awaited_sequences =
		kshim_alloc_percpu(nr_cpus() * sizeof(unsigned long), alignof(unsigned long));
	if (!awaited_sequences)
		return cxxrt::fail(cxxrt::kEnomem);
	return cxxrt::ok();
}

void destroy_kick_state()
{
	kshim_free_percpu(awaited_sequences);
	awaited_sequences = nullptr;
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
	for_each_cpu(*asked.cpus_to_wait, [&](s32 cpu) {
		wait_for(cpu, *this_rq);
		mask_test_and_clear(*asked.cpus_to_wait, cpu);
	});
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
