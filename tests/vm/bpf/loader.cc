// SPDX-License-Identifier: GPL-2.0
// Runs any scheduler from its BPF object alone, through the life cycle of the real ones.
//
//   loader [-v] FILE.bpf.o
//
// Prints `loaded` once the kernel has the programs, the exit line when the scheduler has ended,
// and `code=N` with the exit code. Exit status as of scx::run().
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <cerrno>
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

  scx::Outcome open(const scx::Kernel&) override {
    object_.reset(bpf_object__open_file(file_, nullptr));
    if (!object_)
      return scx::Error{fmt::format("cannot open {}: {}", file_, std::strerror(errno))};
    return scx::Done{};
  }

  int load() override {
    const int status = bpf_object__load(object_.get());
    if (status == 0) scx::print_line("loaded");
    return status;
  }

  const bpf_object* object() const override { return object_.get(); }

  void close() override {
    if (const auto mailbox = scx::ExitMailbox::find(object()); mailbox && mailbox->delivered())
      code_ = mailbox->read().code;
    object_.reset();
  }

  void report() override {}

  long long code() const { return code_; }

 private:
  struct Close {
    void operator()(bpf_object* object) const { bpf_object__close(object); }
  };

  const char* file_;
  std::unique_ptr<bpf_object, Close> object_;
  long long code_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const bool verbose = argc > 1 && std::strcmp(argv[1], "-v") == 0;
  if (argc != (verbose ? 3 : 2)) {
    std::fputs("loader: give one BPF object: loader [-v] FILE.bpf.o\n", stderr);
    return scx::kWrongUsage;
  }

  FileProgram program(argv[argc - 1]);
  const int status = scx::run(program, {.name = "loader", .verbose = verbose});
  scx::print_line(fmt::format("code={}", program.code()));
  return status;
}
