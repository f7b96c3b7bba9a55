// SPDX-License-Identifier: GPL-2.0
#include "lib/run.h"

#include "lib/ops_table.h"
#include "tests/fake_sysfs.h"

namespace scx::testing {
namespace {

struct Table {
	std::uint64_t hotplug_seq = 0;
	std::uint64_t flags = 0;
};

// A CPU comes while it looks at which there are; then it gives up.
class LooksAtCpus final : public Program {
public:
	LooksAtCpus(const FakeSysfs& sysfs, const RunOptions& options)
		: sysfs_(sysfs), options_(options)
	{}

	Outcome open(const Kernel& kernel) override
	{
		sysfs_.write("kernel/sched_ext/hotplug_seq", "8\n");
		if (const Outcome completed = complete_table(table, kernel, options_); !completed)
			return completed.error();
		return Error{"it has seen enough"};
	}

	int load() override { return -1; }
	const bpf_object* object() const override { return nullptr; }
	void close() override {}

	Table table;

private:
	const FakeSysfs& sysfs_;
	const RunOptions& options_;
};

// The kernel can only tell that CPUs changed by a number from before.
TEST(RunTest, ReadsTheHotplugSequenceBeforeTheProgramLooksAtCpus)
{
	const FakeSysfs sysfs;
	fill_loaded(sysfs);
	const RunOptions options{.name = "looks"};
	LooksAtCpus program(sysfs, options);
	EXPECT_EQ(run(program, options, sysfs.root()), kFailed);
	EXPECT_EQ(program.table.hotplug_seq, 7u);

	EXPECT_EQ(run(program, options, sysfs.root()), kFailed);
	EXPECT_EQ(program.table.hotplug_seq, 8u) << "of an earlier run";
}

} // namespace
} // namespace scx::testing
