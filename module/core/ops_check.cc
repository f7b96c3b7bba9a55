// SPDX-License-Identifier: GPL-2.0
// What a scheduler's table may contain, checked member by member while user space hands it in, and
// before any of it is used.
#include "core/kernel.hpp"
#include "core/watchdog.hpp"

namespace scx {

namespace {

bool name_character(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       c == '_' || c == '.';
}

// As the kernel wants the names of BPF objects; it shows up in sysfs and in uevents.
bool name_valid(char const (&name)[SCX_OPS_NAME_LEN])
{
	u32 length = 0;

	while (length < SCX_OPS_NAME_LEN && name_character(name[length]))
		++length;
	return length && length < SCX_OPS_NAME_LEN && !name[length];
}

template <typename T>
int take_if(bool valid, T& to, T const& from, Errno refusal)
{
	if (!valid)
		return refusal.negative();
	to = from;
	return 1;
}

template <auto kMember>
bool is_at(u32 offset)
{
	return offset == static_cast<u32>(cxxrt::offset_of<kMember>());
}

template <auto... kMembers>
bool is_any_of(u32 offset)
{
	return (is_at<kMembers>(offset) || ...);
}

// What tables of every API have.
template <typename Ops>
int take_common(u32 offset, Ops const* from, Ops* to, u64 known_flags)
{
	constexpr u32 kMaximumBatch = 0x7fffffff;

	if (is_at<&Ops::dispatch_max_batch>(offset))
		return take_if(from->dispatch_max_batch <= kMaximumBatch, to->dispatch_max_batch,
			       from->dispatch_max_batch, cxxrt::kE2big);
	if (is_at<&Ops::flags>(offset))
		return take_if(!(from->flags & ~known_flags), to->flags, from->flags,
			       cxxrt::kEinval);
	if (is_at<&Ops::timeout_ms>(offset))
		return take_if(from->timeout_ms <= Watchdog::kMaximumMs, to->timeout_ms,
			       from->timeout_ms, cxxrt::kE2big);
	if (is_at<&Ops::name>(offset)) {
		if (!name_valid(from->name))
			return cxxrt::kEinval.negative();
		__builtin_memcpy(to->name, from->name, sizeof(to->name));
		return 1;
	}
	return 0;
}

} // namespace

} // namespace scx

int scx_entry_take_member(u32 offset, sched_ext_ops const* from, sched_ext_ops* to)
{
	using namespace scx;
	using Ops = sched_ext_ops;

	if (is_at<&Ops::hotplug_seq>(offset))
		return take_if(true, to->hotplug_seq, from->hotplug_seq, cxxrt::kEinval);
	if (is_at<&Ops::exit_dump_len>(offset)) {
		to->exit_dump_len =
			from->exit_dump_len ? from->exit_dump_len : u32{SCX_EXIT_DUMP_DFL_LEN};
		return 1;
	}
	return take_common(offset, from, to, SCX_OPS_ALL_FLAGS);
}

int scx_entry_take_member_v4(u32 offset, sched_ext_ops_v4 const* from, sched_ext_ops_v4* to)
{
	return scx::take_common(offset, from, to, SCX_V4_OPS_ALL_FLAGS);
}

// The callbacks that are called without a lock of the scheduler.
bool scx_entry_op_may_sleep(u32 offset)
{
	using Ops = sched_ext_ops;

	return scx::is_any_of<&Ops::init_task, &Ops::cgroup_init, &Ops::cgroup_exit,
			      &Ops::cgroup_prep_move, &Ops::cpu_online, &Ops::cpu_offline,
			      &Ops::init, &Ops::exit>(offset);
}

bool scx_entry_op_may_sleep_v4(u32 offset)
{
	using Ops = sched_ext_ops_v4;

	return scx::is_any_of<&Ops::prep_enable, &Ops::cgroup_init, &Ops::cgroup_exit,
			      &Ops::cgroup_prep_move, &Ops::init, &Ops::exit>(offset);
}
