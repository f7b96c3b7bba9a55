// SPDX-License-Identifier: GPL-2.0
#include "lib/exit_report.h"

#include "tests/fake_sysfs.h"

namespace scx::testing {
namespace {

TEST(ExitReportTest, SaysReasonAndMessage)
{
	ExitReport report{.kind = 64, .reason = "unregistered from user space"};
	EXPECT_EQ(report.line(), "EXIT: unregistered from user space");

	report = {.kind = 1024, .reason = "runtime error", .message = "invalid DSQ ID 0x5"};
	EXPECT_EQ(report.line(), "EXIT: runtime error (invalid DSQ ID 0x5)");
}

TEST(ExitRulesTest, TellsEndingsApart)
{
	const FakeSysfs sysfs;
	fill_loaded(sysfs);
	const auto kernel = Kernel::probe(sysfs.root());
	ASSERT_TRUE(kernel.ok());
	const auto rules = ExitRules::read(*kernel);
	ASSERT_TRUE(rules.ok()) << rules.error().text;

	EXPECT_TRUE(rules->normal({.kind = 64}));
	EXPECT_TRUE(rules->normal({.kind = 65}));
	for (const std::uint64_t kind : {0, 1, 66, 67, 1024, 1026})
		EXPECT_FALSE(rules->normal({.kind = kind})) << kind;

	constexpr std::int64_t kHotplug = 1LL << 32;
	constexpr std::int64_t kRestart = 1LL << 48;
	EXPECT_TRUE(rules->restart({.kind = 66, .code = kRestart | kHotplug}));
	EXPECT_FALSE(rules->restart({.kind = 66, .code = kHotplug}));
	EXPECT_FALSE(rules->restart({.kind = 64}));
}

TEST(ExitRulesTest, NeedsToKnowTheRestartCode)
{
	const FakeSysfs sysfs;
	const Types base = kernel_types(true);
	btf__add_struct(base.get(), "sched_ext_ops", 0);
	sysfs.write_types("vmlinux", base.get());
	const auto kernel = Kernel::probe(sysfs.root());
	ASSERT_TRUE(kernel.ok());
	EXPECT_FALSE(ExitRules::read(*kernel).ok());
}

} // namespace
} // namespace scx::testing
