// SPDX-License-Identifier: GPL-2.0
// Failed checks on their way to KUnit.
#include "kunit/made_up.hpp"

#include "suites/suite.hpp"

namespace suite {

bool check(bool held, char const* file, int line, char const* what)
{
	if (!held)
		service_failed(file, line, what);
	return held;
}

bool check_equal(s64 left, s64 right, char const* file, int line, char const* what)
{
	char text[160];

	if (left == right)
		return true;
	scnprintf(text, sizeof(text), "%s: %lld and %lld", what, left, right);
	service_failed(file, line, text);
	return false;
}

bool check_text(Text const& text, char const* expected, char const* file, int line,
		char const* what)
{
	char message[320];

	if (text.equals(expected))
		return true;
	scnprintf(message, sizeof(message), "%s is \"%s\", not \"%s\"", what, text.at, expected);
	service_failed(file, line, message);
	return false;
}

void skip(char const* why)
{
	service_skip(why);
}

bool failure_requested()
{
	return service_failure_requested();
}

} // namespace suite
