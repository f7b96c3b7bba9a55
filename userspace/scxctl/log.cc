// SPDX-License-Identifier: GPL-2.0
// scxctl log: what the schedulers said, and what the kernel said about them.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "scxctl/commands.h"
#include "scxctl/process.h"
#include "scxctl/service.h"
#include "scxctl/underway.h"

namespace scxctl {
namespace {

// "6,1234,5678901,-;text\n KEY=value\n": priority, number, microseconds since boot.
std::string readable(std::string_view record)
{
	const std::size_t text = record.find(';');
	if (text == std::string_view::npos)
		return "";
	const std::size_t first = record.find(','), second = record.find(',', first + 1);
	const auto micros = number(record.substr(second + 1));
	const std::string_view message = record.substr(text + 1);
	return fmt::format("[{:5}.{:06}] {}", micros / 1000000, micros % 1000000,
			   message.substr(0, message.find('\n')));
}

scx::Result<std::vector<std::string>> kernel_lines()
{
	const int file = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (file < 0)
		return scx::Error{errno == EPERM || errno == EACCES
					  ? "reading the kernel's log needs root; run it with sudo"
					  : "cannot read /dev/kmsg; is it there?"};
	std::vector<std::string> lines;
	char buffer[8192];
	for (;;) {
		const ssize_t got = read(file, buffer, sizeof(buffer));
		// EPIPE: older records were overwritten meanwhile; the next read goes on.
		if (got < 0 && (errno == EPIPE || errno == EINTR))
			continue;
		if (got <= 0)
			break;
		const std::string line =
			readable(std::string_view(buffer, static_cast<std::size_t>(got)));
		if (line.find("sched_ext") != std::string::npos)
			lines.push_back(line);
	}
	close(file);
	return lines;
}

void print_last(const std::string& title, const std::vector<std::string>& lines, std::size_t most)
{
	std::puts(fmt::format("== {}", title).c_str());
	if (lines.empty())
		std::puts("(nothing)");
	for (std::size_t i = lines.size() - std::min(most, lines.size()); i < lines.size(); ++i)
		std::puts(lines[i].c_str());
}

} // namespace

Reply log(const Request& request)
{
	const bool unit = service_usable(request.system);
	if (request.follow) {
		const std::string lines = std::to_string(request.lines);
		if (unit)
			become_program({"journalctl", "-f", "-n", lines, "-u", kUnit});
		else
			become_program({"tail", "-n", lines, "-F", kLogFile});
		return scx::Error{"cannot run journalctl or tail to follow the log"};
	}

	const auto kernel = kernel_lines();
	if (!kernel)
		return kernel.error();
	if (unit)
		print_last(kUnit,
			   lines_of(run_program({"journalctl", "-q", "--no-pager", "-n",
						 std::to_string(request.lines), "-u", kUnit})
					    .output),
			   request.lines);
	else
		print_last(kLogFile, lines_of(request.system.text(kLogFile).value_or("")),
			   request.lines);
	print_last("kernel", *kernel, request.lines);
	return kDone;
}

} // namespace scxctl
