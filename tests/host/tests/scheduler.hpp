// SPDX-License-Identifier: GPL-2.0
// A scheduler made of lambdas in place of a BPF program, and the fixture that loads it into a
// Machine the way struct_ops does.
#pragma once

#include "stand_ins/machine.hpp"

#include "core/exit_info.hpp"
#include "core/scheduler_state.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace host {

// The callbacks that are set exist in the table; the others are null there.
struct Scheduler {
	std::function<s32(task_struct*, s32, u64)> select_cpu = nullptr;
	std::function<void(task_struct*, u64)> enqueue = nullptr;
	std::function<void(task_struct*, u64)> dequeue = nullptr;
	std::function<void(s32, task_struct*)> dispatch = nullptr;
	std::function<void(task_struct*)> tick = nullptr;
	std::function<void(task_struct*, u64)> runnable = nullptr;
	std::function<void(task_struct*)> running = nullptr;
	std::function<void(task_struct*, bool)> stopping = nullptr;
	std::function<void(task_struct*, u64)> quiescent = nullptr;
	std::function<bool(task_struct*, task_struct*)> yield = nullptr;
	std::function<bool(task_struct*, task_struct*)> core_sched_before = nullptr;
	std::function<void(task_struct*, u32)> set_weight = nullptr;
	std::function<void(task_struct*, cpumask const*)> set_cpumask = nullptr;
	std::function<void(s32, bool)> update_idle = nullptr;
	std::function<void(s32, scx_cpu_acquire_args*)> cpu_acquire = nullptr;
	std::function<void(s32, scx_cpu_release_args*)> cpu_release = nullptr;
	std::function<s32(task_struct*, scx_init_task_args*)> init_task = nullptr;
	std::function<void(task_struct*, scx_exit_task_args*)> exit_task = nullptr;
	std::function<void(task_struct*)> enable = nullptr;
	std::function<void(task_struct*)> disable = nullptr;
	std::function<void(scx_dump_ctx*)> dump = nullptr;
	std::function<void(scx_dump_ctx*, s32, bool)> dump_cpu = nullptr;
	std::function<void(scx_dump_ctx*, task_struct*)> dump_task = nullptr;
	std::function<s32(cgroup*, scx_cgroup_init_args*)> cgroup_init = nullptr;
	std::function<void(cgroup*)> cgroup_exit = nullptr;
	std::function<s32(task_struct*, cgroup*, cgroup*)> cgroup_prep_move = nullptr;
	std::function<void(task_struct*, cgroup*, cgroup*)> cgroup_move = nullptr;
	std::function<void(task_struct*, cgroup*, cgroup*)> cgroup_cancel_move = nullptr;
	std::function<void(cgroup*, u32)> cgroup_set_weight = nullptr;
	std::function<void(s32)> cpu_online = nullptr;
	std::function<void(s32)> cpu_offline = nullptr;
	std::function<s32()> init = nullptr;
	std::function<void(scx_exit_info*)> exit = nullptr;

	u32 dispatch_max_batch = 0;
	u64 flags = 0;
	u32 timeout_ms = 0;
	u32 exit_dump_len = 16384;
	u64 hotplug_seq = 0;
};

// The tasks of a queue by name, in dispatch order, with a blank between two.
[[nodiscard]] std::string names_in(scx_dispatch_q& dsq);
[[nodiscard]] std::string names_in(u64 dsq_id);

// A machine with the module inserted and no scheduler loaded.
class ModuleTest : public testing::Test {
protected:
	explicit ModuleTest(Topology topology = {});
	~ModuleTest() override;

	// Loads a scheduler; 0 or -errno, and it may have been ejected by then.
	int try_load(Scheduler scheduler);
	// Loads it and expects it to be enabled.
	void load(Scheduler scheduler);
	void unload();

	// What waits in a CPU's local queue, in its node's global queue, and what it runs.
	[[nodiscard]] std::string local(s32 cpu) { return names_in(machine.rq(cpu).scx.local_dsq); }
	[[nodiscard]] static std::string global(s32 node_cpu = 0);
	[[nodiscard]] std::string running(s32 cpu) { return machine.rq(cpu).curr->comm; }

	// The error that the core has just raised, by its message, without ejecting anybody for it.
	// Empty if there was none.
	[[nodiscard]] std::string take_error();
	// What ops.exit() was told of the scheduler that ended last.
	struct Exit {
		scx_exit_kind kind;
		s64 code;
		std::string reason, message, dump;
	};
	std::optional<Exit> exited;
	// As whose it is loaded and unloaded.
	void const* loaded_by = this;

	Machine machine;

private:
	sched_ext_ops table_{};
};

class SmtModuleTest : public ModuleTest {
protected:
	SmtModuleTest() : ModuleTest{{.cpus = 4, .threads_per_core = 2, .nodes = 1}} {}
};

// kfuncs as BPF programs call them: RCU is held around a program.
namespace bpf {

inline void dispatch(task_struct* p, u64 dsq_id, u64 slice = SCX_SLICE_DFL, u64 enq_flags = 0)
{
	scx_entry_kf_dispatch(p, dsq_id, slice, enq_flags);
}

inline void dispatch_vtime(task_struct* p, u64 dsq_id, u64 vtime, u64 slice = SCX_SLICE_DFL,
			   u64 enq_flags = 0)
{
	scx_entry_kf_dispatch_vtime(p, dsq_id, slice, vtime, enq_flags);
}

} // namespace bpf

} // namespace host
