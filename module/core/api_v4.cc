// SPDX-License-Identifier: GPL-2.0
#include "core/api_v4.hpp"

#include "core/cgroups.hpp"
#include "core/exit_control.hpp"
#include "core/idle_cpus.hpp"
#include "core/ops_table.hpp"
#include "core/scheduler_state.hpp"
#include "core/weight.hpp"

namespace scx::v4 {

namespace {

// In sched_ext_entity::flags, besides the kernel's SCX_TASK_*.
enum : u32 {
	// The last choice of a CPU for it found an idle one. Under pi_lock, while it is off the
	// runqueue.
	kTaskIdleFound = 1U << 24,
	// ops.enable() was called. Under the runqueue lock.
	kTaskEnabled = 1U << 25,
};

// Of the loaded scheduler. Changes under the enable mutex, while none of its callbacks is armed.
sched_ext_ops_v4 program;
bool initialising;
scx_exit_info_v4 report;

scx_enable_args enable_args(task_struct& p)
{
	return {cgroups::live_cgroup_of(p)};
}

// ---- CPUs and enqueue ----

s32 select_cpu(task_struct* p, s32 prev_cpu, u64 wake_flags)
{
	u32& context = current_task()->scx.kf_mask;
	u32 const outer = context;

	context = (outer & ~(SCX_KF_ENQUEUE | SCX_KF_SELECT_CPU)) | SCX_KF_REST;
	cxxrt::compiler_barrier();

	s32 const cpu = program.select_cpu(p, prev_cpu, wake_flags);

	cxxrt::compiler_barrier();
	context = outer;
	return cpu;
}

s32 find_cpu(task_struct* p, s32 prev_cpu, u64 wake_flags)
{
	IdleCpus::Choice const choice = idle_cpus.select(*p, prev_cpu, wake_flags);

	if (choice.idle)
		p->scx.flags |= kTaskIdleFound;
	else
		p->scx.flags &= ~kTaskIdleFound;
	return choice.cpu;
}

// A choice counts for the wakeup that it was made for, and alone on its CPU a task belongs there.
bool belongs_here(task_struct const& p, u64 enq_flags)
{
	return (enq_flags & SCX_ENQ_LAST) ||
	       ((enq_flags & SCX_ENQ_CPU_SELECTED) && (p.scx.flags & kTaskIdleFound));
}

void enqueue(task_struct* p, u64 enq_flags)
{
	u64 const local = belongs_here(*p, enq_flags) ? u64{SCX_V4_ENQ_LOCAL} : 0;

	program.enqueue(p, (enq_flags & ~u64{SCX_ENQ_CPU_SELECTED}) | local);
}

// A scheduler without the callback goes on.
void ignore_cpu(s32)
{}

// ---- The life of a task ----

// A policy that the scheduler has just disallowed: the parent's, which the child must not keep. Its
// class was chosen by it already.
void refuse_in_fork(task_struct& p)
{
	p.policy = static_cast<u32>(SCHED_NORMAL);
	p.sched_class = __setscheduler_class(SCHED_NORMAL, p.prio);
	scheduler.count_rejected();
}

s32 init_task(task_struct* p, scx_init_task_args* args)
{
	p->scx.flags &= ~(kTaskIdleFound | kTaskEnabled);
	if (!program.prep_enable)
		return 0;

	scx_enable_args prepared{args->cgroup};

	if (s32 const failed = program.prep_enable(p, &prepared))
		return failed;
	if (p->scx.disallow && args->fork && static_cast<s32>(p->policy) == SCHED_EXT)
		refuse_in_fork(*p);
	return 0;
}

void admit(task_struct& p)
{
	// Forked during the load.
	if (p.scx.flags & kTaskEnabled)
		return;

	scx_enable_args args = enable_args(p);

	// ops.enable() may look at it.
	p.scx.weight = weight_of(p);
	if (program.enable)
		call_for_task(SCX_KF_REST, program.enable, p, &args);
	p.scx.flags |= kTaskEnabled;
}

void exit_task(task_struct* p, scx_exit_task_args*)
{
	scx_enable_args args = enable_args(*p);

	if (!(p->scx.flags & kTaskEnabled)) {
		if (program.cancel_enable)
			program.cancel_enable(p, &args);
		return;
	}
	p->scx.flags &= ~kTaskEnabled;
	if (program.disable)
		program.disable(p);
}

// ---- The life of the scheduler ----

s32 init()
{
	initialising = true;
	s32 const result = program.init ? program.init() : 0;

	initialising = false;
	return result;
}

struct Exit {
	scx_exit_kind kind;
	scx_exit_type_v4 type;
	char const* reason;
};

// What it cannot bring about itself counts as an end by user space.
constexpr Exit kExits[] = {
	{SCX_EXIT_SYSRQ, SCX_V4_EXIT_SYSRQ, "disabled by sysrq-S"},
	{SCX_EXIT_ERROR, SCX_V4_EXIT_ERROR, "runtime error"},
	{SCX_EXIT_ERROR_BPF, SCX_V4_EXIT_ERROR_BPF, "scx_bpf_error"},
	{SCX_EXIT_ERROR_STALL, SCX_V4_EXIT_ERROR_STALL, "runnable task stall"},
	{SCX_EXIT_UNREG, SCX_V4_EXIT_UNREG, "BPF scheduler unregistered"},
};

Exit const& exit_of(scx_exit_kind kind)
{
	Exit const* found = kExits;

	while (found->kind != kind && found->kind != SCX_EXIT_UNREG)
		++found;
	return *found;
}

void exit(scx_exit_info* info)
{
	Exit const& exit = exit_of(info->kind);

	report = {};
	report.type = exit.type;
	scnprintf(report.reason, sizeof(report.reason), "%s", exit.reason);
	scnprintf(report.msg, sizeof(report.msg), "%s", info->msg);
	report.bt_len = info->bt_len;
	__builtin_memcpy(report.bt, info->bt, info->bt_len * sizeof(*info->bt));
	program.exit(&report);
}

void begin(void const* original)
{
	__builtin_memcpy(&program, original, sizeof(program));
}

} // namespace

sched_ext_ops translate(sched_ext_ops_v4 const& original)
{
	static_assert(sizeof(scx_exit_info_v4::bt) == SCX_EXIT_BT_LEN * sizeof(unsigned long));

	sched_ext_ops to{};

	to.select_cpu = original.select_cpu ? select_cpu : nullptr;
	// Without ops.enqueue() what today's core does by itself is the same.
	if (original.enqueue) {
		to.enqueue = enqueue;
		to.select_cpu = original.select_cpu ? select_cpu : find_cpu;
	}
	to.dequeue = original.dequeue;
	to.dispatch = original.dispatch;
	to.runnable = original.runnable;
	to.running = original.running;
	to.stopping = original.stopping;
	to.quiescent = original.quiescent;
	to.yield = original.yield;
	to.core_sched_before = original.core_sched_before;
	to.set_weight = original.set_weight;
	to.set_cpumask = original.set_cpumask;
	to.update_idle = original.update_idle;
	to.cpu_acquire = original.cpu_acquire;
	to.cpu_release = original.cpu_release;
	to.cpu_online = original.cpu_online ? original.cpu_online : ignore_cpu;
	to.cpu_offline = original.cpu_offline ? original.cpu_offline : ignore_cpu;
	to.init_task = init_task;
	to.exit_task = exit_task;
	to.cgroup_init = original.cgroup_init;
	to.cgroup_exit = original.cgroup_exit;
	to.cgroup_prep_move = original.cgroup_prep_move;
	to.cgroup_move = original.cgroup_move;
	to.cgroup_cancel_move = original.cgroup_cancel_move;
	to.cgroup_set_weight = original.cgroup_set_weight;
	to.init = init;
	to.exit = original.exit ? exit : nullptr;
	to.dispatch_max_batch = original.dispatch_max_batch;
	to.flags = original.flags | SCX_OPS_SWITCH_PARTIAL;
	to.timeout_ms = original.timeout_ms;
	to.exit_dump_len = SCX_EXIT_DUMP_DFL_LEN;
	__builtin_memcpy(to.name, original.name, sizeof(to.name));
	return to;
}

constinit Dialect const kDialect{
	.free_queues = true,
	.init_task = "prep_enable",
	.preparing = "prepping",
	.begin = begin,
	.admit = admit,
};

} // namespace scx::v4

void scx_entry_kf_switch_all(void)
{
	using namespace scx;

	if (kfunc_unlocked() && v4::initialising)
		ops.schedule_all();
	else
		error("scx_bpf_switch_all() called from elsewhere than ops.init() of a scheduler "
		      "written to the API of 2023");
}
