// SPDX-License-Identifier: GPL-2.0
#include "scxctl/state.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace scxctl {
namespace {

constexpr std::string_view kDirectory = "/sys/kernel/sched_ext";

std::string path_of(std::string_view attribute)
{
	return std::string(kDirectory) + "/" + std::string(attribute);
}

std::string attribute(const System& system, std::string_view name)
{
	return system.line(path_of(name)).value_or("");
}

struct FreeBtf {
	void operator()(btf* types) const { btf__free(types); }
};
using Types = std::unique_ptr<btf, FreeBtf>;

// Other users of struct_ops keep links too. The map's value type tells them apart; it is described
// by the kernel's types or by those of the module which are on top of them.
bool holds_sched_ext_ops(__u32 map_id)
{
	const int map = bpf_map_get_fd_by_id(map_id);
	if (map < 0)
		return false;
	bpf_map_info info{};
	__u32 size = sizeof(info);
	const int error = bpf_map_get_info_by_fd(map, &info, &size);
	// Where the kernel has btf_vmlinux_id; the headers of Debian 12 are older and have a hole.
	__u32 types_id = 0;
	std::memcpy(&types_id,
		    reinterpret_cast<const char*>(&info) + offsetof(bpf_map_info, map_extra) -
			    sizeof(types_id),
		    sizeof(types_id));
	close(map);
	if (error)
		return false;

	const Types kernel(btf__load_vmlinux_btf());
	const Types module(kernel ? btf__load_from_kernel_by_id_split(types_id, kernel.get())
				  : nullptr);
	for (const Types* types : {&module, &kernel}) {
		const btf_type* type =
			*types ? btf__type_by_id(types->get(), info.btf_vmlinux_value_type_id)
			       : nullptr;
		if (type)
			return std::string_view("bpf_struct_ops_sched_ext_ops") ==
			       btf__name_by_offset(types->get(), type->name_off);
	}
	return false;
}

// "4 (name) S …": the name may hold anything, blanks and parentheses too.
unsigned long long seconds_since_start(const System& system, const std::string& process)
{
	constexpr int kStartField = 22;
	const std::string stat = system.line(process + "/stat").value_or("");
	std::size_t at = stat.rfind(')');
	for (int i = 2; i < kStartField && at != std::string::npos; ++i)
		at = stat.find(' ', at + 1);
	if (at == std::string::npos)
		return 0;
	const auto started = number(std::string_view(stat).substr(at + 1)) /
			     static_cast<unsigned long long>(std::max(1L, sysconf(_SC_CLK_TCK)));
	const auto now = number(system.line("/proc/uptime").value_or(""));
	return now > started ? now - started : 0;
}

std::string unit_of(const System& system, const std::string& process)
{
	const auto group = field(system.text(process + "/cgroup").value_or(""), "0::").value_or("");
	const std::string last = group.substr(group.rfind('/') + 1);
	return last.ends_with(".service") ? last : "";
}

} // namespace

State read_state(const System& system)
{
	State state;
	state.available = system.exists(kDirectory);
	state.module = system.exists("/sys/module/sched_ext");
	state.version = system.line("/sys/module/sched_ext/version").value_or("");
	if (!state.available)
		return state;

	state.phase = attribute(system, "state");
	state.scheduler = attribute(system, "root/ops");
	state.switch_all = attribute(system, "switch_all") == "1";
	state.loads = number(attribute(system, "enable_seq"));
	state.rejected = number(attribute(system, "nr_rejected"));
	for (const std::string& line : lines_of(system.text(path_of("root/events")).value_or(""))) {
		const std::size_t blank = line.find(' ');
		if (blank != std::string::npos)
			state.events.emplace_back(line.substr(0, blank),
						  number(std::string_view(line).substr(blank + 1)));
	}
	return state;
}

bool is_owner(const System& system, int pid)
{
	const std::string process = "/proc/" + std::to_string(pid);
	for (const std::string& file : system.names(process + "/fdinfo")) {
		const std::string text = system.text(process + "/fdinfo/" + file).value_or("");
		if (field(text, "link_type:") != "struct_ops")
			continue;
		const auto map = number(field(text, "map_id:").value_or(""));
		if (!system.running() || holds_sched_ext_ops(static_cast<__u32>(map)))
			return true;
	}
	return false;
}

std::optional<Owner> find_owner(const System& system)
{
	for (const std::string& name : system.names("/proc")) {
		const int pid = static_cast<int>(number(name));
		if (pid == 0 || !is_owner(system, pid))
			continue;
		const std::string process = "/proc/" + name;
		return Owner{.pid = pid,
			     .program = system.line(process + "/comm").value_or(""),
			     .unit = unit_of(system, process),
			     .seconds = seconds_since_start(system, process)};
	}
	return std::nullopt;
}

} // namespace scxctl
