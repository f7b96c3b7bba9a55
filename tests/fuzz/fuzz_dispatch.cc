// SPDX-License-Identifier: GPL-2.0
// The dispatch buffer against a plain model: a scheduler has eight tasks and dispatches, cancels
// and consumes in ops.dispatch() as the bytes say, some tasks twice, some that were requeued
// meanwhile.
#include "core_target.hpp"

#include "core/ownership.hpp"

#include <algorithm>
#include <array>

namespace {

constexpr u32 kTasks = 8;
constexpr u32 kBatch = 6;
constexpr u32 kQueues = 3; // 1 to 3

class Target final : public host::ModuleTest {
public:
	explicit Target(fuzz::Bytes bytes) : ModuleTest{{.cpus = 1}}, bytes_{bytes}
	{
		load({.select_cpu = [](task_struct*, s32 previous, u64) { return previous; },
		      .enqueue = [](task_struct*, u64) {}, // kept
		      .dispatch = [this](s32, task_struct*) { dispatch(); },
		      .init =
			      [] {
				      for (u64 id = 1; id <= kQueues; ++id)
					      if (s32 const failed =
							  scx_entry_kf_create_dsq(id, -1))
						      return failed;
				      return 0;
			      },
		      .dispatch_max_batch = kBatch});
		machine.settle();
		for (u32 i = 0; i < kTasks; ++i) {
			char const name[] = {static_cast<char>('a' + i), '\0'};

			tasks_[i] = &machine.create_task(name);
			machine.wake(*tasks_[i]);
			where_[i] = 0;
		}
	}

	void run()
	{
		while (!bytes_.empty()) {
			u32 const what = bytes_.next();

			if (what & 1) {
				requeue(what >> 1 & 7);
			} else {
				calls_ = 1 + (what >> 1) % 12;
				machine.schedule(0);
				flush();
				machine.run_irq_work(0);
			}
			compare();
			if (overflowed_)
				break;
		}
		if (take_error().empty() != !overflowed_)
			fuzz::violation("an overflow without an error, or the other way round");
	}

private:
	struct Verdict {
		u32 task, queue;
		u32 stay;
		bool head;
	};

	void TestBody() override {}

	// The model: -1 is the running task, 0 the scheduler, else the queue.
	void requeue(u32 i)
	{
		if (where_[i] < 0)
			return;
		if (!machine.take_off(*tasks_[i]))
			fuzz::violation("a task runs that was not consumed");
		leave(i);
		machine.put_back(*tasks_[i]);
		where_[i] = 0;
		++stays_[i];
	}

	void leave(u32 i)
	{
		if (where_[i] > 0)
			std::erase(queues_[static_cast<size_t>(where_[i])], i);
	}

	void dispatch()
	{
		flush();
		while (calls_ && !overflowed_) {
			--calls_;

			u32 const what = bytes_.next();

			switch (what & 7) {
			case 0:
				cancel();
				break;
			case 1:
				if (scx_entry_kf_dispatch_nr_slots() != kBatch - buffer_.size())
					fuzz::violation("free slots differ");
				break;
			default:
				give(what >> 3 & 7, 1 + bytes_.below(kQueues), what & 4);
			}
		}
	}

	void cancel()
	{
		if (buffer_.empty())
			return; // an error, and not what is looked for
		scx_entry_kf_dispatch_cancel();
		buffer_.pop_back();
	}

	void give(u32 i, u32 queue, bool head)
	{
		if (buffer_.size() == kBatch)
			overflowed_ = true;
		// A task that is not the scheduler's is a verdict that will be dropped.
		else
			buffer_.push_back({i, queue, where_[i] ? ~0u : stays_[i], head});
		host::bpf::dispatch(tasks_[i], queue, SCX_SLICE_DFL, head ? SCX_ENQ_HEAD : 0);
	}

	void flush()
	{
		for (Verdict const& verdict : buffer_) {
			u32 const i = verdict.task;

			if (where_[i] || verdict.stay != stays_[i])
				continue;
			auto& queue = queues_[verdict.queue];

			queue.insert(verdict.head ? queue.begin() : queue.end(), i);
			where_[i] = static_cast<int>(verdict.queue);
		}
		buffer_.clear();
	}

	void compare()
	{
		for (u32 id = 1; id <= kQueues; ++id) {
			std::string wanted;

			for (u32 i : queues_[id])
				wanted +=
					(wanted.empty() ? "" : " ") + std::string(tasks_[i]->comm);
			if (host::names_in(id) != wanted)
				fuzz::violation("a queue is in another order than the model");
		}
		for (u32 i = 0; i < kTasks; ++i)
			if ((scx::Ownership{*tasks_[i]}.state() == SCX_OPSS_QUEUED) != !where_[i])
				fuzz::violation("a task is owned by another one than in the model");
	}

	fuzz::Bytes bytes_;
	std::array<task_struct*, kTasks> tasks_{};
	std::array<int, kTasks> where_{};
	std::array<u32, kTasks> stays_{};
	std::array<std::vector<u32>, kQueues + 1> queues_;
	std::vector<Verdict> buffer_;
	u32 calls_ = 0;
	bool overflowed_ = false;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(uint8_t const* data, size_t size)
{
	fuzz::Complaints complaints;
	Target target{{data, size}};

	target.run();
	return 0;
}
