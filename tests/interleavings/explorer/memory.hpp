// SPDX-License-Identifier: GPL-2.0
// The declared words, and what the actors have stored to them without its being visible yet.
#pragma once

#include "explorer/clock.hpp"

namespace explore {

struct Word {
	uintptr_t address;
	u32 size;
	char const* name;
	Clock released; // what lies before the store whose value is visible

	[[nodiscard]] u64 visible() const
	{
		u64 value = 0;

		__builtin_memcpy(&value, reinterpret_cast<void const*>(address), size);
		return value;
	}

	void show(u64 value) { __builtin_memcpy(reinterpret_cast<void*>(address), &value, size); }
};

struct Store {
	Word* word;
	u64 value;
	Clock released;
	bool ordered; // leaves after all earlier ones
};

// Of one actor, oldest first.
class Buffer {
public:
	[[nodiscard]] bool empty() const { return stores_.empty(); }
	void push(Store const& store) { stores_.push_back(store); }
	void clear() { stores_.clear(); }

	// Those that may leave now.
	[[nodiscard]] std::vector<size_t> ready() const
	{
		std::vector<size_t> result;

		for (size_t i = 0; i < stores_.size(); ++i)
			if (!i || (!stores_[i].ordered && !earlier(i)))
				result.push_back(i);
		return result;
	}

	void let_out(size_t index)
	{
		Store const store = stores_[index];

		stores_.erase(stores_.begin() + static_cast<long>(index));
		store.word->show(store.value);
		store.word->released = store.released;
	}

	void drain()
	{
		while (!empty())
			let_out(0);
	}

	// The newest store to this word, or null.
	[[nodiscard]] Store const* newest(Word const& word) const
	{
		for (size_t i = stores_.size(); i--;)
			if (stores_[i].word == &word)
				return &stores_[i];
		return nullptr;
	}

	[[nodiscard]] Store const& operator[](size_t index) const { return stores_[index]; }

private:
	// A store to the same word, or an ordered one, which must leave before.
	[[nodiscard]] bool earlier(size_t index) const
	{
		for (size_t i = 0; i < index; ++i)
			if (stores_[i].word == stores_[index].word)
				return true;
		return false;
	}

	std::vector<Store> stores_;
};

} // namespace explore
