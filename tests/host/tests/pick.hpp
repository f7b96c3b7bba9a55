// SPDX-License-Identifier: GPL-2.0
// What a CPU runs next: balance, pick, put and set over whole scheduling cycles. The fixture.
#pragma once

#include "core/dispatch.hpp"
#include "core/enqueue.hpp"
#include "core/ownership.hpp"
#include "core/transfer.hpp"
#include "tests/scheduler.hpp"
#include <algorithm>

namespace host {

constexpr u64 kQueue = 1;

// First in, first out over one shared queue, with a trace of what the scheduler is told.
class Pick : public ModuleTest {
protected:
	Scheduler fifo()
	{
		return {.select_cpu = [](task_struct*, s32 previous, u64) { return previous; },
			.enqueue =
				[this](task_struct* p, u64 flags) {
					if (flags & SCX_ENQ_LAST)
						trace += std::string("last:") + p->comm + " ";
					bpf::dispatch(p,
						      flags & SCX_ENQ_LAST ? last_queue : kQueue);
				},
			.dispatch =
				[this](s32 cpu, task_struct* previous) {
					++dispatches;
					if (on_dispatch)
						on_dispatch(cpu, previous);
					else
						scx_entry_kf_consume(kQueue);
				},
			.running =
				[this](task_struct* p) {
					trace += std::string("+") + p->comm + " ";
				},
			.stopping =
				[this](task_struct* p, bool runnable) {
					trace += std::string(runnable ? "~" : "-") + p->comm + " ";
				},
			.cpu_acquire =
				[this](s32 cpu, scx_cpu_acquire_args*) {
					trace += "acquire:" + std::to_string(cpu) + " ";
				},
			.cpu_release =
				[this](s32, scx_cpu_release_args* args) {
					trace += "release:" + std::to_string(args->reason) + " ";
					if (reenqueue)
						reenqueued += scx_entry_kf_reenqueue_local();
				},
			.init = [] { return scx_entry_kf_create_dsq(kQueue, -1); }};
	}

	void start(Scheduler scheduler)
	{
		load(std::move(scheduler));
		machine.settle();
		trace.clear();
		dispatches = 0;
	}

	task_struct& awake(char const* name, s32 cpu = 0)
	{
		task_struct& p = machine.create_task(name, {.cpu = cpu, .allowed = {cpu}});

		machine.wake(p);
		return p;
	}

	void TearDown() override { unload(); }

	std::string trace;
	std::function<void(s32, task_struct*)> on_dispatch;
	u64 last_queue = kQueue;
	int dispatches = 0;
	bool reenqueue = false;
	u32 reenqueued = 0;
};

} // namespace host
