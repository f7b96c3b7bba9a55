// SPDX-License-Identifier: GPL-2.0
// Random tests that can be repeated: each seed is a run of its own, and a failure names it.
// SCX_SEED=N in the environment runs that seed alone.
#pragma once

#include <cstdlib>
#include <random>
#include <vector>

namespace host {

[[nodiscard]] inline std::vector<unsigned> seeds(unsigned count)
{
	if (char const* only = std::getenv("SCX_SEED"))
		return {static_cast<unsigned>(std::strtoul(only, nullptr, 0))};

	std::vector<unsigned> all;

	for (unsigned seed = 1; seed <= count; ++seed)
		all.push_back(seed);
	return all;
}

class Random {
public:
	explicit Random(unsigned seed) : engine_{seed} {}

	[[nodiscard]] unsigned below(size_t bound)
	{
		return static_cast<unsigned>(engine_() % bound);
	}

	[[nodiscard]] bool one_in(unsigned chance) { return below(chance) == 0; }

	template <typename T>
	[[nodiscard]] T& element(std::vector<T>& from)
	{
		return from[below(from.size())];
	}

private:
	std::mt19937 engine_;
};

} // namespace host
