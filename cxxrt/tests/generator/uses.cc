// SPDX-License-Identifier: GPL-2.0
// Uses the generated types the way kernel code does; the layout asserts are in the header.
#include "vmlinux.hpp"

static_assert(sizeof(struct empty) == 0);
static_assert(sizeof(struct holds_empty) == 8);
static_assert(WIDE_NEGATIVE < 0 && TINY_B == 200);
static_assert(sizeof(enum tiny) == 1 && sizeof(enum wide) == 8);

#ifndef TEST_HAS_keywords__class
#error "an optional member that exists must be announced"
#endif
#ifdef TEST_HAS_keywords__nonesuch
#error "an optional member that is missing must not be announced"
#endif

u64 sum(keywords const& k, functions& f, unnamed const& u, bits const& b, same_name& s)
{
	f.one(nullptr, nullptr);
	f.structure.x = static_cast<int>(f.number);
	s.next = &s;
	keywords made{};
	return static_cast<u64>(k.class_ + k.new_ + k.private_.template_ + made.class_) + u.whole +
	       u.high + b.c + b.d + f.u32 + f.matrix[5];
}
