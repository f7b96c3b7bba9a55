// SPDX-License-Identifier: GPL-2.0
#include "lib/kernel.h"

#include <bpf/libbpf.h>

#include "tests/fake_sysfs.h"

namespace scx::testing {
namespace {

// The sanitizers' output is not to be hidden among libbpf's expected complaints.
class KernelTest : public ::testing::Test {
protected:
	void SetUp() override { libbpf_set_print(nullptr); }

	std::string refusal() const
	{
		const auto kernel = Kernel::probe(sysfs.root());
		EXPECT_FALSE(kernel.ok());
		if (kernel.ok())
			return "";
		EXPECT_EQ(kernel.error().text.find('\n'), std::string::npos);
		return kernel.error().text;
	}

	FakeSysfs sysfs;
};

TEST_F(KernelTest, RefusesAKernelWithoutTypes)
{
	EXPECT_NE(refusal().find("CONFIG_DEBUG_INFO_BTF"), std::string::npos);
}

TEST_F(KernelTest, RefusesAKernelWithoutHooks)
{
	sysfs.write_types("vmlinux", kernel_types(false).get());
	EXPECT_NE(refusal().find("CONFIG_SCHED_CLASS_EXT_HOOKS"), std::string::npos);
}

TEST_F(KernelTest, AsksForTheModule)
{
	sysfs.write_types("vmlinux", kernel_types(true).get());
	EXPECT_NE(refusal().find("modprobe sched_ext"), std::string::npos);
}

TEST_F(KernelTest, RefusesAModuleWithoutTypes)
{
	sysfs.write_types("vmlinux", kernel_types(true).get());
	sysfs.write("module/sched_ext/refcnt", "0\n");
	EXPECT_NE(refusal().find("without its types"), std::string::npos);
}

TEST_F(KernelTest, RefusesAModuleThatDescribesNoScheduler)
{
	fill_loaded(sysfs);
	const Types base = kernel_types(true);
	const Types module(btf__new_empty_split(base.get()));
	btf__add_struct(module.get(), "other", 0);
	sysfs.write_types("sched_ext", module.get());
	EXPECT_NE(refusal().find("struct sched_ext_ops"), std::string::npos);
}

TEST_F(KernelTest, ReadsConstantsOfTheModule)
{
	fill_loaded(sysfs);
	const auto kernel = Kernel::probe(sysfs.root());
	ASSERT_TRUE(kernel.ok()) << kernel.error().text;
	EXPECT_EQ(kernel->constant("scx_ops_flags", "SCX_OPS_SWITCH_PARTIAL").value(), 8u);
	EXPECT_EQ(kernel->constant("scx_ops_flags", "SCX_OPS_FAR").value(), 1ULL << 56);
	EXPECT_EQ(kernel->constant("scx_exit_kind", "SCX_EXIT_UNREG").value(), 64u);
}

TEST_F(KernelTest, ReadsConstantsOfAKernelThatHasItAll)
{
	const Types base = kernel_types(true);
	add_sched_ext(base.get());
	sysfs.write_types("vmlinux", base.get());
	const auto kernel = Kernel::probe(sysfs.root());
	ASSERT_TRUE(kernel.ok()) << kernel.error().text;
	EXPECT_EQ(kernel->constant("scx_exit_kind", "SCX_EXIT_UNREG_BPF").value(), 65u);
}

// An unknown flag must not become a silent zero: partial would mean everything.
TEST_F(KernelTest, NamesAnUnknownConstant)
{
	fill_loaded(sysfs);
	const auto kernel = Kernel::probe(sysfs.root());
	ASSERT_TRUE(kernel.ok());
	for (const char* enumeration : {"scx_ops_flags", "scx_exit_kind", "scx_absent"}) {
		const auto value = kernel->constant(enumeration, "SCX_NEW");
		ASSERT_FALSE(value.ok());
		EXPECT_NE(value.error().text.find("SCX_NEW"), std::string::npos);
	}
}

// As it was when told to: what a scheduler knows of the CPUs has to be newer.
TEST_F(KernelTest, ReadsTheHotplugSequence)
{
	fill_loaded(sysfs);
	auto kernel = Kernel::probe(sysfs.root());
	ASSERT_TRUE(kernel.ok());
	sysfs.write("kernel/sched_ext/hotplug_seq", "8\n");
	EXPECT_EQ(kernel->hotplug_sequence().value(), 7u);
	kernel->note_hotplug_sequence();
	EXPECT_EQ(kernel->hotplug_sequence().value(), 8u);

	for (const char* content : {"", "many\n", "7 8\n", "-1\n"}) {
		sysfs.write("kernel/sched_ext/hotplug_seq", content);
		kernel->note_hotplug_sequence();
		EXPECT_FALSE(kernel->hotplug_sequence().ok()) << content;
	}
	std::filesystem::remove(sysfs.root() + "/kernel/sched_ext/hotplug_seq");
	kernel->note_hotplug_sequence();
	EXPECT_FALSE(kernel->hotplug_sequence().ok());
}

TEST_F(KernelTest, NamesTheLoadedScheduler)
{
	fill_loaded(sysfs);
	const auto kernel = Kernel::probe(sysfs.root());
	ASSERT_TRUE(kernel.ok());
	EXPECT_EQ(kernel->loaded_scheduler(), "");
	sysfs.write("kernel/sched_ext/root/ops", "simple\n");
	EXPECT_EQ(kernel->loaded_scheduler(), "simple");
}

} // namespace
} // namespace scx::testing
