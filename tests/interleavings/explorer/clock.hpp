// SPDX-License-Identifier: GPL-2.0
// Vector clocks: what lies before what.
#pragma once

#include "explorer/explorer.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace explore {

struct Clock {
	std::array<u32, kMaxActors> at{};

	void join(Clock const& other)
	{
		for (size_t i = 0; i < kMaxActors; ++i)
			at[i] = std::max(at[i], other.at[i]);
	}
};

// Who accessed which byte when, and whether two accesses are unordered.
class Shadow {
public:
	struct Conflict {
		size_t other; // actor
		void* pc;     // of its access
		bool wrote;
	};

	void clear() { cells_.clear(); }

	// Records an access; true if an earlier one by another actor is not ordered before it.
	bool access(uintptr_t address, size_t size, bool write, size_t actor, Clock const& clock,
		    void* pc, Conflict& conflict)
	{
		bool found = false;

		for (size_t i = 0; i < size; ++i, ++address) {
			Cell& cell = cells_[address];

			for (size_t other = 0; other < kMaxActors; ++other) {
				if (other == actor)
					continue;
				if (cell.written[other] > clock.at[other]) {
					conflict = {other, cell.write_pc[other], true};
					found = true;
				} else if (write && cell.read[other] > clock.at[other]) {
					conflict = {other, cell.read_pc[other], false};
					found = true;
				}
			}
			(write ? cell.written : cell.read)[actor] = clock.at[actor];
			(write ? cell.write_pc : cell.read_pc)[actor] = pc;
		}
		return found;
	}

private:
	struct Cell {
		std::array<u32, kMaxActors> written{}, read{};
		std::array<void*, kMaxActors> write_pc{}, read_pc{};
	};

	// By byte: flags of one byte each lie side by side.
	std::unordered_map<uintptr_t, Cell> cells_;
};

} // namespace explore
