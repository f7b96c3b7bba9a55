// SPDX-License-Identifier: GPL-2.0
#include "lib/exit_report.h"

#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <scx/exit_mailbox.h>

#include <cstring>
#include <vector>

namespace scx {
namespace {

template <std::size_t kSize>
std::string text_of(const char (&field)[kSize])
{
	return std::string(field, strnlen(field, kSize));
}

} // namespace

std::string ExitReport::line() const
{
	if (message.empty())
		return fmt::format("EXIT: {}", reason);
	return fmt::format("EXIT: {} ({})", reason, message);
}

Result<ExitRules> ExitRules::read(const Kernel& kernel)
{
	const auto restart = kernel.constant("scx_exit_code", "SCX_ECODE_ACT_RESTART");
	if (!restart)
		return restart.error();
	const auto unregistered = kernel.constant("scx_exit_kind", "SCX_EXIT_UNREG");
	if (!unregistered)
		return unregistered.error();
	const auto by_bpf = kernel.constant("scx_exit_kind", "SCX_EXIT_UNREG_BPF");
	if (!by_bpf)
		return by_bpf.error();

	ExitRules rules;
	rules.restart_bit_ = *restart;
	rules.unregistered_ = *unregistered;
	rules.unregistered_by_bpf_ = *by_bpf;
	return rules;
}

bool ExitRules::restart(const ExitReport& report) const
{
	return (static_cast<std::uint64_t>(report.code) & restart_bit_) != 0;
}

bool ExitRules::normal(const ExitReport& report) const
{
	return report.kind == unregistered_ || report.kind == unregistered_by_bpf_;
}

Result<ExitMailbox> ExitMailbox::find(const bpf_object* object)
{
	const bpf_map* map = bpf_object__find_map_by_name(object, EXIT_MAILBOX_SECTION);
	if (!map || bpf_map__value_size(map) < sizeof(exit_mailbox))
		return Error{fmt::format("the scheduler's BPF half has no exit report in {}; "
					 "call user_exit_record() in its exit operation",
					 EXIT_MAILBOX_SECTION)};
	return ExitMailbox(map);
}

bool ExitMailbox::delivered() const
{
	return read().kind != 0;
}

// Libbpf maps sections into memory only if they hold a variable with external linkage.
ExitReport ExitMailbox::read() const
{
	const std::uint32_t only = 0;
	std::vector<char> value(bpf_map__value_size(map_));
	if (bpf_map__lookup_elem(map_, &only, sizeof(only), value.data(), value.size(), 0) != 0)
		return {};

	exit_mailbox info;
	std::memcpy(&info, value.data(), sizeof(info));
	// The rest may have been copied before it was written.
	if (info.kind != 0 &&
	    bpf_map__lookup_elem(map_, &only, sizeof(only), value.data(), value.size(), 0) == 0)
		std::memcpy(&info, value.data(), sizeof(info));
	return {
		.kind = static_cast<std::uint64_t>(info.kind),
		.code = info.exit_code,
		.reason = text_of(info.reason),
		.message = text_of(info.message),
		.dump = text_of(info.dump),
	};
}

} // namespace scx
