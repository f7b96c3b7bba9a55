// SPDX-License-Identifier: GPL-2.0
// What the targets about the core share: bytes as decisions, and a violation that stops the run.
#pragma once

#include "tests/scheduler.hpp"

#include <gtest/gtest-spi.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace fuzz {

class Bytes {
public:
	Bytes(uint8_t const* data, size_t size) : data_{data}, end_{data + size} {}

	[[nodiscard]] bool empty() const { return data_ == end_; }
	// 0 when there are no more.
	[[nodiscard]] u32 next() { return empty() ? 0 : *data_++; }
	[[nodiscard]] u32 below(u32 bound) { return next() % bound; }

private:
	uint8_t const* data_;
	uint8_t const* end_;
};

[[noreturn]] inline void violation(char const* what)
{
	std::fprintf(stderr, "violation: %s\n", what);
	std::abort();
}

// Complaints of the core and of the stand-ins, which go to GoogleTest, are violations.
class Complaints {
public:
	~Complaints()
	{
		if (failures_.size())
			violation(failures_.GetTestPartResult(0).message());
	}

private:
	testing::TestPartResultArray failures_;
	testing::ScopedFakeTestPartResultReporter reporter_{
		testing::ScopedFakeTestPartResultReporter::INTERCEPT_ALL_THREADS, &failures_};
};

} // namespace fuzz
