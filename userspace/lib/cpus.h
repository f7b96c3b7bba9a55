// SPDX-License-Identifier: GPL-2.0
// The machine's CPUs as the kernel names them, and running on one of them.
#pragma once

#include <sched.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lib/result.h"

namespace scx {

// `0-3,8` and the like, as in /sys; nothing if it is not of that form. Empty text: no CPU.
std::optional<std::set<std::uint32_t>> parse_cpu_list(std::string_view text);

// The list in a file such as /sys/devices/system/cpu/online; nothing if it has none.
std::optional<std::set<std::uint32_t>> read_cpu_list(const std::string& path);

// Keeps the calling thread on some CPUs while it exists.
class PinnedTo {
public:
	// The error says that none of them can be had.
	static Result<PinnedTo> cpus(const std::set<std::uint32_t>& cpus);
	PinnedTo(PinnedTo&& other) noexcept : before_(std::move(other.before_))
	{
		other.before_.clear();
	}
	PinnedTo& operator=(PinnedTo&&) = delete;
	~PinnedTo();

private:
	using Mask = std::vector<cpu_set_t>; // as many as the kernel's masks need

	explicit PinnedTo(Mask before) : before_(std::move(before)) {}

	Mask before_;
};

} // namespace scx
