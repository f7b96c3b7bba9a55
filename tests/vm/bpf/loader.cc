// SPDX-License-Identifier: GPL-2.0
// Runs any scheduler from its BPF object alone, through the life cycle of the real ones.
//
//   loader FILE.bpf.o
//   loader FILE.bpf.o CYCLES
//
// Prints `loaded` once the kernel has the programs, and when the scheduler has ended `code=N` with
// the exit code and then the exit line; all of it again if the kernel wants it started anew. Exit
// status as of scx::run(). With CYCLES, puts the scheduler in force and takes it out of force that
// many times, with the programs loaded once.
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>

#include "lib/exit_report.h"
#include "lib/program.h"
#include "lib/run.h"

namespace {

class FileProgram final : public scx::Program {
public:
	explicit FileProgram(const char* file) : file_(file) {}

	scx::Outcome open(const scx::Kernel&) override
	{
		object_.reset(bpf_object__open_file(file_, nullptr));
		if (!object_)
			return scx::Error{
				fmt::format("cannot open {}: {}", file_, std::strerror(errno))};
		return scx::Done{};
	}

	int load() override
	{
		const int status = bpf_object__load(object_.get());
		if (status == 0)
			scx::print_line("loaded");
		return status;
	}

	const bpf_object* object() const override { return object_.get(); }

	void close() override
	{
		if (const auto mailbox = scx::ExitMailbox::find(object());
		    mailbox && mailbox->delivered())
			scx::print_line(fmt::format("code={}", mailbox->read().code));
		object_.reset();
	}

private:
	struct Close {
		void operator()(bpf_object* object) const { bpf_object__close(object); }
	};

	const char* file_;
	std::unique_ptr<bpf_object, Close> object_;
};

scx::Outcome cycle(FileProgram& program, int cycles)
{
	const auto kernel = scx::Kernel::probe();
	if (!kernel)
		return kernel.error();
	if (const auto opened = program.open(*kernel); !opened)
		return opened.error();
	if (const int status = program.load(); status != 0)
		return scx::Error{fmt::format("the kernel refused the BPF program: {}",
					      std::strerror(-status))};

	bpf_map* ops = nullptr;
	bpf_object__for_each_map(ops, program.object())
	{
		if (bpf_map__type(ops) == BPF_MAP_TYPE_STRUCT_OPS)
			break;
	}
	if (!ops)
		return scx::Error{"the object has no scheduler"};

	for (int i = 0; i < cycles; ++i) {
		bpf_link* link = bpf_map__attach_struct_ops(ops);
		if (!link)
			return scx::Error{
				fmt::format("cycle {}: attach: {}", i, std::strerror(errno))};
		if (const int status = bpf_link__destroy(link); status != 0)
			return scx::Error{
				fmt::format("cycle {}: detach: {}", i, std::strerror(-status))};
	}
	return scx::Done{};
}

int run_cycles(FileProgram& program, const char* text)
{
	int cycles = 0;
	const char* end = text + std::strlen(text);
	if (const auto parsed = std::from_chars(text, end, cycles);
	    parsed.ec != std::errc{} || parsed.ptr != end || cycles < 1) {
		std::fputs(fmt::format("loader: `{}` is no number of cycles\n", text).c_str(),
			   stderr);
		return scx::kWrongUsage;
	}
	if (const auto done = cycle(program, cycles); !done) {
		std::fputs(fmt::format("loader: {}\n", done.error().text).c_str(), stderr);
		return scx::kFailed;
	}
	scx::print_line(fmt::format("cycles={}", cycles));
	return scx::kEndedNormally;
}

} // namespace

int main(int argc, char** argv)
{
	if (argc != 2 && argc != 3) {
		std::fputs("loader: give a BPF object: loader FILE.bpf.o [CYCLES]\n", stderr);
		return scx::kWrongUsage;
	}

	FileProgram program(argv[1]);
	if (argc == 3)
		return run_cycles(program, argv[2]);

	return scx::run(program, {.name = "loader"});
}
