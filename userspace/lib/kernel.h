// SPDX-License-Identifier: GPL-2.0
// What the running kernel offers: its types, its constants, its state files.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "lib/result.h"

struct btf;

namespace scx {

// sched_ext comes with the kernel itself or with the module; `sched_ext` is
// described by the BTF of whichever it is, everything else by the kernel's.
class Kernel {
public:
	// Reads BTF and finds out whether a scheduler can be loaded at all. Needs no
	// privilege. The error says which part is missing and how to get it.
	// `sysfs` is /sys outside tests.
	static Result<Kernel> probe(const std::string& sysfs = "/sys");

	// The value of an enumerator, such as "scx_ops_flags", "SCX_OPS_SWITCH_PARTIAL".
	Result<std::uint64_t> constant(const char* enumeration, std::string_view name) const;

	// The count of CPU hotplug events as probe() or note_hotplug_sequence() read it, whichever
	// was later. A scheduler that gives it to the kernel lets it notice that CPUs changed after
	// that: the number has to be older than what the scheduler knows of the CPUs.
	Result<std::uint64_t> hotplug_sequence() const { return hotplug_sequence_; }

	// scx::run() does it for each life of a scheduler, before Program::open().
	void note_hotplug_sequence() { hotplug_sequence_ = read_hotplug_sequence(); }

	// The name of the scheduler that is loaded, empty when there is none.
	std::string loaded_scheduler() const;

private:
	struct BtfFree {
		void operator()(btf* types) const;
	};
	using BtfPointer = std::unique_ptr<btf, BtfFree>;

	Kernel(std::string sysfs, BtfPointer base, BtfPointer module)
		: sysfs_(std::move(sysfs)), base_(std::move(base)), module_(std::move(module)),
		  hotplug_sequence_(read_hotplug_sequence())
	{}

	static BtfPointer parse(const std::string& path, btf* base);
	static Result<BtfPointer> parse_module(const std::string& sysfs, btf* base);
	Result<std::uint64_t> read_hotplug_sequence() const;

	std::string sysfs_;
	BtfPointer base_;
	BtfPointer module_; // refers to base_; absent where the kernel has it all
	Result<std::uint64_t> hotplug_sequence_; // made last, from sysfs_
};

} // namespace scx
