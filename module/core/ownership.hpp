// SPDX-License-Identifier: GPL-2.0
// Who owns a runnable task: the core, or the BPF side.
//
//	none ──► queueing ──► queued ──► dispatching ──► none
//	            │            └──────────────────────► none   (dequeue)
//	            └───────────────────────────────────► none   (direct dispatch)
//
//  - queueing and its end happen under the task's runqueue lock, around ops.enqueue().
//  - queued: the BPF side has the task. It may dispatch any task at any time, wrongly too; the
//    core takes only what is queued, and only the very stay the dispatcher saw: each stay has a
//    brand (qseq) of its own that a task does not repeat.
//  - dispatching: one dispatcher has claimed the task and takes it to its queue. It must not take
//    the task's runqueue lock in this state: dequeue, which holds that lock, waits for its end.
//  - Leaving queueing and dispatching is a release store, seeing it an acquire load: who finds
//    the task in a later state sees what was done to it in the earlier one.
//
// The state lives in sched_ext_entity::ops_state, the last brand in ::ops_qseq.
#pragma once

#include "core/locks.hpp"

namespace scx {

class Ownership {
public:
	// The ops_state word: state in bits 1..0, brand above.
	using Word = unsigned long;

	explicit Ownership(task_struct& p) noexcept : entity_{p.scx} {}

	[[nodiscard]] static constexpr scx_ops_state state_of(Word word)
	{
		return static_cast<scx_ops_state>(word & kStateMask);
	}

	[[nodiscard]] static constexpr Word brand_of(Word word) { return word & ~kStateMask; }

	[[nodiscard]] Word word() const noexcept
	{
		return static_cast<Word>(read_once(entity_.ops_state.counter));
	}

	[[nodiscard]] scx_ops_state state() const noexcept { return state_of(word()); }

	// The brand of the present stay, 0 outside of any, for a dispatcher that writes to the task
	// next: a later stay's verdict would find those writes undone.
	[[nodiscard]] Word brand_before_writes() const noexcept
	{
		return brand_of(static_cast<Word>(load_acquire(entity_.ops_state.counter)));
	}

	// none -> queueing, with a new brand, which is returned. The runqueue lock is held.
	[[nodiscard]] Word begin_queueing() noexcept;

	// queueing -> queued: the BPF side has it. The runqueue lock is held.
	void finish_queueing(Word brand) noexcept { publish(SCX_OPSS_QUEUED | brand); }

	// queueing or dispatching -> none: the core has it.
	void release() noexcept { publish(SCX_OPSS_NONE); }

	// queued -> dispatching, if the stay is still the one of `brand`; waits out queueing. On
	// true the caller alone may move the task. No runqueue lock but this CPU's own is held.
	[[nodiscard]] bool claim(Word brand) noexcept;

	// queued -> none, for a dequeue: `before_taking` runs first while the BPF side still has
	// it. Waits out a dispatcher who has the task; its runqueue lock is held.
	template <typename Function>
	void take_back(Function&& before_taking) noexcept
	{
		Word seen = static_cast<Word>(load_acquire(entity_.ops_state.counter));

		// Begun and ended under the lock that the caller holds.
		CXXRT_BUG_ON(state_of(seen) == SCX_OPSS_QUEUEING);
		if (state_of(seen) == SCX_OPSS_NONE)
			return;
		if (state_of(seen) == SCX_OPSS_QUEUED) {
			before_taking();
			if (exchange_if(seen, SCX_OPSS_NONE))
				return;
		}
		wait_while(SCX_OPSS_DISPATCHING);
		CXXRT_BUG_ON(word() != SCX_OPSS_NONE);
	}

private:
	enum : Word { kStateMask = (1UL << SCX_OPSS_QSEQ_SHIFT) - 1 };

	void publish(Word word) noexcept
	{
		store_release(entity_.ops_state.counter, static_cast<long>(word));
	}

	[[nodiscard]] bool exchange_if(Word expected, Word desired) noexcept
	{
		auto found = static_cast<decltype(entity_.ops_state.counter)>(expected);

		return cxxrt::try_compare_exchange(entity_.ops_state.counter, found,
						   static_cast<long>(desired));
	}

	// Spins as long as the word is exactly this; acquires.
	void wait_while(Word word) noexcept;

	sched_ext_entity& entity_;
};

} // namespace scx
