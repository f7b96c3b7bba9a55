// SPDX-License-Identifier: GPL-2.0
// A scheduler that decides at random, from the seed of the operation at hand.
#pragma once

#include "random/lives.hpp"
#include "random/operation.hpp"

#include <random>

namespace host::random {

constexpr u64 kFifo = 1;
constexpr u64 kVtime = 2;

// Random numbers of one operation. Small, because there is a new one every microsecond.
class Dice {
public:
	explicit Dice(u64 seed = 0) : state_{seed} {}

	u64 next()
	{
		// SplitMix64 (Steele, Lea, Flood 2014).
		u64 z = state_ += 0x9e3779b97f4a7c15;

		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
		z = (z ^ z >> 27) * 0x94d049bb133111eb;
		return z ^ z >> 31;
	}

	u32 below(size_t bound) { return static_cast<u32>(next() % bound); }
	bool one_in(u32 chance) { return below(chance) == 0; }

private:
	u64 state_;
};

class Decisions {
public:
	Decisions(Setting const& setting, Dice& dice) : setting_{setting}, dice_{dice} {}

	// Another scheduler: which callbacks it has, which flags, whether it makes mistakes.
	[[nodiscard]] Scheduler draw();

	// A program that walks over a queue and moves what it likes.
	void walk();

	// A task is gone: nobody has a pointer to it any more.
	void forget(task_struct* p) { std::erase(kept_, p); }

	// How the last scheduler ended, to be looked at once.
	[[nodiscard]] std::string take_misbehaviour() { return std::exchange(misbehaviour_, {}); }

	// Everything that the scheduler was told, folded into a number.
	[[nodiscard]] u64 digest() const { return digest_; }

private:
	void note(unsigned what, task_struct const* p, u64 more = 0);
	void tell(Scheduler& scheduler);
	void dispatch(task_struct* p, bool owned);
	void dispatch_some(s32 cpu);
	[[nodiscard]] u64 queue_for(task_struct const* p);
	[[nodiscard]] s32 cpu_for(task_struct const* p);
	void ended(scx_exit_info const& info);

	Setting const& setting_;
	Dice& dice_;
	Lives lives_;
	std::vector<task_struct*> kept_; // given to the scheduler and not dispatched; twice perhaps
	bool mistakes_ = false;
	std::string misbehaviour_;
	u64 digest_ = 0;
};

} // namespace host::random
