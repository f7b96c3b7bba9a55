// SPDX-License-Identifier: GPL-2.0
// The tasks that wait for scx_userland, in two orders at once: by virtual time and by arrival.
//
// Adding and taking cost a logarithm of how many wait; nothing is allocated once
// as many have waited before. Virtual times wrap: two of them may be compared
// while they are less than 2^63 apart, which all that wait at a time are.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <set>

namespace scx {

struct Waiting {
	std::uint64_t vtime;   // ns, scaled by weight
	std::uint64_t arrived; // ns of a clock
	std::uint64_t number;  // of arrivals before this one: tells entries apart
	std::uint32_t thread;
	std::uint32_t stay; // as in struct userland_message
};

class WaitingQueue {
public:
	explicit WaitingQueue(std::pmr::memory_resource* memory)
		: by_vtime_(memory), by_arrival_(memory)
	{}

	bool empty() const { return by_vtime_.empty(); }
	std::size_t size() const { return by_vtime_.size(); }

	void add(const Waiting& waiting)
	{
		by_vtime_.insert(waiting);
		by_arrival_.insert(waiting);
	}

	// Whose turn it is: the one that came before `patience_ended`, else the least vtime.
	// Null if nobody waits. Valid until the next change.
	const Waiting* next(std::uint64_t patience_ended) const
	{
		if (empty())
			return nullptr;
		const Waiting& oldest = *by_arrival_.begin();
		return oldest.arrived < patience_ended ? &oldest : &*by_vtime_.begin();
	}

	// `waiting` is one that next() returned; it is gone afterwards.
	Waiting take(const Waiting* waiting)
	{
		const Waiting taken = *waiting;
		by_vtime_.erase(taken);
		by_arrival_.erase(taken);
		return taken;
	}

private:
	struct ByVtime {
		bool operator()(const Waiting& left, const Waiting& right) const
		{
			if (left.vtime != right.vtime)
				return static_cast<std::int64_t>(left.vtime - right.vtime) < 0;
			return left.number < right.number;
		}
	};
	struct ByArrival {
		bool operator()(const Waiting& left, const Waiting& right) const
		{
			return left.number < right.number;
		}
	};

	std::pmr::set<Waiting, ByVtime> by_vtime_;
	std::pmr::set<Waiting, ByArrival> by_arrival_;
};

} // namespace scx
