// SPDX-License-Identifier: GPL-2.0
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <cstdint>

#include "scxctl/findings.h"
#include "scxctl/schedulers.h"
#include "scxctl/service.h"

namespace scxctl {
namespace {

// Bits of CapEff that loading a scheduler takes: a module's types are read with the third.
constexpr std::pair<unsigned, const char*> kCapabilities[] = {
	{39, "CAP_BPF"}, {38, "CAP_PERFMON"}, {21, "CAP_SYS_ADMIN"}};

std::uint64_t effective_capabilities(const System& system)
{
	const auto text = field(system.text("/proc/self/status").value_or(""), "CapEff:");
	return text ? std::strtoull(text->c_str(), nullptr, 16) : 0;
}

// True when BPF programs may be loaded.
bool check_rights(const System& system, Findings& findings)
{
	const std::uint64_t have = effective_capabilities(system);
	std::string missing;
	for (const auto& [bit, name] : kCapabilities)
		if ((have >> bit & 1) == 0)
			missing += (missing.empty() ? "" : ", ") + std::string(name);
	if (missing.empty()) {
		findings.push_back({.subject = "rights", .detail = "schedulers can be loaded"});
		return true;
	}
	findings.push_back(
		{.subject = "rights",
		 .verdict = Verdict::wrong,
		 .detail = fmt::format("{} not held: no scheduler can be loaded", missing),
		 .next = "run it as root, with sudo"});
	return false;
}

void check_libbpf(const System& system, bool may, Findings& findings)
{
	Finding finding{.subject = "libbpf",
			.detail = fmt::format("{}, in the programs", libbpf_version_string())};
	if (may && system.running() &&
	    libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_STRUCT_OPS, nullptr) != 1) {
		finding.verdict = Verdict::wrong;
		finding.detail += "; the kernel refuses its struct_ops programs";
		finding.next = "boot a kernel with CONFIG_BPF_SYSCALL, CONFIG_BPF_JIT and "
			       "CONFIG_DEBUG_INFO_BTF_MODULES";
	}
	findings.push_back(std::move(finding));
}

void check_groups(const System& system, Findings& findings)
{
	const auto controllers = system.line("/sys/fs/cgroup/cgroup.controllers");
	if (!controllers) {
		findings.push_back(
			{.subject = "cgroups",
			 .verdict = Verdict::wrong,
			 .detail = "no cgroup v2 in /sys/fs/cgroup; scx_flatcg needs it",
			 .next = "boot with systemd.unified_cgroup_hierarchy=1, or mount -t "
				 "cgroup2 cgroup2 /sys/fs/cgroup"});
		return;
	}
	const auto has_cpu = [](const std::string& list) {
		return (" " + list + " ").find(" cpu ") != std::string::npos;
	};
	const auto handed_on = system.line("/sys/fs/cgroup/cgroup.subtree_control").value_or("");
	if (!has_cpu(*controllers))
		findings.push_back({.subject = "cgroups",
				    .verdict = Verdict::wrong,
				    .detail = "v2 without the cpu controller; scx_flatcg needs it",
				    .next = "boot a kernel with CONFIG_CGROUP_SCHED, and free the "
					    "controller from cgroup v1"});
	else if (!has_cpu(handed_on))
		findings.push_back({.subject = "cgroups",
				    .verdict = Verdict::note,
				    .detail = "v2, but no group has cpu.weight",
				    .next = "echo +cpu >/sys/fs/cgroup/cgroup.subtree_control"});
	else
		findings.push_back({.subject = "cgroups", .detail = "v2, with cpu.weight"});
}

void check_tracing(const System& system, Findings& findings)
{
	if (system.exists("/sys/kernel/tracing/events") || !system.exists("/sys/kernel/tracing"))
		return;
	findings.push_back({.subject = "tracing",
			    .verdict = Verdict::note,
			    .detail = "not mounted: scxctl dump needs it",
			    .next = "mount -t tracefs tracefs /sys/kernel/tracing"});
}

} // namespace

void check_surroundings(const System& system, const std::string& directory, Findings& findings)
{
	const bool may = check_rights(system, findings);
	check_libbpf(system, may, findings);
	check_groups(system, findings);
	check_tracing(system, findings);

	const auto schedulers = schedulers_in(directory);
	if (schedulers.empty())
		findings.push_back({.subject = "schedulers",
				    .verdict = Verdict::wrong,
				    .detail = "none in " + directory,
				    .next = "apt-get install sched-ext-tools"});
	else
		findings.push_back({.subject = "schedulers", .detail = name_list(schedulers)});
	findings.push_back(
		{.subject = "service",
		 .detail = service_usable(system)
				   ? std::string(kUnit)
				   : "not used: no systemd here, or no unit; programs are "
				     "started directly"});
}

} // namespace scxctl
