// SPDX-License-Identifier: GPL-2.0
// Why a scheduler ended, and what follows from it.
#pragma once

#include <cstdint>
#include <string>

#include "lib/kernel.h"
#include "lib/result.h"

struct bpf_map;
struct bpf_object;

namespace scx {

struct ExitReport {
	std::uint64_t kind = 0; // enum scx_exit_kind; 0: still running, or never reported
	std::int64_t code = 0;
	std::string reason{};
	std::string message{};
	std::string dump{};

	// `EXIT: reason` or `EXIT: reason (message)`, without a line end.
	std::string line() const;
};

// What the exit codes of the running kernel mean.
class ExitRules {
public:
	static Result<ExitRules> read(const Kernel& kernel);

	// The kernel asks for the same scheduler again, after a CPU came or went.
	bool restart(const ExitReport& report) const;

	// The scheduler left because its program or its user half wanted to.
	bool normal(const ExitReport& report) const;

private:
	std::uint64_t restart_bit_ = 0;
	std::uint64_t unregistered_ = 0;
	std::uint64_t unregistered_by_bpf_ = 0;
};

// The place in a program's memory where user_exit_record() writes.
class ExitMailbox {
public:
	// Borrows the object's maps: not to be used after the object is gone.
	static Result<ExitMailbox> find(const bpf_object* object);

	// Before the object is loaded: room for a dump of so many bytes, the zero byte at its end
	// counted; 0 stands for what the kernel collects unless it is told otherwise.
	Outcome make_room(std::uint32_t dump_bytes);

	// Only while loaded. What read() returns is empty until it is delivered.
	bool delivered() const;
	ExitReport read() const;

private:
	ExitMailbox(bpf_map* map, bpf_map* dump, bpf_map* dump_size)
		: map_(map), dump_(dump), dump_size_(dump_size)
	{}

	bpf_map* map_;
	bpf_map* dump_;
	bpf_map* dump_size_;
};

} // namespace scx
