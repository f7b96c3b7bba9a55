// SPDX-License-Identifier: GPL-2.0
#include "lib/exit_report.h"

#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <scx/exit_mailbox.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace scx {
namespace {

template <std::size_t kSize>
std::string text_of(const char (&field)[kSize])
{
	return std::string(field, strnlen(field, kSize));
}

// All that a section's map holds; nothing if it cannot be read.
std::vector<char> content_of(const bpf_map* map)
{
	const std::uint32_t only = 0;
	std::vector<char> value(bpf_map__value_size(map));
	if (bpf_map__lookup_elem(map, &only, sizeof(only), value.data(), value.size(), 0) != 0)
		value.clear();
	return value;
}

// Its content is copied while the BPF half may be writing; valid if the kind was there before.
exit_mailbox copy_of(const bpf_map* map)
{
	exit_mailbox info{};
	if (const auto content = content_of(map); content.size() >= sizeof(info))
		std::memcpy(&info, content.data(), sizeof(info));
	return info;
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
	bpf_map* map = bpf_object__find_map_by_name(object, EXIT_MAILBOX_SECTION);
	bpf_map* dump = bpf_object__find_map_by_name(object, EXIT_MAILBOX_DUMP_SECTION);
	bpf_map* dump_size = bpf_object__find_map_by_name(object, EXIT_MAILBOX_DUMP_SIZE_SECTION);
	if (!map || !dump || !dump_size || bpf_map__value_size(map) < sizeof(exit_mailbox))
		return Error{fmt::format("the scheduler's BPF half has no exit report in {}; "
					 "call user_exit_record() in its exit operation",
					 EXIT_MAILBOX_SECTION)};
	return ExitMailbox(map, dump, dump_size);
}

Outcome ExitMailbox::make_room(std::uint32_t dump_bytes)
{
	const std::uint32_t bytes = dump_bytes ? dump_bytes : std::uint32_t{EXIT_MAILBOX_DUMP_SIZE};
	if (bpf_map__set_value_size(dump_, bytes) != 0 ||
	    bpf_map__set_initial_value(dump_size_, &bytes, sizeof(bytes)) != 0)
		return Error{fmt::format("cannot make room for a dump of {} bytes ({}); choose a "
					 "smaller exit_dump_len",
					 bytes, std::strerror(errno))};
	return Done{};
}

bool ExitMailbox::delivered() const
{
	return copy_of(map_).kind != 0;
}

// Libbpf maps sections into memory only if they hold a variable with external linkage.
ExitReport ExitMailbox::read() const
{
	if (!delivered())
		return {};
	const exit_mailbox info = copy_of(map_);
	const std::vector<char> dump = content_of(dump_);
	return {
		.kind = static_cast<std::uint64_t>(info.kind),
		.code = info.exit_code,
		.reason = text_of(info.reason),
		.message = text_of(info.message),
		.dump = std::string(dump.data(), strnlen(dump.data(), dump.size())),
	};
}

} // namespace scx
