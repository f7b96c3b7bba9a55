// SPDX-License-Identifier: GPL-2.0
// A scheduler written to the API of 2023, made of lambdas. The fixture.
#pragma once

#include "core/task_state.hpp"
#include "tests/scheduler.hpp"
#include <cstring>

namespace host {

// What the callbacks of the table, plain functions, find. Reset by each test's fixture.
struct OldScheduler {
	std::function<s32(task_struct*, s32)> select_cpu = [](task_struct*, s32 previous) {
		return previous;
	};
	std::function<void(task_struct*, u64)> enqueue = [](task_struct* p, u64) {
		bpf::dispatch(p, SCX_DSQ_GLOBAL);
	};
	std::function<void(s32)> dispatch = [](s32) {};
	std::function<s32(task_struct*, scx_enable_args*)> prep_enable =
		[](task_struct*, scx_enable_args*) { return 0; };
	std::function<s32()> init = [] { return 0; };
	std::string trace;      // of the lives of tasks
	std::string watched;    // only of this task, if not empty
	std::vector<u64> asked; // flags of ops.enqueue()
	std::optional<scx_exit_info_v4> exited;
};

class ApiV4 : public ModuleTest {
protected:
	explicit ApiV4(Topology topology = {}) : ModuleTest{topology} { old = {}; }

	// A table with the callbacks that every test needs.
	static sched_ext_ops_v4 table()
	{
		sched_ext_ops_v4 made{};

		made.enqueue = [](task_struct* p, u64 flags) {
			old.asked.push_back(flags);
			old.enqueue(p, flags);
		};
		made.init = [] { return old.init(); };
		made.exit = [](scx_exit_info_v4* info) { old.exited = *info; };
		std::strcpy(made.name, "host_v4");
		return made;
	}

	static s32 choose(task_struct* p, s32 previous, u64) { return old.select_cpu(p, previous); }
	static void dispatch_to(s32 cpu, task_struct*) { old.dispatch(cpu); }

	// The same, with everything that is told about the life of a task.
	static sched_ext_ops_v4 tracing()
	{
		sched_ext_ops_v4 made = table();

		made.prep_enable = [](task_struct* p, scx_enable_args* args) {
			note("prep", p);
			return old.prep_enable(p, args);
		};
		made.enable = [](task_struct* p, scx_enable_args*) { note("enable", p); };
		made.cancel_enable = [](task_struct* p, scx_enable_args*) { note("cancel", p); };
		made.disable = [](task_struct* p) { note("disable", p); };
		made.set_weight = [](task_struct* p, u32) { note("weight", p); };
		made.set_cpumask = [](task_struct* p, cpumask const*) { note("cpumask", p); };
		old.watched = "a";
		return made;
	}

	static void note(char const* what, task_struct* p)
	{
		if (old.watched == p->comm)
			old.trace += std::string(what) + " ";
	}

	static std::string taken_trace() { return std::exchange(old.trace, {}); }

	void load_v4(sched_ext_ops_v4 const& scheduler)
	{
		ASSERT_EQ(scx_entry_register_v4(&scheduler, loaded_by), 0);
		ASSERT_STREQ(scx_entry_state_name(), "enabled")
			<< (old.exited ? old.exited->msg : "");
	}

	void TearDown() override { unload(); }

	static std::string summary_line(char const* name)
	{
		char text[1024];

		scx_entry_summary(text, sizeof(text));
		std::string const all = text;
		size_t const begin = all.find(": ", all.find(name)) + 2;

		return all.substr(begin, all.find('\n', begin) - begin);
	}

	static OldScheduler old;
};

inline OldScheduler ApiV4::old;

} // namespace host
