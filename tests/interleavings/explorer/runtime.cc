// SPDX-License-Identifier: GPL-2.0
// What code that was compiled with -fsanitize=thread calls, in place of that sanitizer's library.
// Names and arguments are the compiler's.
#include "explorer/player.hpp"

using explore::Player;
using explore::Word;

namespace {

void* where(void* pc)
{
	return pc;
}

bool acquires(int order)
{
	return order != __ATOMIC_RELAXED && order != __ATOMIC_RELEASE;
}

bool releases(int order)
{
	return order == __ATOMIC_RELEASE || order == __ATOMIC_ACQ_REL || order == __ATOMIC_SEQ_CST;
}

void plain(void* address, size_t size, bool write, void* pc)
{
	if (Player::get().watching())
		Player::get().plain(reinterpret_cast<uintptr_t>(address), size, write, where(pc));
}

// The declared word at this address, or null: then the access is done as it is, after a check like
// any plain one's.
Word* word_at(void const volatile* address, size_t size, bool write, void* pc)
{
	Player& player = Player::get();

	if (!player.watching())
		return nullptr;

	auto const number = reinterpret_cast<uintptr_t>(address);
	Word* const word = player.find(number);

	if (!word)
		player.plain(number, size, write, pc);
	return word;
}

template <typename T>
T load(T const volatile* address, int order, void* pc)
{
	if (Word* const word = word_at(address, sizeof(T), false, pc))
		return static_cast<T>(Player::get().load(*word, acquires(order), pc));
	return __atomic_load_n(address, __ATOMIC_SEQ_CST);
}

template <typename T>
void store(T volatile* address, T value, int order, void* pc)
{
	if (Word* const word = word_at(address, sizeof(T), true, pc))
		Player::get().store(*word, value, releases(order), pc);
	else
		__atomic_store_n(address, value, __ATOMIC_SEQ_CST);
}

// The same for a read-modify-write, which makes a word one of the protocol's: a lock of two lines,
// say.
Word* shared_word_at(void const volatile* address, size_t size, void* pc)
{
	Player& player = Player::get();
	auto const number = reinterpret_cast<uintptr_t>(address);

	if (player.watching() && !player.find(number) && !player.pardoned(number))
		player.add_word(number, static_cast<u32>(size), "a word without a name");
	return word_at(address, size, true, pc);
}

template <typename T, typename Change>
T change(T volatile* address, Change&& changed, void* pc)
{
	if (Word* const word = shared_word_at(address, sizeof(T), pc))
		return static_cast<T>(Player::get().exchange(
			*word, [&](u64 before) { return u64{changed(static_cast<T>(before))}; },
			pc));

	T const before = *address;

	*address = changed(before);
	return before;
}

template <typename T>
T compare_exchange(T volatile* address, T expected, T desired, void* pc)
{
	if (Word* const word = shared_word_at(address, sizeof(T), pc))
		return static_cast<T>(Player::get().compare_exchange(*word, expected, desired, pc));

	T const before = *address;

	if (before == expected)
		*address = desired;
	return before;
}

} // namespace

#define PC __builtin_return_address(0)

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmissing-declarations"

extern "C" {

void __tsan_init()
{}
void __tsan_func_entry(void*)
{}
void __tsan_func_exit()
{}
void __tsan_vptr_update(void**, void*)
{}
void __tsan_vptr_read(void**)
{}

#define PLAIN(size)                                                                                \
	void __tsan_read##size(void* address)                                                      \
	{                                                                                          \
		plain(address, size, false, PC);                                                   \
	}                                                                                          \
	void __tsan_write##size(void* address)                                                     \
	{                                                                                          \
		plain(address, size, true, PC);                                                    \
	}                                                                                          \
	void __tsan_unaligned_read##size(void* address)                                            \
	{                                                                                          \
		plain(address, size, false, PC);                                                   \
	}                                                                                          \
	void __tsan_unaligned_write##size(void* address)                                           \
	{                                                                                          \
		plain(address, size, true, PC);                                                    \
	}

PLAIN(1)
PLAIN(2)
PLAIN(4)
PLAIN(8)
PLAIN(16)

void __tsan_read_range(void* address, unsigned long size)
{
	plain(address, size, false, PC);
}

void __tsan_write_range(void* address, unsigned long size)
{
	plain(address, size, true, PC);
}

#define ATOMIC(bits, T)                                                                            \
	T __tsan_atomic##bits##_load(T const volatile* a, int order)                               \
	{                                                                                          \
		return load(a, order, PC);                                                         \
	}                                                                                          \
	void __tsan_atomic##bits##_store(T volatile* a, T v, int order)                            \
	{                                                                                          \
		store(a, v, order, PC);                                                            \
	}                                                                                          \
	T __tsan_atomic##bits##_exchange(T volatile* a, T v, int)                                  \
	{                                                                                          \
		return change(                                                                     \
			a, [v](T) { return v; }, PC);                                              \
	}                                                                                          \
	T __tsan_atomic##bits##_fetch_add(T volatile* a, T v, int)                                 \
	{                                                                                          \
		return change(                                                                     \
			a, [v](T b) { return static_cast<T>(b + v); }, PC);                        \
	}                                                                                          \
	T __tsan_atomic##bits##_fetch_sub(T volatile* a, T v, int)                                 \
	{                                                                                          \
		return change(                                                                     \
			a, [v](T b) { return static_cast<T>(b - v); }, PC);                        \
	}                                                                                          \
	T __tsan_atomic##bits##_fetch_or(T volatile* a, T v, int)                                  \
	{                                                                                          \
		return change(                                                                     \
			a, [v](T b) { return static_cast<T>(b | v); }, PC);                        \
	}                                                                                          \
	T __tsan_atomic##bits##_fetch_and(T volatile* a, T v, int)                                 \
	{                                                                                          \
		return change(                                                                     \
			a, [v](T b) { return static_cast<T>(b & v); }, PC);                        \
	}                                                                                          \
	T __tsan_atomic##bits##_fetch_xor(T volatile* a, T v, int)                                 \
	{                                                                                          \
		return change(                                                                     \
			a, [v](T b) { return static_cast<T>(b ^ v); }, PC);                        \
	}                                                                                          \
	bool __tsan_atomic##bits##_compare_exchange_strong(T volatile* a, T* expected, T desired,  \
							   int, int)                               \
	{                                                                                          \
		T const found = compare_exchange(a, *expected, desired, PC);                       \
		bool const same = found == *expected;                                              \
                                                                                                   \
		*expected = found;                                                                 \
		return same;                                                                       \
	}                                                                                          \
	T __tsan_atomic##bits##_compare_exchange_val(T volatile* a, T expected, T desired, int,    \
						     int)                                          \
	{                                                                                          \
		return compare_exchange(a, expected, desired, PC);                                 \
	}

ATOMIC(8, u8)
ATOMIC(16, u16)
ATOMIC(32, u32)
ATOMIC(64, u64)

void __tsan_atomic_thread_fence(int order)
{
	if (Player::get().watching())
		Player::get().fence(acquires(order), releases(order), order == __ATOMIC_SEQ_CST);
}

void __tsan_atomic_signal_fence(int)
{}

} // extern "C"

#pragma GCC diagnostic pop
