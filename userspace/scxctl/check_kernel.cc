// SPDX-License-Identifier: GPL-2.0
#include <bpf/btf.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "scxctl/findings.h"
#include "scxctl/state.h"

namespace scxctl {
namespace {

constexpr const char* kGetKernel =
	"boot a kernel with the hooks; `make kernel-deb CONFIG=local` in the "
	"project's sources makes its packages";

// What the hooks export whatever the kernel's options; made from the patch.
constexpr const char* kHooks[] = {
#include "hooks.inc"
};

struct FreeBtf {
	void operator()(btf* types) const { btf__free(types); }
};
using Types = std::unique_ptr<btf, FreeBtf>;

// Of the hooks those that the kernel does not export. Where it lists no exports, names stand for
// them: most are the kernel's own, but not that of the first.
std::vector<std::string> missing_hooks(const System& system)
{
	std::vector<std::string> symbols, missing;
	for (const std::string& line : lines_of(system.text("/proc/kallsyms").value_or(""))) {
		const std::size_t name = line.find(' ', line.find(' ') + 1) + 1;
		// A module's symbols have its name behind them.
		if (line.find('\t') == std::string::npos)
			symbols.push_back(line.substr(name));
	}
	std::sort(symbols.begin(), symbols.end());
	const auto has = [&](const std::string& name) {
		return std::binary_search(symbols.begin(), symbols.end(), name);
	};
	const bool lists_exports = has("__ksymtab__printk");
	for (const char* hook : kHooks)
		if (!has(lists_exports ? std::string("__ksymtab_") + hook : hook))
			missing.emplace_back(hook);
	return missing;
}

// At most four, and how many more there are.
std::string some_of(const std::vector<std::string>& names)
{
	constexpr std::size_t kShown = 4;
	std::string text;
	for (std::size_t i = 0; i < std::min(kShown, names.size()); ++i)
		text += (i == 0 ? "" : ", ") + names[i];
	if (names.size() > kShown)
		text += fmt::format(" and {} more", names.size() - kShown);
	return text;
}

bool check_hooks(const System& system, Findings& findings)
{
	const std::vector<std::string> missing = missing_hooks(system);
	if (missing.empty()) {
		findings.push_back({.subject = "hooks", .detail = "all are there"});
		return true;
	}
	findings.push_back({.subject = "hooks",
			    .verdict = Verdict::wrong,
			    .detail = fmt::format("{} of {} are missing: {}", missing.size(),
						  std::size(kHooks), some_of(missing)),
			    .next = kGetKernel});
	return false;
}

// The kernel itself has sched_ext: any release will do, and neither hooks nor a module are needed.
bool is_built_in(const System& system, const Types& types)
{
	const State state = read_state(system);
	return (state.available && !state.module) ||
	       (types && btf__find_by_name_kind(types.get(), "sched_ext_ops", BTF_KIND_STRUCT) > 0);
}

Finding judge_release(const std::string& release, bool built_in)
{
	if (built_in || release.starts_with("6.12."))
		return {.subject = "kernel", .detail = release};
	return {.subject = "kernel",
		.verdict = Verdict::wrong,
		.detail = release + ", and the module is for 6.12",
		.next = kGetKernel};
}

Finding judge_types(const Types& types)
{
	if (types)
		return {.subject = "types", .detail = "the kernel describes them (BTF)"};
	return {.subject = "types",
		.verdict = Verdict::wrong,
		.detail = "the kernel has no BTF in /sys/kernel/btf/vmlinux",
		.next = "boot a kernel built with CONFIG_DEBUG_INFO_BTF=y"};
}

} // namespace

bool check_kernel(const System& system, Findings& findings)
{
	const Types types(btf__parse(system.path("/sys/kernel/btf/vmlinux").c_str(), nullptr));
	const bool built_in = is_built_in(system, types);
	findings.push_back(judge_release(system.release(), built_in));
	findings.push_back(judge_types(types));
	bool can = built_in;
	if (built_in)
		findings.push_back(
			{.subject = "hooks", .detail = "not needed: sched_ext is built in"});
	else
		can = check_hooks(system, findings);

	if (const auto jit = system.line("/proc/sys/net/core/bpf_jit_enable"); jit && *jit == "0")
		findings.push_back(
			{.subject = "BPF",
			 .verdict = Verdict::wrong,
			 .detail = "its compiler is off, and struct_ops programs need it",
			 .next = "sysctl net.core.bpf_jit_enable=1"});
	return can;
}

} // namespace scxctl
