// SPDX-License-Identifier: GPL-2.0
// scxctl dump: the loaded scheduler's state, as SysRq-D writes it to the tracepoint sched_ext_dump.
// A trace instance of its own leaves everybody else's tracing alone.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <thread>

#include "scxctl/commands.h"
#include "scxctl/state.h"

namespace scxctl {
namespace {

constexpr std::chrono::milliseconds kLook{100};
// The dump has no last line: it is complete when nothing came for this long.
constexpr int kQuietLooks = 10;
constexpr int kMostLooks = 300;

bool write_file(const std::string& path, const char* text)
{
	FILE* file = std::fopen(path.c_str(), "we");
	if (!file)
		return false;
	const bool written = std::fputs(text, file) >= 0;
	return std::fclose(file) == 0 && written;
}

class TraceInstance {
public:
	TraceInstance()
		: path_(fmt::format("/sys/kernel/tracing/instances/scxctl-{}", getpid())),
		  made_(mkdir(path_.c_str(), 0700) == 0)
	{}
	~TraceInstance()
	{
		if (!made_)
			return;
		write_file(path_ + "/events/sched_ext/sched_ext_dump/enable", "0\n");
		rmdir(path_.c_str());
	}
	TraceInstance(const TraceInstance&) = delete;
	TraceInstance& operator=(const TraceInstance&) = delete;

	bool listen() const
	{
		return made_ &&
		       write_file(path_ + "/events/sched_ext/sched_ext_dump/enable", "1\n");
	}

	// What came until now, without what the tracer puts in front of each line.
	std::string read(const System& system) const
	{
		constexpr std::string_view kMark = "sched_ext_dump: ";
		std::string text;
		for (const std::string& line :
		     lines_of(system.text(path_ + "/trace").value_or(""))) {
			const std::size_t mark = line.find(kMark);
			if (!line.starts_with('#') && mark != std::string::npos)
				text += line.substr(mark + kMark.size()) + '\n';
		}
		return text;
	}

private:
	std::string path_;
	bool made_;
};

std::string collect(const System& system, const TraceInstance& trace)
{
	std::string text;
	int quiet = 0;
	for (int look = 0; look < kMostLooks; ++look) {
		std::this_thread::sleep_for(kLook);
		std::string now = trace.read(system);
		quiet = now.size() == text.size() ? quiet + 1 : 0;
		text = std::move(now);
		const bool waiting = text.empty() && !read_state(system).scheduler.empty();
		if (quiet >= kQuietLooks && !waiting)
			break;
	}
	return text;
}

} // namespace

Reply dump(const Request& request)
{
	const std::string unavailable = why_unavailable(request.system);
	if (!unavailable.empty())
		return scx::Error{unavailable};
	const std::string scheduler = read_state(request.system).scheduler;
	if (scheduler.empty())
		return scx::Error{"no scheduler is loaded; start one: scxctl start NAME"};
	if (geteuid() != 0)
		return scx::Error{"a dump needs root; run it with sudo"};

	const TraceInstance trace;
	if (!trace.listen())
		return scx::Error{
			"cannot listen to the tracepoint sched_ext_dump; is tracefs mounted "
			"(mount -t tracefs tracefs /sys/kernel/tracing)?"};
	if (!write_file("/proc/sysrq-trigger", "D"))
		return scx::Error{"cannot write /proc/sysrq-trigger; the kernel needs "
				  "CONFIG_MAGIC_SYSRQ"};
	const std::string text = collect(request.system, trace);
	if (text.empty())
		return scx::Error{
			fmt::format("{} ended before it was dumped; see `scxctl log`", scheduler)};
	std::fputs(text.c_str(), stdout);
	return kDone;
}

} // namespace scxctl
