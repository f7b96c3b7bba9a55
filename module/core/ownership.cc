// SPDX-License-Identifier: GPL-2.0
#include "core/ownership.hpp"

namespace scx {

Ownership::Word Ownership::begin_queueing() noexcept
{
	// Brand 0 is what a dispatcher records of a task that is not queued: never used. The field
	// that counts is 32 bits wide and the brand has room for more, so it wraps by itself.
	if (!++entity_.ops_qseq)
		entity_.ops_qseq = 1;

	Word const brand = static_cast<Word>(entity_.ops_qseq) << SCX_OPSS_QSEQ_SHIFT;

	CXXRT_ASSERT(word() == SCX_OPSS_NONE);
	write_once(entity_.ops_state.counter, static_cast<long>(SCX_OPSS_QUEUEING | brand));
	return brand;
}

bool Ownership::claim(Word brand) noexcept
{
	for (;;) {
		// No acquire: the task is touched only after the exchange below succeeded.
		Word const seen = word();

		switch (state_of(seen)) {
		case SCX_OPSS_QUEUEING:
			// Its enqueuer holds the runqueue lock and depends on nothing of ours.
			wait_while(seen);
			continue;
		case SCX_OPSS_QUEUED:
			if (brand_of(seen) != brand)
				return false;
			// It may have gone, or gone and come back, since we looked.
			if (likely(exchange_if(seen, SCX_OPSS_DISPATCHING)))
				return true;
			continue;
		default:
			return false;
		}
	}
}

void Ownership::wait_while(Word word) noexcept
{
	while (static_cast<Word>(load_acquire(entity_.ops_state.counter)) == word)
		cxxrt::cpu_relax();
}

} // namespace scx
