// SPDX-License-Identifier: GPL-2.0
// The core on a machine made up for one case, and a scheduler on the core.
#pragma once

#include "suites/machine.hpp"

namespace suite {

// Text without an allocator. What does not fit is cut.
struct Text {
	enum : u32 { kSize = 112 }; // a kernel's stack is small

	Text() = default;
	Text(char const* from) { append(from); }

	Text& append(char const* from);
	[[nodiscard]] bool equals(char const* other) const;
	[[nodiscard]] bool contains(char const* part) const;

	char at[kSize] = "";
};

// The names of a queue's tasks in dispatch order, with a blank between two.
[[nodiscard]] Text names_in(scx_dispatch_q& dsq);
// Of a scheduler's own queue; "no such queue" if there is none.
[[nodiscard]] Text names_in(u64 dsq_id);

class World {
public:
	enum class Module { inserted, absent };

	explicit World(Shape shape = {}, Module module = Module::inserted);
	World(World const&) = delete;
	World& operator=(World const&) = delete;
	// Unloads what is loaded. Complains of an error that nobody took, of assertions that
	// failed, and of memory that is not back.
	~World();

	// Whether it could be made; a case begins with REQUIRE(world.ready()).
	[[nodiscard]] bool ready() const { return ready_; }

	// A task, asleep, that may run on all CPUs or on those whose bits are set.
	task_struct& task(char const* name, s32 cpu = 0, u64 allowed = ~0ULL);
	// The same, awake and settled in whatever queue the scheduler chose.
	task_struct& woken(char const* name, s32 cpu = 0, u64 allowed = ~0ULL);

	// Loads a scheduler as struct_ops does: 0 or -errno, and it may have been ejected by then.
	// Its ops.exit() is the world's.
	int load(sched_ext_ops const& table);
	void unload();
	[[nodiscard]] static bool enabled();

	// The error that the core has just raised, by its message, without anybody being ejected
	// for it. Empty if there was none.
	[[nodiscard]] static Text take_error();

	// What ops.exit() of the scheduler that ended last was told.
	struct Exit {
		bool told;
		scx_exit_kind kind;
		s64 code;
		Text message;
	};
	[[nodiscard]] static Exit const& exit() { return exit_; }

	[[nodiscard]] static Text local(s32 cpu);
	[[nodiscard]] static Text running(s32 cpu);

private:
	static void on_exit(scx_exit_info* info);

	static Exit exit_;
	static sched_ext_ops table_;
	bool ready_ = false;
	bool inserted_ = false;
	long allocations_before_ = 0;
};

// The scheduler of most cases: tasks stay where they were, the scheduler has those that are
// enqueued until a case disposes of them, and queues 1 to 3 exist. The one table there is, made
// anew by each call, for the caller to change: it is too large for a kernel's stack.
[[nodiscard]] sched_ext_ops& keeping_scheduler();

// kfuncs as BPF programs call them.
namespace bpf {

inline void dispatch(task_struct& p, u64 dsq_id, u64 slice = SCX_SLICE_DFL, u64 enq_flags = 0)
{
	scx_entry_kf_dispatch(&p, dsq_id, slice, enq_flags);
}

inline void dispatch_vtime(task_struct& p, u64 dsq_id, u64 vtime, u64 enq_flags = 0)
{
	scx_entry_kf_dispatch_vtime(&p, dsq_id, SCX_SLICE_DFL, vtime, enq_flags);
}

} // namespace bpf

} // namespace suite
