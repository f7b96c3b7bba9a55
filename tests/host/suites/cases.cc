// SPDX-License-Identifier: GPL-2.0
// The shared suites as tests of GoogleTest, under the names that KUnit has for them.
#include "suites/suite.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace suite {

bool check(bool held, char const* file, int line, char const* what)
{
	if (!held)
		ADD_FAILURE_AT(file, line) << what << " does not hold";
	return held;
}

bool check_equal(s64 left, s64 right, char const* file, int line, char const* what)
{
	if (left != right)
		ADD_FAILURE_AT(file, line)
			<< what << " does not hold: " << left << " and " << right;
	return left == right;
}

bool check_text(Text const& text, char const* expected, char const* file, int line,
		char const* what)
{
	bool const held = text.equals(expected);

	if (!held)
		ADD_FAILURE_AT(file, line)
			<< what << " is \"" << text.at << "\", not \"" << expected << '"';
	return held;
}

void skip(char const* why)
{
	GTEST_SKIP() << why;
}

bool failure_requested()
{
	return std::getenv("SCX_FAIL");
}

} // namespace suite

namespace {

// One case, or one row of a table.
class Case : public testing::Test {
public:
	Case(void (*body)(u32), u32 row) : body_{body}, row_{row} {}
	void TestBody() override { body_(row_); }

private:
	void (*body_)(u32);
	u32 row_;
};

void add(char const* suite, std::string const& name, void (*body)(u32), u32 row = 0)
{
	testing::RegisterTest(suite, name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
			      [=]() -> testing::Test* {
				      return new Case{body, row};
			      });
}

// Named by number, because a description holds what a name may not.
void add_rows(char const* suite, std::string const& name, void (*body)(u32),
	      bool (*describe)(u32, char const**))
{
	char const* text = nullptr;

	for (u32 row = 0; describe(row, &text); ++row)
		add(suite, name + '/' + std::to_string(row), body, row);
}

#define ADD_CASE(suite, name) add("scx_" #suite, #name, suite_##suite##_##name);
#define ADD_TABLE(suite, name)                                                                     \
	add_rows("scx_" #suite, #name, suite_##suite##_##name, suite_##suite##_##name##_row);
#define ADD_SUITE(suite) SUITE_CASES(suite, ADD_CASE, ADD_TABLE)

bool const added = [] {
	SUITES(ADD_SUITE)
	return true;
}();

} // namespace
