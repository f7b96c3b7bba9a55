// SPDX-License-Identifier: GPL-2.0
// What the shared suites are written with. A case is a plain function; the same source runs under
// GoogleTest on the host and under KUnit in a kernel.
//
// A check that fails is recorded with its place and the case goes on: nothing may leave a scope
// without its destructors, and callbacks run under locks. REQUIRE leaves the function instead.
#pragma once

#include "suites/list.h"
#include "suites/world.hpp"

// A case, and one that runs once for each row of a table, inside the suite's own namespace. The
// name must be in list.h: a function that is not declared there does not compile.
#define SUITE_FUNCTION(type, name, ...)                                                            \
	extern "C" decltype(::name) name;                                                          \
	extern "C" type name(__VA_ARGS__)
#define SUITE_CASE(suite, test) SUITE_FUNCTION(void, suite_##suite##_##test, u32)
#define SUITE_TABLE(suite, test, table)                                                            \
	SUITE_FUNCTION(bool, suite_##suite##_##test##_row, u32 row, char const** text)             \
	{                                                                                          \
		if (row >= sizeof(table) / sizeof((table)[0]))                                     \
			return false;                                                              \
		*text = (table)[row].name;                                                         \
		return true;                                                                       \
	}                                                                                          \
	SUITE_FUNCTION(void, suite_##suite##_##test, u32 row)

extern "C" {
#define SUITE_DECLARE_CASE(suite, name) void suite_##suite##_##name(u32 row);
#define SUITE_DECLARE_TABLE(suite, name)                                                           \
	SUITE_DECLARE_CASE(suite, name)                                                            \
	bool suite_##suite##_##name##_row(u32 row, char const** text);
#define SUITE_DECLARE(suite) SUITE_CASES(suite, SUITE_DECLARE_CASE, SUITE_DECLARE_TABLE)
SUITES(SUITE_DECLARE)
#undef SUITE_DECLARE
#undef SUITE_DECLARE_TABLE
#undef SUITE_DECLARE_CASE
}

namespace suite {

// A number of any kind, for a message.
template <typename T>
[[nodiscard]] s64 number_of(T value)
{
	if constexpr (cxxrt::is_same_v<T, decltype(nullptr)>)
		return 0;
	else if constexpr (requires { *value; })
		return static_cast<s64>(reinterpret_cast<unsigned long>(value));
	else
		return static_cast<s64>(value);
}

[[nodiscard]] bool check(bool held, char const* file, int line, char const* what);
[[nodiscard]] bool check_equal(s64 left, s64 right, char const* file, int line, char const* what);
[[nodiscard]] bool check_text(Text const& text, char const* expected, char const* file, int line,
			      char const* what);

// The case is counted as skipped if nothing failed in it. It goes on.
void skip(char const* why);
// Whoever runs the suites wants to see a failure (on_request.cc).
[[nodiscard]] bool failure_requested();

} // namespace suite

#define CHECK(condition)                                                                           \
	static_cast<void>(suite::check((condition), __FILE__, __LINE__, #condition))
#define CHECK_EQUAL(left, right)                                                                   \
	static_cast<void>(suite::check_equal(suite::number_of(left), suite::number_of(right),      \
					     __FILE__, __LINE__, #left " == " #right))
#define CHECK_TEXT(text, expected)                                                                 \
	static_cast<void>(suite::check_text((text), (expected), __FILE__, __LINE__, #text))
#define REQUIRE(condition)                                                                         \
	do {                                                                                       \
		if (!suite::check((condition), __FILE__, __LINE__, #condition))                    \
			return;                                                                    \
	} while (false)
