// SPDX-License-Identifier: GPL-2.0
// Loading and unloading schedulers, and the lives of tasks and groups under them. The fixture.
#pragma once

#include "core/task_state.hpp"
#include "tests/scheduler.hpp"
#include <algorithm>

namespace host {

class Lifecycle : public ModuleTest {
protected:
	// Everything a scheduler is told about tasks, in one line.
	Scheduler tracing()
	{
		return {.enqueue = [](task_struct* p, u64) { bpf::dispatch(p, SCX_DSQ_LOCAL); },
			.runnable = [this](task_struct* p, u64) { note("runnable", p); },
			.set_weight = [this](task_struct* p, u32) { note("weight", p); },
			.set_cpumask = [this](task_struct* p,
					      cpumask const*) { note("cpumask", p); },
			.init_task =
				[this](task_struct* p, scx_init_task_args* args) {
					note(args->fork ? "fork" : "init", p);
					return refuse == p->comm ? -17 : 0;
				},
			.exit_task =
				[this](task_struct* p, scx_exit_task_args* args) {
					note(args->cancelled ? "cancel" : "exit", p);
				},
			.enable = [this](task_struct* p) { note("enable", p); },
			.disable = [this](task_struct* p) { note("disable", p); },
			.init =
				[this] {
					trace += "INIT ";
					return init_result;
				},
			.exit = [this](scx_exit_info*) { trace += "EXIT "; }};
	}

	void note(std::string const& what, task_struct* p)
	{
		if (p->comm == watched || watched.empty())
			trace += what + " ";
	}

	[[nodiscard]] static std::string state() { return scx_entry_state_name(); }

	void TearDown() override { unload(); }

	std::string trace, refuse;
	std::string watched = "a";
	s32 init_result = 0;
};

} // namespace host
