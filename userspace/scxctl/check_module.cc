// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include "scxctl/findings.h"
#include "scxctl/state.h"

namespace scxctl {
namespace {

// Where depmod found it, below /lib/modules/RELEASE; empty when it did not.
std::string installed_module(const System& system)
{
	const std::string directory = "/lib/modules/" + system.release();
	for (const std::string& line :
	     lines_of(system.text(directory + "/modules.dep").value_or(""))) {
		const std::string path = line.substr(0, line.find(':'));
		if (path.find("/sched_ext.ko") != std::string::npos ||
		    path.starts_with("sched_ext.ko"))
			return directory + "/" + path;
	}
	return "";
}

void check_installed(const System& system, Findings& findings)
{
	const std::string path = installed_module(system);
	if (!path.empty()) {
		findings.push_back({.subject = "module", .detail = path});
		return;
	}
	// Loaded from somewhere else, as developers do.
	if (system.exists("/sys/module/sched_ext"))
		return;
	const bool dkms = system.exists("/var/lib/dkms/sched_ext");
	findings.push_back(
		{.subject = "module",
		 .verdict = Verdict::wrong,
		 .detail = fmt::format("sched_ext.ko is not installed for {}", system.release()),
		 .next = !dkms ? "apt-get install sched-ext-dkms"
			 : system.exists("/lib/modules/" + system.release() + "/build")
				 ? "dkms autoinstall, and read why it fails"
				 : fmt::format(
					   "apt-get install linux-headers-{}; dkms then builds it",
					   system.release())});
}

void check_loading(const System& system, Findings& findings)
{
	const auto enforced = system.line("/sys/module/module/parameters/sig_enforce");
	const auto lockdown = system.text("/sys/kernel/security/lockdown").value_or("");
	const bool locked = lockdown.find("[integrity]") != std::string::npos ||
			    lockdown.find("[confidentiality]") != std::string::npos;
	if (locked || (enforced && *enforced == "Y"))
		findings.push_back(
			{.subject = "signature",
			 .verdict = Verdict::note,
			 .detail = "the kernel loads only modules signed with a key it knows",
			 .next = "if modprobe says so: mokutil --import /var/lib/dkms/mok.pub, "
				 "then reboot and enrol it"});
	findings.push_back({.subject = "loaded",
			    .verdict = Verdict::note,
			    .detail = "not yet",
			    .next = "scxctl start does it, or: modprobe sched_ext"});
}

} // namespace

void check_module(const System& system, bool kernel_can, Findings& findings)
{
	const State state = read_state(system);
	if (state.available && !state.module)
		return;
	if (!kernel_can) {
		findings.push_back({.subject = "module",
				    .verdict = Verdict::unasked,
				    .detail = "this kernel cannot take it"});
		return;
	}
	check_installed(system, findings);
	if (!state.module) {
		check_loading(system, findings);
		return;
	}
	if (!system.exists("/sys/kernel/btf/sched_ext"))
		findings.push_back({.subject = "loaded",
				    .verdict = Verdict::wrong,
				    .detail = "without its types (BTF): no scheduler can find it",
				    .next = "rmmod sched_ext; dkms remove and install it again for "
					    "this kernel"});
	else if (!state.available)
		findings.push_back({.subject = "loaded",
				    .verdict = Verdict::wrong,
				    .detail = "but /sys/kernel/sched_ext is missing",
				    .next = "read `dmesg`"});
	else
		findings.push_back(
			{.subject = "loaded",
			 .detail = fmt::format("version {}, {}", state.version,
					       state.scheduler.empty()
						       ? "no scheduler"
						       : "scheduler " + state.scheduler)});
	if (state.version != SCHED_EXT_VERSION)
		findings.push_back(
			{.subject = "version",
			 .verdict = Verdict::note,
			 .detail = fmt::format(
				 "the loaded module is {}, these tools are " SCHED_EXT_VERSION,
				 state.version.empty() ? "of no version" : state.version),
			 .next = "scxctl stop; modprobe -r sched_ext; modprobe sched_ext"});
}

} // namespace scxctl
