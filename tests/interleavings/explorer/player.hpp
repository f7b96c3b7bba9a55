// SPDX-License-Identifier: GPL-2.0
// One play after the other: the actors' stacks, who goes on, and what the accesses mean.
#pragma once

#include "explorer/memory.hpp"

#include <gtest/gtest-spi.h>
#include <map>
#include <ucontext.h>

namespace explore {

constexpr size_t kStackSize = 512 * 1024; // of an actor

// The decisions of a play, and the next play's.
class Decisions {
public:
	// Which of `count`; the first time the first.
	[[nodiscard]] u32 decide(u32 count)
	{
		if (depth_ == taken_.size())
			taken_.push_back({0, count});
		Decision const& decision = taken_[depth_++];

		strayed_ = strayed_ || decision.count != count;
		return decision.taken;
	}

	// The play before was another one than this far: something in it is not determined.
	[[nodiscard]] bool strayed() const { return strayed_; }

	// False when every decision has been made in every way.
	[[nodiscard]] bool next()
	{
		depth_ = 0;
		while (!taken_.empty() && taken_.back().taken + 1 == taken_.back().count)
			taken_.pop_back();
		if (taken_.empty())
			return false;
		++taken_.back().taken;
		return true;
	}

private:
	struct Decision {
		u32 taken, count;
	};

	std::vector<Decision> taken_;
	size_t depth_ = 0;
	bool strayed_ = false;
};

class Player final : public host::Meeting {
public:
	[[nodiscard]] static Player& get();

	[[nodiscard]] Result play_all(Protocol const& protocol, u64 most);

	void add_word(uintptr_t address, u32 size, char const* name);
	void add_pardon(uintptr_t address, size_t size) { pardons_.push_back({address, size}); }
	[[nodiscard]] bool pardoned(uintptr_t address) const { return in(pardons_, address); }
	void fail(std::string const& what);

	// ---- Accesses of the actor whose turn it is. `pc`: where in the code ----
	[[nodiscard]] bool watching() const { return turn_ < kMaxActors && !inside_; }
	void plain(uintptr_t address, size_t size, bool write, void* pc);
	[[nodiscard]] Word* find(uintptr_t address);
	[[nodiscard]] u64 load(Word& word, bool acquire, void* pc);
	void store(Word& word, u64 value, bool release, void* pc);
	// The value before; `change` gives the new one. Fully ordered.
	u64 exchange(Word& word, std::function<u64(u64)> const& change, void* pc);
	// The value found.
	u64 compare_exchange(Word& word, u64 expected, u64 desired, void* pc);
	void fence(bool acquire, bool release, bool full);
	void show_abort();

	// ---- host::Meeting ----
	void before_lock(void const* lock) override;
	void wait_until(std::function<bool()> const& holds) override;
	void locked(void const* lock) override;
	void unlocking(void const* lock) override;
	void quiescent() override;
	void touched(void const* memory, size_t size, bool written) override;
	bool keep_freed(void* memory, size_t size) override;

private:
	struct Fiber {
		ucontext_t context;
		std::function<void()> act;
		s32 cpu;
		bool ended;
		std::function<bool()> const* waiting; // null: it could go on
		Clock clock, seen, fence;             // seen: by loads that do not acquire
		bool fenced;
		Buffer buffer;
		Word const* spun; // word and value of the last loads, when nothing came between
		u64 spun_value;
		u32 spins;
	};

	struct Event {
		size_t actor;
		char const* what;
		std::string object;
		u64 value;
		void* pc;
	};

	struct Range {
		uintptr_t begin;
		size_t size;
	};

	void play_once(Protocol const& protocol);
	void start(std::vector<Actor> const& actors);
	void run_fibers(std::vector<Actor> const& actors);
	[[nodiscard]] size_t who_goes_on(size_t current);
	[[nodiscard]] bool can_go_on(Fiber& fiber);
	void point();
	void switch_from(Fiber& fiber);
	static void fiber_main();
	[[nodiscard]] Fiber& mine() { return fibers_[turn_]; }
	[[nodiscard]] bool all_ended() const;
	void note(char const* what, std::string object, u64 value, void* pc);
	void check_failures();
	void require_alive(Word const& word, void* pc);
	[[nodiscard]] u64 spin(Word& word, u64 value);
	[[nodiscard]] bool in(std::vector<Range> const& ranges, uintptr_t address) const;
	[[nodiscard]] std::string trace() const;
	[[nodiscard]] std::string explain() const;

	std::vector<Fiber> fibers_ = std::vector<Fiber>(kMaxActors);
	std::vector<std::vector<char>> stacks_;
	size_t actors_ = 0;
	size_t turn_ = kMaxActors; // whose it is; kMaxActors: nobody's
	size_t next_ = kMaxActors;
	bool inside_ = false; // our own accesses are not the actors'
	ucontext_t main_{};
	Decisions decisions_;
	u32 preemptions_ = 0, most_preemptions_ = 0;
	u32 points_ = 0;
	std::map<uintptr_t, Word> words_;
	std::vector<Range> pardons_, dead_;
	std::vector<void*> freed_;
	std::unordered_map<void const*, Clock> locks_;
	Shadow shadow_;
	std::vector<Event> events_;
	std::string violation_;
	testing::TestPartResultArray failures_;
};

} // namespace explore
