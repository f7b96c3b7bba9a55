// SPDX-License-Identifier: GPL-2.0
#include "lib/kernel.h"

#include <bpf/btf.h>
#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <optional>

namespace scx {
namespace {

constexpr const char* kModule = "sched_ext";

bool exists(const std::string& path)
{
	return access(path.c_str(), F_OK) == 0;
}

// The first line of a state file, without its line end.
std::optional<std::string> read_line(const std::string& path)
{
	std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "re"), std::fclose);
	if (!file)
		return std::nullopt;

	char buffer[256];
	std::string line = std::fgets(buffer, sizeof(buffer), file.get()) ? buffer : "";
	while (!line.empty() && line.back() == '\n')
		line.pop_back();
	return line;
}

bool has_struct(const btf* types, const char* name)
{
	return btf__find_by_name_kind(types, name, BTF_KIND_STRUCT) > 0;
}

// Enumerators are 32 bits wide or 64, each in a kind of its own.
std::optional<std::uint64_t> find_enumerator(const btf* types, const char* enumeration,
					     std::string_view name)
{
	if (const int id = btf__find_by_name_kind(types, enumeration, BTF_KIND_ENUM); id > 0) {
		const btf_type* type = btf__type_by_id(types, static_cast<__u32>(id));
		const struct btf_enum* members = btf_enum(type);
		for (int i = 0; i < btf_vlen(type); ++i)
			if (name == btf__name_by_offset(types, members[i].name_off))
				return btf_kflag(type) ? static_cast<std::uint64_t>(members[i].val)
						       : static_cast<__u32>(members[i].val);
	}
	if (const int id = btf__find_by_name_kind(types, enumeration, BTF_KIND_ENUM64); id > 0) {
		const btf_type* type = btf__type_by_id(types, static_cast<__u32>(id));
		const struct btf_enum64* members = btf_enum64(type);
		for (int i = 0; i < btf_vlen(type); ++i)
			if (name == btf__name_by_offset(types, members[i].name_off))
				return btf_enum64_value(&members[i]);
	}
	return std::nullopt;
}

} // namespace

void Kernel::BtfFree::operator()(btf* types) const
{
	btf__free(types);
}

Kernel::BtfPointer Kernel::parse(const std::string& path, btf* base)
{
	return BtfPointer(base ? btf__parse_split(path.c_str(), base)
			       : btf__parse(path.c_str(), nullptr));
}

Result<Kernel> Kernel::probe(const std::string& sysfs)
{
	const std::string path = sysfs + "/kernel/btf/vmlinux";
	BtfPointer base = parse(path, nullptr);
	if (!base)
		return Error{fmt::format("cannot read this kernel's types from {}; "
					 "boot a kernel built with CONFIG_DEBUG_INFO_BTF=y",
					 path)};

	if (!has_struct(base.get(), "sched_ext_entity"))
		return Error{
			"this kernel has no sched_ext; boot one built with the sched_ext hooks "
			"(CONFIG_SCHED_CLASS_EXT_HOOKS) and load the module sched_ext"};

	BtfPointer module;
	if (!has_struct(base.get(), "sched_ext_ops")) {
		Result<BtfPointer> parsed = parse_module(sysfs, base.get());
		if (!parsed)
			return parsed.error();
		module = std::move(*parsed);
	}
	return Kernel(sysfs, std::move(base), std::move(module));
}

Result<Kernel::BtfPointer> Kernel::parse_module(const std::string& sysfs, btf* base)
{
	if (!exists(sysfs + "/module/" + kModule))
		return Error{"the module sched_ext is not loaded; run `modprobe sched_ext` as root "
			     "(or `insmod` with the path of sched_ext.ko)"};

	BtfPointer module = parse(sysfs + "/kernel/btf/" + kModule, base);
	if (!module)
		return Error{"the module sched_ext is loaded without its types (BTF); "
			     "rebuild it against the running kernel and load it again"};
	if (!has_struct(module.get(), "sched_ext_ops"))
		return Error{"the module sched_ext does not describe struct sched_ext_ops; "
			     "rebuild it against the running kernel and load it again"};
	return module;
}

Result<std::uint64_t> Kernel::constant(const char* enumeration, std::string_view name) const
{
	const btf* types = module_ ? module_.get() : base_.get();
	if (const auto value = find_enumerator(types, enumeration, name))
		return *value;
	return Error{fmt::format("the running sched_ext does not know {} (of enum {}); "
				 "update the module or the kernel",
				 name, enumeration)};
}

Result<std::uint64_t> Kernel::read_hotplug_sequence() const
{
	const std::string path = sysfs_ + "/kernel/sched_ext/hotplug_seq";
	const auto line = read_line(path);
	if (!line)
		return Error{fmt::format(
			"cannot read {}; see `dmesg` for why sched_ext did not start", path)};

	std::uint64_t value = 0;
	const auto [end, problem] =
		std::from_chars(line->data(), line->data() + line->size(), value);
	if (problem != std::errc{} || end != line->data() + line->size())
		return Error{fmt::format("{} holds `{}` where a number belongs; "
					 "use a module that belongs to this program",
					 path, *line)};
	return value;
}

std::string Kernel::loaded_scheduler() const
{
	return read_line(sysfs_ + "/kernel/sched_ext/root/ops").value_or("");
}

} // namespace scx
