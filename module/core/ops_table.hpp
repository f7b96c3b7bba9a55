// SPDX-License-Identifier: GPL-2.0
// The callbacks of the loaded scheduler, and how they are called.
//
// A callback exists for the core from arm() to disarm(): the table that the hot paths look at is
// empty otherwise, so that they test one pointer and nothing else. Whoever disarms waits for an
// RCU grace period before the scheduler's memory goes; callers hold off preemption or RCU.
#pragma once

#include "core/kernel.hpp"

namespace scx {

// What the API that a scheduler is written to has otherwise than today's, besides the table.
struct Dialect {
	// FIFO and vtime tasks may share a queue, FIFO ones first, and the global queue can be
	// consumed and counted.
	bool free_queues = false;
	// The callback that initialises tasks, for messages.
	char const* init_task = "init_task";
	// The state of a scheduler that is being loaded, until tasks change to the class.
	char const* preparing = "enabling";
	// If not null: given the scheduler's own table under the enable mutex, before anything
	// else; and given each task, its runqueue locked, once neither load nor fork can fail.
	void (*begin)(void const* table) = nullptr;
	void (*admit)(task_struct& p) = nullptr;
};

extern Dialect const kToday;

class OpsTable {
public:
	// The callback if the scheduler has it and it is armed, else null. Call what this returned:
	// asking twice races with disarm().
	template <auto kOp>
	[[nodiscard]] auto get() const noexcept
	{
		return read_once(armed_.*kOp);
	}

	template <auto kOp>
	[[nodiscard]] bool has() const noexcept
	{
		return get<kOp>() != nullptr;
	}

	// SCX_OPS_* of the armed scheduler, 0 without one.
	[[nodiscard]] bool flag(u64 which) const noexcept { return read_once(flags_) & which; }

	// Everything else about the loaded scheduler; the enable mutex, or while it is enabled.
	[[nodiscard]] sched_ext_ops const& loaded() const noexcept { return loaded_; }

	// Of the loaded scheduler, today's without one; any context.
	[[nodiscard]] Dialect const& dialect() const noexcept { return *read_once(dialect_); }

	// Enable mutex held. load() before anything; then hotplug callbacks once ops.init() is
	// done, then the others; clear() at the end.
	void load(sched_ext_ops const& ops, Dialect const& dialect) noexcept
	{
		loaded_ = ops;
		write_once(dialect_, &dialect);
	}
	// From ops.init(): all tasks are to be scheduled, not only SCHED_EXT ones.
	void schedule_all() noexcept { loaded_.flags &= ~u64{SCX_OPS_SWITCH_PARTIAL}; }
	void arm_hotplug() noexcept;
	void arm() noexcept;
	void disarm() noexcept;
	void clear() noexcept { load({}, kToday); }

private:
	sched_ext_ops armed_{};
	u64 flags_ = 0;
	sched_ext_ops loaded_{};
	Dialect const* dialect_ = &kToday;
};

extern OpsTable ops;

// Every bit above the highest one set: contexts that may nest inside `mask`, not around it.
constexpr u32 contexts_inside(u32 mask) noexcept
{
	return mask ? ~(~0U >> __builtin_clz(mask)) : 0;
}

// Which kfuncs the callback that runs in this scope may call, and on which tasks the strict ones
// may be used. Nests only outwards in: CPU_RELEASE, then DISPATCH, then the others.
class CallScope {
public:
	explicit CallScope(u32 mask, task_struct* subject = nullptr,
			   task_struct* other = nullptr) noexcept
		: entity_{current_task()->scx}, mask_{mask}
	{
		CXXRT_ASSERT(!(entity_.kf_mask & (mask | contexts_inside(mask))));
		entity_.kf_tasks[0] = subject;
		entity_.kf_tasks[1] = other;
		entity_.kf_mask |= mask;
		cxxrt::compiler_barrier();
	}

	CallScope(CallScope const&) = delete;
	CallScope& operator=(CallScope const&) = delete;

	~CallScope()
	{
		cxxrt::compiler_barrier();
		entity_.kf_mask &= ~mask_;
		entity_.kf_tasks[0] = nullptr;
		entity_.kf_tasks[1] = nullptr;
	}

private:
	sched_ext_entity& entity_;
	u32 mask_;
};

// Calls a callback that is about no task.
template <typename R, typename... P>
CXXRT_ALWAYS_INLINE R call(u32 mask, R (*op)(P...), cxxrt::type_identity_t<P>... arguments)
{
	CallScope scope{mask};

	return op(arguments...);
}

// Calls a callback about one task.
template <typename R, typename... P>
CXXRT_ALWAYS_INLINE R call_for_task(u32 mask, R (*op)(task_struct*, P...), task_struct& p,
				    cxxrt::type_identity_t<P>... arguments)
{
	CallScope scope{mask, &p};

	return op(&p, arguments...);
}

// Calls a callback about two tasks; the second may be null.
template <typename R>
CXXRT_ALWAYS_INLINE R call_for_tasks(u32 mask, R (*op)(task_struct*, task_struct*), task_struct& a,
				     task_struct* b)
{
	CallScope scope{mask, &a, b};

	return op(&a, b);
}

// The kfunc side. Each reports an error naming `kfunc` and answers false when the call is not
// allowed from where it was made.
[[nodiscard]] bool kfunc_allowed(u32 mask, char const* kfunc);
[[nodiscard]] bool kfunc_allowed_on(u32 mask, task_struct const& p, char const* kfunc);

// No callback of this scheduler runs on this CPU's task: no runqueue lock is held on its behalf.
[[nodiscard]] inline bool kfunc_unlocked()
{
	return !current_task()->scx.kf_mask;
}

} // namespace scx
