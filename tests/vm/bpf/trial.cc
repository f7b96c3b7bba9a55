// SPDX-License-Identifier: GPL-2.0
// Tries out one misuse; tests/vm/misuse/run calls it, row by row.
//
//   trial serve FILE.bpf.o          loads the object once. For each line `TABLE ROW` that comes in,
//   sets
//                                   its variable `row` to the enumerator ROW, puts the table in
//                                   force and waits for the scheduler's end, for ten seconds at
//                                   most
//   trial load FILE.bpf.o PROGRAM   loads one program, with the table PROGRAM_ops if there is one
//
// Prints `ready` when the scheduler is in force and what came of it at the end: the exit line, or
// `refused: ERROR` after the verifier's words. The status is 0 whatever that is.
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/exit_report.h"

namespace {

constexpr int kWrongUsage = 2;
constexpr int kWaits = 1000;
constexpr unsigned kWaitMicroseconds = 10'000;

struct Close {
	void operator()(bpf_object* object) const { bpf_object__close(object); }
};
using Object = std::unique_ptr<bpf_object, Close>;

int fail(const std::string& why)
{
	std::fputs(fmt::format("trial: {}\n", why).c_str(), stderr);
	return kWrongUsage;
}

int say(const std::string& line)
{
	std::fputs((line + '\n').c_str(), stdout);
	std::fflush(stdout);
	return 0;
}

int refused(int status)
{
	return say(fmt::format("refused: {}", strerrorname_np(-status)));
}

int print_words(libbpf_print_level level, const char* format, va_list arguments)
{
	return level == LIBBPF_WARN ? std::vfprintf(stdout, format, arguments) : 0;
}

// Which struct_ops tables exist is up to WANTED.
void choose_tables(const bpf_object* object, const std::function<bool(std::string_view)>& wanted)
{
	bpf_map* map = nullptr;
	bpf_object__for_each_map(map, object)
	{
		if (bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS)
			bpf_map__set_autocreate(map, wanted(bpf_map__name(map)));
	}
}

// The value of an enumerator of `enum row`.
std::optional<__s32> number_of(const btf* types, std::string_view row)
{
	const int id = btf__find_by_name_kind(types, "row", BTF_KIND_ENUM);
	if (id <= 0)
		return std::nullopt;
	const btf_type* enumeration = btf__type_by_id(types, static_cast<__u32>(id));
	for (int i = 0; i < btf_vlen(enumeration); ++i) {
		const struct btf_enum& each = btf_enum(enumeration)[i];
		if (row == btf__name_by_offset(types, each.name_off))
			return each.val;
	}
	return std::nullopt;
}

// Where the variable `row` is in the section .bss.
std::optional<std::size_t> place_of_row(const btf* types)
{
	const int section = btf__find_by_name_kind(types, ".bss", BTF_KIND_DATASEC);
	if (section <= 0)
		return std::nullopt;
	const btf_type* variables = btf__type_by_id(types, static_cast<__u32>(section));
	for (int i = 0; i < btf_vlen(variables); ++i) {
		const btf_var_secinfo& place = btf_var_secinfos(variables)[i];
		const btf_type* variable = btf__type_by_id(types, place.type);
		if (std::string_view("row") == btf__name_by_offset(types, variable->name_off))
			return place.offset;
	}
	return std::nullopt;
}

bool is_variables(const bpf_map* map)
{
	const std::string_view name = bpf_map__name(map);
	return name.ends_with(".bss") || name.ends_with(".data") || name.starts_with(".bss.");
}

// The variables of a loaded object, which can be put back to what they were.
class Variables {
public:
	explicit Variables(const bpf_object* object)
	{
		bpf_map* map = nullptr;
		bpf_object__for_each_map(map, object)
		{
			if (!is_variables(map))
				continue;
			std::vector<char> value(bpf_map__value_size(map));
			bpf_map__lookup_elem(map, &kOnly, sizeof(kOnly), value.data(), value.size(),
					     0);
			sections_.push_back({map, value});
		}
	}

	// All as they were, but for an int in .bss.
	void put_back_but(std::size_t place, __s32 number) const
	{
		for (auto [map, value] : sections_) {
			if (std::string_view(bpf_map__name(map)).ends_with(".bss"))
				std::memcpy(value.data() + place, &number, sizeof(number));
			bpf_map__update_elem(map, &kOnly, sizeof(kOnly), value.data(), value.size(),
					     0);
		}
	}

private:
	struct Section {
		const bpf_map* map;
		std::vector<char> value;
	};
	static constexpr __u32 kOnly = 0; // the key
	std::vector<Section> sections_{};
};

int attempt(const Object& object, const scx::ExitMailbox& mailbox, const std::string& table)
{
	bpf_map* ops = bpf_object__find_map_by_name(object.get(), table.c_str());
	if (!ops)
		return fail(fmt::format("no table {}", table));
	bpf_link* link = bpf_map__attach_struct_ops(ops);
	if (!link)
		return refused(-errno);

	say("ready");
	for (int i = 0; i < kWaits && !mailbox.delivered(); ++i)
		usleep(kWaitMicroseconds);
	bpf_link__destroy(link);
	return say(mailbox.read().line());
}

// Tries what is asked for on the standard input, a line `TABLE ROW` each, and ends each answer with
// an empty line.
int serve(const Object& object)
{
	choose_tables(object.get(), [](std::string_view) { return true; });
	if (const int status = bpf_object__load(object.get()); status != 0)
		return refused(status);
	const auto mailbox = scx::ExitMailbox::find(object.get());
	if (!mailbox)
		return fail(mailbox.error().text);
	const btf* types = bpf_object__btf(object.get());
	const std::optional<std::size_t> place = place_of_row(types);
	const Variables variables(object.get());
	if (!place)
		return fail("the object has no variable `row`");

	for (std::string table, row; std::cin >> table >> row;) {
		const std::optional<__s32> number = number_of(types, row);
		if (!number)
			return fail(fmt::format("no row {}", row));
		variables.put_back_but(*place, *number);
		if (const int status = attempt(object, *mailbox, table); status != 0)
			return status;
		say("");
	}
	return 0;
}

int load(const Object& object, const std::string& name)
{
	bool found = false;
	bpf_program* program = nullptr;
	bpf_object__for_each_program(program, object.get())
	{
		const bool wanted = name == bpf_program__name(program);
		bpf_program__set_autoload(program, wanted);
		found = found || wanted;
	}
	if (!found)
		return fail(fmt::format("no program {}", name));
	choose_tables(object.get(), [&](std::string_view table) { return table == name + "_ops"; });
	const int status = bpf_object__load(object.get());
	return status != 0 ? refused(status) : say("accepted");
}

} // namespace

int main(int argc, char** argv)
{
	const std::string what = argc > 1 ? argv[1] : "";
	if (!(what == "serve" && argc == 3) && !(what == "load" && argc == 4))
		return fail("trial serve FILE.bpf.o, or trial load FILE.bpf.o PROGRAM");
	libbpf_set_print(print_words);
	const Object object(bpf_object__open_file(argv[2], nullptr));
	if (!object)
		return fail(fmt::format("cannot open {}: {}", argv[2], std::strerror(errno)));
	return what == "serve" ? serve(object) : load(object, argv[3]);
}
