// SPDX-License-Identifier: GPL-2.0
// Loading a scheduler.
//
// Until the exit is armed a failure is an error number of the attach. From then on the attach
// succeeds and the failure ends the scheduler the way any other error does, so that its user-space
// half learns the reason through ops.exit().
//
// Runs on a FIFO kthread: in the middle of it tasks change to a class below fair, and a caller that
// is one of them could be kept from finishing by fair ones.
#include "core/all_tasks.hpp"
#include "core/api_v4.hpp"
#include "core/bypass.hpp"
#include "core/cgroups.hpp"
#include "core/direct_dispatch.hpp"
#include "core/dispatch.hpp"
#include "core/events.hpp"
#include "core/exit_control.hpp"
#include "core/exit_info.hpp"
#include "core/idle_cpus.hpp"
#include "core/kick.hpp"
#include "core/ops_table.hpp"
#include "core/scheduler_state.hpp"
#include "core/switch_class.hpp"
#include "core/watchdog.hpp"

namespace scx {

namespace {

class EnableLock {
public:
	EnableLock() noexcept { kshim_enable_lock(); }
	EnableLock(EnableLock const&) = delete;
	EnableLock& operator=(EnableLock const&) = delete;
	~EnableLock() { kshim_enable_unlock(); }
};

class RwsemWrite {
public:
	explicit RwsemWrite(percpu_rw_semaphore& semaphore) noexcept : semaphore_{semaphore}
	{
		percpu_down_write(&semaphore_);
	}
	RwsemWrite(RwsemWrite const&) = delete;
	RwsemWrite& operator=(RwsemWrite const&) = delete;
	~RwsemWrite() { percpu_up_write(&semaphore_); }

private:
	percpu_rw_semaphore& semaphore_;
};

class CpusStable {
public:
	CpusStable() noexcept { cpus_read_lock(); }
	CpusStable(CpusStable const&) = delete;
	CpusStable& operator=(CpusStable const&) = delete;
	~CpusStable() { cpus_read_unlock(); }
};

class BypassScope {
public:
	BypassScope() noexcept { bypass::enter(); }
	BypassScope(BypassScope const&) = delete;
	BypassScope& operator=(BypassScope const&) = delete;
	~BypassScope() { bypass::leave(); }
};

// A scheduler to load. `original` is its own table, which `table` was made of.
struct Request {
	sched_ext_ops const& table;
	void const* owner;
	Dialect const& dialect = kToday;
	void const* original = nullptr;
};

// Whose the scheduler is that was loaded last, also when it has ended. Enable mutex.
void const* last_owner;

// What must be there before the exit can be armed.
Result<void> prepare(sched_ext_ops const& loaded)
{
	CXXRT_TRY(exit_control.create(loaded.exit_dump_len));

	auto const created = Result<void>::from_int(kshim_root_create());

	if (!created.ok())
		exit_control.destroy();
	return created;
}

void forget_last_scheduler(struct rq& rq)
{
	RqIrqGuard lock{rq};

	rq.scx.cpuperf_target = SCX_CPUPERF_ONE;
	// This one was not told that it lost the CPU.
	rq.scx.flags &= ~kRqReleased;
	update_attention(rq);
}

void arm(Request const& request)
{
	sched_ext_ops const& loaded = request.table;

	last_owner = request.owner;
	if (request.dialect.begin)
		request.dialect.begin(request.original);
	ops.load(loaded, request.dialect);
	scheduler.set(SCX_OPS_ENABLING);
	scheduler.reset_rejected();
	event_counters.reset();
	reset_zero_slice_warning();
	for (s32 cpu = 0; cpu < static_cast<s32>(nr_cpus()); ++cpu)
		if (cpu_possible(cpu))
			forget_last_scheduler(cpu_rq(cpu));

	if (!loaded.update_idle || (loaded.flags & SCX_OPS_KEEP_BUILTIN_IDLE))
		idle_cpus.enable();
	else
		idle_cpus.disable();
	exit_control.arm();
}

// CPUs stay as they are from ops.init() until the scheduler is told of their changes.
Result<void> init_scheduler()
{
	sched_ext_ops const& loaded = ops.loaded();
	CpusStable stable;

	if (loaded.init)
		if (s32 const failed = call(SCX_KF_UNLOCKED, loaded.init)) {
			Errno const reason = checked_errno("init", failed);

			error("ops.init() failed (%d)", reason.negative());
			return cxxrt::fail(reason);
		}
	ops.arm_hotplug();

	u64 const now = kshim_hotplug_seq();

	if (loaded.hotplug_seq && loaded.hotplug_seq != now)
		exit_of_kind(SCX_EXIT_UNREG_KERN, SCX_ECODE_ACT_RESTART | SCX_ECODE_RSN_HOTPLUG,
			     "expected hotplug seq %llu did not match actual %llu",
			     loaded.hotplug_seq, now);
	return cxxrt::ok();
}

Result<void> validate(sched_ext_ops const& loaded)
{
	if ((loaded.flags & SCX_OPS_ENQ_LAST) && !loaded.enqueue) {
		error("SCX_OPS_ENQ_LAST requires ops.enqueue() to be implemented");
		return cxxrt::fail(cxxrt::kEinval);
	}
	return cxxrt::ok();
}

// Each is initialised without a lock, with a reference that keeps it.
Result<void> init_all_tasks()
{
	AllTasks tasks;

	while (task_struct* p = tasks.next()) {
		// Dead and waiting for its memory to go: nothing will come of it.
		if (!kshim_tryget_task(p))
			continue;
		tasks.unlock();

		auto const done = init_task(*p, cgroups::live_group_of(*p), false);

		if (done.ok())
			set_task_state(*p, SCX_TASK_READY);
		else
			error("ops.%s() failed (%d) for %s[%d]", ops.dialect().init_task,
			      done.to_int(), p->comm, p->pid);
		kshim_put_task(p);
		kshim_cond_resched();
		tasks.relock();
		if (!done.ok())
			return done;
	}
	return cxxrt::ok();
}

// Groups before tasks, so that the scheduler knows where each task is.
Result<void> init_groups_and_tasks()
{
	RwsemWrite no_forks{scx_fork_rwsem};
	RwsemWrite no_group_changes{scx_cgroup_rwsem};

	scheduler.set_inits_tasks(true);

	auto const groups = cgroups::init_all();

	if (!groups.ok()) {
		error("ops.cgroup_init() failed (%d)", groups.to_int());
		return groups;
	}
	return init_all_tasks();
}

void switch_tasks()
{
	RwsemWrite no_forks{scx_fork_rwsem};
	auto* const admit = ops.dialect().admit;

	AllTasks::for_each_locked([admit](task_struct& p) {
		bool const ready = task_state(p) == SCX_TASK_READY;

		// Else it was dead before it could be initialised, or a change of its own has
		// brought it here already; the latter was not admitted by that.
		if (!ready && !(admit && task_state(p) == SCX_TASK_ENABLED))
			return;
		switch_class(p, [&p, ready, admit] {
			if (ready)
				p.scx.slice = SCX_SLICE_DFL;
			if (admit)
				admit(p);
		});
	});
}

// Between arming the exit and being enabled; a failure has been reported or is by the caller.
Result<void> take_over()
{
	sched_ext_ops const& loaded = ops.loaded();

	CXXRT_TRY(init_scheduler());
	CXXRT_TRY(validate(loaded));
	CXXRT_TRY(dispatch_buffers.create(loaded.dispatch_max_batch ? loaded.dispatch_max_batch
								    : u32{SCX_DSP_DFL_MAX_BATCH}));
	watchdog.start(loaded.timeout_ms);

	// Tasks enter the class one by one, and a scheduler in user space may be among the last.
	BypassScope bypassing;

	ops.arm();
	CXXRT_TRY(init_groups_and_tasks());

	scheduler.set_switching_all(!(loaded.flags & SCX_OPS_SWITCH_PARTIAL));
	scheduler.set_enabled(true);
	switch_tasks();
	return cxxrt::ok();
}

void announce()
{
	bool const all = scheduler.switching_all();

	if (all)
		scheduler.set_switched_all(true);
	kshim_print(KSHIM_INFO, "BPF scheduler \"%s\" enabled%s", ops.loaded().name,
		    all ? "" : " (partial)");
	kshim_root_announce();
	scheduler.count_enable();
}

Result<void> enable(Request const& request)
{
	{
		EnableLock lock;

		if (scheduler.state() != SCX_OPS_DISABLED)
			return cxxrt::fail(cxxrt::kEbusy);
		CXXRT_TRY(prepare(request.table));
		arm(request);

		auto const taken = take_over();

		if (taken.ok() && scheduler.finish_enabling()) {
			announce();
			return cxxrt::ok();
		}
		if (!taken.ok())
			error("loading the scheduler failed (%d)", taken.to_int());
	}
	// The end is carried out before the attach returns: its reason is there then. Whoever began
	// it may not have come to wake the thread up.
	queue_disable_work();
	kshim_flush_disable_work();
	return cxxrt::ok();
}

int enable_on_worker(void* request)
{
	return enable(*static_cast<Request const*>(request)).to_int();
}

int register_scheduler(Request request)
{
	if (kshim_domains_isolated()) {
		kshim_print(KSHIM_ERROR,
			    "\"%s\" cannot be loaded: isolcpus= on the kernel command "
			    "line takes CPUs out of scheduling domains",
			    request.table.name);
		return cxxrt::kEinval.negative();
	}
	return kshim_run_on_enable_worker(enable_on_worker, &request);
}

} // namespace

} // namespace scx

int scx_entry_init(void)
{
	using namespace scx;

	if (int const failed = kshim_dsq_table_init())
		return failed;

	auto const created = []() -> Result<void> {
		CXXRT_TRY(create_direct_dispatch_state());
		CXXRT_TRY(event_counters.create());
		CXXRT_TRY(idle_cpus.create());
		CXXRT_TRY(global_queues.create());
		return cxxrt::ok();
	}();

	if (!created.ok())
		scx_entry_exit();
	return created.to_int();
}

void scx_entry_exit(void)
{
	using namespace scx;

	// Programs outside of a scheduler may have made queues that nobody destroyed.
	user_queues::destroy_all();
	global_queues.destroy();
	idle_cpus.destroy();
	event_counters.destroy();
	destroy_direct_dispatch_state();
	kshim_dsq_table_destroy();
}

int scx_entry_register(sched_ext_ops* loaded, void const* owner)
{
	return scx::register_scheduler({*loaded, owner});
}

int scx_entry_register_v4(sched_ext_ops_v4 const* loaded, void const* owner)
{
	sched_ext_ops const table = scx::v4::translate(*loaded);

	return scx::register_scheduler({table, owner, scx::v4::kDialect, loaded});
}

void scx_entry_unregister(void const* owner)
{
	{
		scx::EnableLock lock;

		if (scx::last_owner != owner)
			return;
		scx::exit_control.request(SCX_EXIT_UNREG);
	}
	kshim_flush_disable_work();
}
