// SPDX-License-Identifier: GPL-2.0
// Tries out one misuse; tests/vm/misuse/run calls it, row by row.
//
//   trial run FILE.bpf.o TABLE ROW      puts one table of the object in force, with the read-only
//                                       variable `row` set to the enumerator ROW, and waits for the
//                                       scheduler's end, for ten seconds at most
//   trial load FILE.bpf.o PROGRAM       loads one program, with the table PROGRAM_ops if there is
//   one
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
#include <memory>
#include <string>

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

// Only this table exists; null if the object has none of the name.
bpf_map* choose_table(const bpf_object* object, const std::string& table)
{
	bpf_map* chosen = nullptr;
	bpf_map* map = nullptr;
	bpf_object__for_each_map(map, object)
	{
		if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS)
			continue;
		const bool wanted = table == bpf_map__name(map);
		bpf_map__set_autocreate(map, wanted);
		if (wanted)
			chosen = map;
	}
	return chosen;
}

// False if the object has no such row.
bool choose_row(const bpf_object* object, const std::string& row)
{
	const btf* types = bpf_object__btf(object);
	const int id = btf__find_by_name_kind(types, "row", BTF_KIND_ENUM);
	bpf_map* map = nullptr;
	char* data = nullptr;
	std::size_t size = 0;
	bpf_object__for_each_map(map,
				 object) if (std::string(bpf_map__name(map)).ends_with(".rodata"))
		data = static_cast<char*>(bpf_map__initial_value(map, &size));
	const int section = btf__find_by_name_kind(types, ".rodata", BTF_KIND_DATASEC);
	if (id <= 0 || section <= 0 || !data)
		return false;

	const btf_type* enumeration = btf__type_by_id(types, static_cast<__u32>(id));
	const btf_type* variables = btf__type_by_id(types, static_cast<__u32>(section));
	for (int i = 0; i < btf_vlen(enumeration); ++i) {
		if (row != btf__name_by_offset(types, btf_enum(enumeration)[i].name_off))
			continue;
		for (int j = 0; j < btf_vlen(variables); ++j) {
			const btf_var_secinfo& place = btf_var_secinfos(variables)[j];
			const btf_type* variable = btf__type_by_id(types, place.type);
			if (std::string("row") == btf__name_by_offset(types, variable->name_off)) {
				std::memcpy(data + place.offset, &btf_enum(enumeration)[i].val,
					    sizeof(__s32));
				return true;
			}
		}
	}
	return false;
}

int run(const Object& object, const char* table, const char* row)
{
	bpf_map* ops = choose_table(object.get(), table);
	if (!ops)
		return fail(fmt::format("no table {}", table));
	if (!choose_row(object.get(), row))
		return fail(fmt::format("no row {}", row));
	if (const int status = bpf_object__load(object.get()); status != 0)
		return refused(status);
	const auto mailbox = scx::ExitMailbox::find(object.get());
	if (!mailbox)
		return fail(mailbox.error().text);
	bpf_link* link = bpf_map__attach_struct_ops(ops);
	if (!link)
		return refused(-errno);

	say("ready");
	for (int i = 0; i < kWaits && !mailbox->delivered(); ++i)
		usleep(kWaitMicroseconds);
	bpf_link__destroy(link);
	return say(mailbox->read().line());
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
	choose_table(object.get(), name + "_ops");
	const int status = bpf_object__load(object.get());
	return status != 0 ? refused(status) : say("accepted");
}

} // namespace

int main(int argc, char** argv)
{
	const std::string what = argc > 1 ? argv[1] : "";
	if (!(what == "run" && argc == 5) && !(what == "load" && argc == 4))
		return fail("trial run FILE.bpf.o TABLE ROW, or trial load FILE.bpf.o PROGRAM");
	libbpf_set_print(print_words);
	const Object object(bpf_object__open_file(argv[2], nullptr));
	if (!object)
		return fail(fmt::format("cannot open {}: {}", argv[2], std::strerror(errno)));
	return what == "run" ? run(object, argv[3], argv[4]) : load(object, argv[3]);
}
