// SPDX-License-Identifier: GPL-2.0
/* The shared suites as suites of KUnit. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <kunit/test.h>
#include <linux/module.h>

#include "kunit/services.h"
#include "suites/list.h"

static bool fail;
module_param(fail, bool, 0400);
MODULE_PARM_DESC(fail, "Whether scx_on_request fails: to see that a failure is seen");

bool service_failure_requested(void) { return fail; }

/*
 * Checks fail in any context, KUnit takes failures where it may sleep: they
 * are kept until the case has returned.
 */
#define MAX_FAILURES	8

struct failure {
	const char *file;
	int line;
	char text[320];
};

static struct failure failures[MAX_FAILURES];
static unsigned int nr_failures;
static const char *skipped;
static DEFINE_RAW_SPINLOCK(failures_lock);

void service_failed(const char *file, int line, const char *text)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&failures_lock, flags);
	if (nr_failures < MAX_FAILURES) {
		struct failure *failure = &failures[nr_failures];

		failure->file = kbasename(file);
		failure->line = line;
		strscpy(failure->text, text, sizeof(failure->text));
	}
	nr_failures++;
	raw_spin_unlock_irqrestore(&failures_lock, flags);
}

void service_skip(const char *why) { skipped = why; }

static void run(struct kunit *test, void (*body)(u32 row), u32 row)
{
	nr_failures = 0;
	skipped = NULL;
	body(row);
	for (unsigned int i = 0; i < min(nr_failures, MAX_FAILURES); i++)
		KUNIT_FAIL(test, "%s:%d: %s", failures[i].file, failures[i].line, failures[i].text);
	if (nr_failures > MAX_FAILURES)
		KUNIT_FAIL(test, "and %u more", nr_failures - MAX_FAILURES);
	if (skipped && !nr_failures)
		kunit_mark_skipped(test, "%s", skipped);
}

/* The value of a parameter is the number of its row, plus 1. */
static const void *next_row(const void *previous, char *description,
			    bool (*describe)(u32 row, const char **text))
{
	unsigned long row = (unsigned long)previous;
	const char *text;

	if (!describe(row, &text))
		return NULL;
	strscpy(description, text, KUNIT_PARAM_DESC_SIZE);
	return (void *)(row + 1);
}

#define DEFINE_CASE(suite, name)								\
	void suite_##suite##_##name(u32 row);							\
	static void run_##suite##_##name(struct kunit *test)					\
	{											\
		run(test, suite_##suite##_##name, (unsigned long)test->param_value - 1);	\
	}
#define DEFINE_TABLE(suite, name)								\
	DEFINE_CASE(suite, name)								\
	bool suite_##suite##_##name##_row(u32 row, const char **text);				\
	static const void *rows_##suite##_##name(const void *previous, char *description)	\
	{											\
		return next_row(previous, description, suite_##suite##_##name##_row);		\
	}

#define LIST_CASE(suite, name_)	{ .run_case = run_##suite##_##name_, .name = #name_ },
#define LIST_TABLE(suite, name_) { .run_case = run_##suite##_##name_, .name = #name_,		\
				   .generate_params = rows_##suite##_##name_ },

#define DEFINE_SUITE(suite)									\
	SUITE_CASES(suite, DEFINE_CASE, DEFINE_TABLE)						\
	static struct kunit_case cases_of_##suite[] = {						\
		SUITE_CASES(suite, LIST_CASE, LIST_TABLE) {}					\
	};											\
	static struct kunit_suite suite_of_##suite = {						\
		.name = "scx_" #suite,								\
		.test_cases = cases_of_##suite,							\
	};
SUITES(DEFINE_SUITE)

#define LIST_SUITE(suite)	&suite_of_##suite,
kunit_test_suites(SUITES(LIST_SUITE));

MODULE_DESCRIPTION("KUnit tests of sched_ext's core, on a made-up machine");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(SCHED_EXT_HOOKS);
