// SPDX-License-Identifier: GPL-2.0
// A directory that looks like /sys of a kernel with chosen parts of sched_ext.
#pragma once

#include <bpf/btf.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

namespace scx::testing {

struct FreeBtf {
	void operator()(btf* types) const { btf__free(types); }
};
using Types = std::unique_ptr<btf, FreeBtf>;

class FakeSysfs {
public:
	FakeSysfs()
	{
		std::string pattern = ::testing::TempDir() + "scx-sysfs-XXXXXX";
		root_ = mkdtemp(pattern.data());
	}
	~FakeSysfs() { std::filesystem::remove_all(root_); }
	FakeSysfs(const FakeSysfs&) = delete;
	FakeSysfs& operator=(const FakeSysfs&) = delete;

	const std::string& root() const { return root_; }

	void write(const std::string& name, const std::string& content) const
	{
		const std::filesystem::path path = std::filesystem::path(root_) / name;
		std::filesystem::create_directories(path.parent_path());
		std::ofstream(path, std::ios::binary) << content;
	}

	void write_types(const std::string& name, const btf* types) const
	{
		__u32 size = 0;
		const void* raw = btf__raw_data(types, &size);
		write("kernel/btf/" + name, std::string(static_cast<const char*>(raw), size));
	}

private:
	std::string root_;
};

inline Types kernel_types(bool with_entity)
{
	Types types(btf__new_empty());
	btf__add_int(types.get(), "int", 4, BTF_INT_SIGNED);
	if (with_entity)
		btf__add_struct(types.get(), "sched_ext_entity", 0);
	return types;
}

// What a scheduler's user half reads: the ops table and three enumerations, of
// which one needs 64 bits.
inline void add_sched_ext(btf* types)
{
	btf__add_struct(types, "sched_ext_ops", 0);
	btf__add_enum64(types, "scx_ops_flags", 8, false);
	btf__add_enum64_value(types, "SCX_OPS_SWITCH_PARTIAL", 8);
	btf__add_enum64_value(types, "SCX_OPS_FAR", 1ULL << 56);
	btf__add_enum64(types, "scx_exit_code", 8, false);
	btf__add_enum64_value(types, "SCX_ECODE_ACT_RESTART", 1ULL << 48);
	btf__add_enum(types, "scx_exit_kind", 4);
	btf__add_enum_value(types, "SCX_EXIT_UNREG", 64);
	btf__add_enum_value(types, "SCX_EXIT_UNREG_BPF", 65);
}

// A kernel with hooks and the module loaded into it.
inline void fill_loaded(const FakeSysfs& sysfs)
{
	const Types base = kernel_types(true);
	const Types module(btf__new_empty_split(base.get()));
	add_sched_ext(module.get());
	sysfs.write_types("vmlinux", base.get());
	sysfs.write_types("sched_ext", module.get());
	sysfs.write("module/sched_ext/refcnt", "0\n");
	sysfs.write("kernel/sched_ext/hotplug_seq", "7\n");
}

} // namespace scx::testing
