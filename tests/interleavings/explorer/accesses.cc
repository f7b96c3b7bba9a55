// SPDX-License-Identifier: GPL-2.0
// What an actor's accesses to memory mean: buffers, clocks, unordered accesses, freed memory.
#include "explorer/player.hpp"

#include <cstdio>

namespace explore {

namespace {

constexpr u32 kSpins = 3; // loads of one value before an actor counts as waiting for another

} // namespace

bool Player::in(std::vector<Range> const& ranges, uintptr_t address) const
{
	for (Range const& range : ranges)
		if (address - range.begin < range.size)
			return true;
	return false;
}

void Player::add_word(uintptr_t address, u32 size, char const* name)
{
	words_[address] = {address, size, name, {}};
}

Word* Player::find(uintptr_t address)
{
	auto const after = words_.upper_bound(address);

	if (after == words_.begin())
		return nullptr;

	Word& word = std::prev(after)->second;

	return address - word.address < word.size ? &word : nullptr;
}

void Player::plain(uintptr_t address, size_t size, bool write, void* pc)
{
	auto const stack = reinterpret_cast<uintptr_t>(stacks_[turn_].data());
	Shadow::Conflict conflict{};

	if (address - stack < kStackSize || in(pardons_, address))
		return;
	if (find(address)) {
		// Under a lock, say. What is in memory must be what this actor stored.
		mine().buffer.drain();
		return;
	}
	if (in(dead_, address)) {
		note(write ? "writes" : "reads", "freed memory", 0, pc);
		fail("memory is used after it was freed");
	} else if (shadow_.access(address, size, write, turn_, mine().clock, pc, conflict)) {
		char text[128];

		note(write ? "writes" : "reads", "what is not ordered", 0, pc);
		events_.push_back({conflict.other, conflict.wrote ? "wrote" : "read",
				   "it, here:", 0, conflict.pc});
		std::snprintf(text, sizeof(text), "unordered accesses to %zu bytes at 0x%lx", size,
			      address);
		fail(text);
	}
}

void Player::require_alive(Word const& word, void* pc)
{
	if (!in(dead_, word.address))
		return;
	note("uses", word.name, 0, pc);
	fail("memory is used after it was freed");
}

// An actor that loads the same value again and again waits for another to change it.
u64 Player::spin(Word& word, u64 value)
{
	Fiber& fiber = mine();

	if (fiber.spun != &word || fiber.spun_value != value) {
		fiber.spun = &word;
		fiber.spun_value = value;
		fiber.spins = 1;
		return value;
	}
	if (++fiber.spins < kSpins || fiber.buffer.newest(word))
		return value;

	std::function<bool()> const changed = [&word, value] { return word.visible() != value; };

	note("waits for a change of", word.name, value, nullptr);
	wait_until(changed);
	fiber.spun = nullptr;
	return word.visible();
}

u64 Player::load(Word& word, bool acquire, void* pc)
{
	point();
	require_alive(word, pc);

	Fiber& fiber = mine();
	Store const* const own = fiber.buffer.newest(word);
	u64 const value = spin(word, own ? own->value : word.visible());

	if (!own)
		(acquire ? fiber.clock : fiber.seen).join(word.released);
	note(acquire ? "loads (acquire)" : "loads", word.name, value, pc);
	return value;
}

void Player::store(Word& word, u64 value, bool release, void* pc)
{
	point();
	require_alive(word, pc);

	Fiber& fiber = mine();
	Clock const none{};

	fiber.spun = nullptr;
	fiber.buffer.push({&word, value,
			   release        ? fiber.clock
			   : fiber.fenced ? fiber.fence
					  : none,
			   release || fiber.fenced});
	if (release)
		++fiber.clock.at[turn_];
	note(release ? "stores (release)" : "stores", word.name, value, pc);
}

u64 Player::exchange(Word& word, std::function<u64(u64)> const& change, void* pc)
{
	point();
	require_alive(word, pc);

	Fiber& fiber = mine();

	fiber.buffer.drain();

	// A lock that others hold is exchanged for itself until it is free.
	u64 before = word.visible();

	if (change(before) == before)
		before = spin(word, before);
	else
		fiber.spun = nullptr;
	fiber.clock.join(word.released);
	word.released.join(fiber.clock);
	++fiber.clock.at[turn_];
	word.show(change(before));
	note("exchanges", word.name, word.visible(), pc);
	return before;
}

u64 Player::compare_exchange(Word& word, u64 expected, u64 desired, void* pc)
{
	point();
	require_alive(word, pc);

	Fiber& fiber = mine();

	// A failure orders nothing but what an acquire does.
	if (fiber.buffer.newest(word))
		fiber.buffer.drain();

	u64 const before = word.visible();

	fiber.spun = nullptr;
	fiber.clock.join(word.released);
	if (before == expected) {
		fiber.buffer.drain();
		word.released.join(fiber.clock);
		++fiber.clock.at[turn_];
		word.show(desired);
	}
	note(before == expected ? "compares and exchanges" : "compares in vain", word.name,
	     before == expected ? desired : before, pc);
	return before;
}

void Player::fence(bool acquire, bool release, bool full)
{
	Fiber& fiber = mine();

	if (full) {
		point();
		fiber.buffer.drain();
	}
	if (acquire)
		fiber.clock.join(fiber.seen);
	if (release) {
		fiber.fence = fiber.clock;
		fiber.fenced = true;
		++fiber.clock.at[turn_];
	}
}

} // namespace explore
