// SPDX-License-Identifier: GPL-2.0
// kfuncs about CPUs and tasks.
#include "core/cgroups.hpp"
#include "core/dispatch.hpp"
#include "core/dump.hpp"
#include "core/exit_control.hpp"
#include "core/idle_cpus.hpp"
#include "core/ops_table.hpp"
#include "core/scheduler_state.hpp"
#include "core/task_state.hpp"

namespace scx {

namespace {

bool idle_tracking_on(char const* kfunc)
{
	if (likely(idle_cpus.enabled()))
		return true;
	error("%s(): built-in idle tracking is off, because ops.update_idle() is implemented "
	      "without SCX_OPS_KEEP_BUILTIN_IDLE",
	      kfunc);
	return false;
}

} // namespace

} // namespace scx

s32 scx_entry_kf_select_cpu_dfl(task_struct* p, s32 prev_cpu, u64 wake_flags, bool* is_idle)
{
	using namespace scx;

	*is_idle = false;
	if (!check_cpu(prev_cpu, "given to scx_bpf_select_cpu_dfl()") ||
	    !idle_tracking_on("scx_bpf_select_cpu_dfl") ||
	    !kfunc_allowed(SCX_KF_SELECT_CPU, "scx_bpf_select_cpu_dfl"))
		return prev_cpu;

	IdleCpus::Choice const choice = idle_cpus.select(*p, prev_cpu, wake_flags);

	*is_idle = choice.idle;
	return choice.cpu;
}

s32 scx_entry_kf_select_cpu_and(task_struct* p, s32 prev_cpu, u64 wake_flags,
				cpumask const* allowed, u64 flags)
{
	using namespace scx;

	if (!check_cpu(prev_cpu, "given to scx_bpf_select_cpu_and()"))
		return cxxrt::kEinval.negative();
	if (!idle_tracking_on("scx_bpf_select_cpu_and"))
		return cxxrt::kEbusy.negative();

	s32 cpu = IdleCpus::kNone;
	auto const select = [&] {
		cpu = idle_cpus.select_among(*p, prev_cpu, wake_flags, *allowed,
					     flags & SCX_PICK_IDLE_CORE);
	};

	// The callbacks hold a lock of the task at hand, under which its mask does not change.
	if (kfunc_unlocked()) {
		TaskRqLock lock{*p};

		select();
	} else if (kfunc_allowed_on(SCX_KF_SELECT_CPU | SCX_KF_ENQUEUE, *p,
				    "scx_bpf_select_cpu_and")) {
		select();
	}
	return cpu == IdleCpus::kNone ? cxxrt::kEbusy.negative() : cpu;
}

cpumask const* scx_entry_kf_idle_cpumask(void)
{
	using namespace scx;

	return idle_tracking_on("scx_bpf_get_idle_cpumask") ? &idle_cpus.idle_mask() : nullptr;
}

cpumask const* scx_entry_kf_idle_smtmask(void)
{
	using namespace scx;

	return idle_tracking_on("scx_bpf_get_idle_smtmask") ? &idle_cpus.idle_cores_mask()
							    : nullptr;
}

bool scx_entry_kf_test_and_clear_cpu_idle(s32 cpu)
{
	using namespace scx;

	return idle_tracking_on("scx_bpf_test_and_clear_cpu_idle") &&
	       check_cpu(cpu, "given to scx_bpf_test_and_clear_cpu_idle()") && idle_cpus.claim(cpu);
}

s32 scx_entry_kf_pick_idle_cpu(cpumask const* allowed, u64 flags)
{
	using namespace scx;

	if (!idle_tracking_on("scx_bpf_pick_idle_cpu"))
		return cxxrt::kEbusy.negative();

	s32 const cpu = idle_cpus.pick(*allowed, flags & SCX_PICK_IDLE_CORE);

	return cpu == IdleCpus::kNone ? cxxrt::kEbusy.negative() : cpu;
}

s32 scx_entry_kf_pick_any_cpu(cpumask const* allowed, u64 flags)
{
	using namespace scx;

	if (idle_cpus.enabled())
		if (s32 const cpu = idle_cpus.pick(*allowed, flags & SCX_PICK_IDLE_CORE);
		    cpu != IdleCpus::kNone)
			return cpu;

	u32 const any = cpumask_any_distribute(allowed);

	return any < nr_cpus() ? static_cast<s32>(any) : cxxrt::kEbusy.negative();
}

u32 scx_entry_kf_cpuperf_cap(s32 cpu)
{
	using namespace scx;

	return check_cpu(cpu, "given to scx_bpf_cpuperf_cap()") ? kshim_cpu_capacity(cpu)
								: SCX_CPUPERF_ONE;
}

u32 scx_entry_kf_cpuperf_cur(s32 cpu)
{
	using namespace scx;

	return check_cpu(cpu, "given to scx_bpf_cpuperf_cur()") ? kshim_cpu_frequency(cpu)
								: SCX_CPUPERF_ONE;
}

void scx_entry_kf_cpuperf_set(s32 cpu, u32 performance)
{
	using namespace scx;

	if (unlikely(performance > SCX_CPUPERF_ONE)) {
		error("scx_bpf_cpuperf_set(%d, %u): the target is 0 to %u", cpu, performance,
		      SCX_CPUPERF_ONE);
		return;
	}
	if (!check_cpu(cpu, "given to scx_bpf_cpuperf_set()"))
		return;
	write_once(cpu_rq(cpu).scx.cpuperf_target, performance);
	kshim_cpufreq_update(&cpu_rq(cpu));
}

bool scx_entry_kf_task_running(task_struct const* p)
{
	return scx::task_current(scx::task_rq(*p), *p);
}

s32 scx_entry_kf_task_cpu(task_struct const* p)
{
	return scx::task_cpu(*p);
}

struct rq* scx_entry_kf_cpu_rq(s32 cpu)
{
	using namespace scx;

	return check_cpu(cpu, "given to scx_bpf_cpu_rq()") ? &cpu_rq(cpu) : nullptr;
}

// The runqueue that the running callback holds the lock of.
struct rq* scx_entry_kf_locked_rq(void)
{
	using namespace scx;

	IrqsOffScope irqs_off;
	sched_ext_entity const& entity = current_task()->scx;
	u32 const mask = entity.kf_mask;

	// The callback that runs is the innermost one: the highest bit. ops.select_cpu() holds the
	// task's own lock only, dump callbacks that of whatever CPU they are about.
	if (mask && (mask & SCX_KF_REST || !(mask & SCX_KF_SELECT_CPU)) && !dumping_here()) {
		if (entity.kf_tasks[0])
			return &task_rq(*entity.kf_tasks[0]);
		return (mask & SCX_KF_DISPATCH) && !(mask & contexts_inside(SCX_KF_DISPATCH))
			       ? dispatch_buffers.here().rq
			       : &this_rq();
	}
	error("scx_bpf_locked_rq() called where the scheduler holds no runqueue lock (context "
	      "0x%x)",
	      mask);
	return nullptr;
}

// The caller is an RCU reader; the task may be another one at once.
task_struct* scx_entry_kf_cpu_curr(s32 cpu)
{
	using namespace scx;

	return check_cpu(cpu, "given to scx_bpf_cpu_curr()") ? read_once(cpu_rq(cpu).curr)
							     : nullptr;
}

// ns; does not go backwards as long as the caller stays on its CPU.
u64 scx_entry_kf_now(void)
{
	scx::PreemptOffScope preempt_off;

	return sched_clock_cpu(scx::this_cpu());
}

// What a program may also write directly. False: there is no scheduler whose task it could be.
bool scx_entry_kf_task_set_slice(task_struct* p, u64 slice)
{
	if (scx::scheduler.state() == SCX_OPS_DISABLED)
		return false;
	p->scx.slice = slice;
	return true;
}

bool scx_entry_kf_task_set_dsq_vtime(task_struct* p, u64 vtime)
{
	if (scx::scheduler.state() == SCX_OPS_DISABLED)
		return false;
	p->scx.dsq_vtime = vtime;
	return true;
}

// Only for tasks whose runqueue the callback has locked: their group cannot change meanwhile.
struct cgroup* scx_entry_kf_task_cgroup(task_struct* p)
{
	using namespace scx;

	bool const allowed =
		kfunc_allowed_on(SCX_KF_CPU_RELEASE | SCX_KF_DISPATCH | SCX_KF_ENQUEUE |
					 SCX_KF_SELECT_CPU | SCX_KF_REST,
				 *p, "scx_bpf_task_cgroup");
	struct cgroup* cgrp = allowed ? cgroups::live_cgroup_of(*p) : kshim_group_cgroup(nullptr);

	kshim_cgroup_get(cgrp);
	return cgrp;
}
