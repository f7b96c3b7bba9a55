// SPDX-License-Identifier: GPL-2.0
#include "lib/run.h"

#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "lib/exit_report.h"
#include "lib/ops_table.h"
#include "lib/stop_signals.h"

namespace scx {
namespace {

using Clock = std::chrono::steady_clock;

// How late an exit that the kernel decided is noticed, at most.
constexpr std::chrono::milliseconds kPoll{200};

int print_all(libbpf_print_level, const char* format, va_list arguments)
{
	return std::vfprintf(stderr, format, arguments);
}

int print_nothing(libbpf_print_level, const char*, va_list)
{
	return 0;
}

Error explain_load(int code)
{
	if (code == EPERM && geteuid() != 0)
		return Error{"loading a scheduler needs root; run it with sudo"};
	return Error{fmt::format("the kernel refused the BPF program ({}); run with -v to see why",
				 std::strerror(code))};
}

Error explain_attach(int code, const Kernel& kernel)
{
	if (code != EBUSY)
		return Error{
			fmt::format("the kernel refused the scheduler ({}); see the end of `dmesg`",
				    std::strerror(code))};

	const std::string other = kernel.loaded_scheduler();
	if (other.empty())
		return Error{"another scheduler is just being loaded or unloaded; try again"};
	return Error{fmt::format("another scheduler, {}, is loaded; end it first", other)};
}

// The link is the scheduler: it is in force from attach() until end().
class Attachment {
public:
	static Result<Attachment> attach(const bpf_object* object, const Kernel& kernel)
	{
		bpf_link* link = bpf_map__attach_struct_ops(find_table(object));
		if (!link)
			return explain_attach(errno, kernel);
		return Attachment(link);
	}

	// Returns after the scheduler's exit operation has run.
	void end() { link_.reset(); }

private:
	struct Destroy {
		void operator()(bpf_link* link) const { bpf_link__destroy(link); }
	};
	explicit Attachment(bpf_link* link) : link_(link) {}

	std::unique_ptr<bpf_link, Destroy> link_;
};

void print_statistics(const Statistics& figures, bool json)
{
	const std::string words = figures.words();
	if (!words.empty())
		print_line(json ? figures.json() : words);
}

// Until a signal comes or the kernel ends the scheduler. True: it was a signal.
bool watch(Program& program, const ExitMailbox& mailbox, const StopSignals& signals,
	   const RunOptions& options)
{
	Clock::time_point next_report = Clock::now() + options.interval;
	Clock::time_point next_work = Clock::now();
	while (!mailbox.delivered()) {
		const auto now = Clock::now();
		if (now >= next_work)
			next_work = now + program.work();
		if (now >= next_report) {
			Statistics figures;
			program.statistics(figures);
			print_statistics(figures, options.json);
			next_report += options.interval;
		}
		const auto left = std::min(next_report, next_work) - Clock::now();
		if (signals.wait(std::clamp<Clock::duration>(left, Clock::duration::zero(), kPoll)))
			return true;
	}
	// One that is started anew again and again may never be seen alive.
	return signals.wait(Clock::duration::zero());
}

struct Ending {
	ExitReport report;
	bool stopped; // by a signal: not to be started again
};

// Of an object that is not loaded yet, with room for as much as the kernel will collect.
Result<ExitMailbox> make_mailbox(const bpf_object* object)
{
	const bpf_map* table = find_table(object);
	if (!table)
		return Error{"the BPF half defines no scheduler; use SCX_OPS_DEFINE() in it"};
	auto mailbox = ExitMailbox::find(object);
	if (!mailbox)
		return mailbox.error();
	if (const Outcome made = mailbox->make_room(table_member(object, table, "exit_dump_len"));
	    !made)
		return made.error();
	return mailbox;
}

// One life, from a fresh object to the exit report.
Result<Ending> live(Program& program, Kernel& kernel, const StopSignals& signals,
		    const RunOptions& options)
{
	kernel.note_hotplug_sequence();
	if (const Outcome opened = program.open(kernel); !opened)
		return opened.error();
	const auto mailbox = make_mailbox(program.object());
	if (!mailbox)
		return mailbox.error();
	if (const int code = program.load(); code < 0)
		return explain_load(-code);
	if (const Outcome prepared = program.prepare(); !prepared)
		return prepared.error();

	auto attachment = Attachment::attach(program.object(), kernel);
	if (!attachment)
		return attachment.error();

	const bool stopped = watch(program, *mailbox, signals, options);
	attachment->end();
	return Ending{mailbox->read(), stopped};
}

void print_ending(const ExitReport& report, bool json)
{
	if (!report.dump.empty()) {
		std::fputs(report.dump.c_str(), stderr);
		if (report.dump.back() != '\n')
			std::fputc('\n', stderr);
	}
	if (!json) {
		print_line(report.line());
		return;
	}
	Statistics figures;
	Statistics& exit = figures.group("exit");
	exit.add("reason", report.reason);
	exit.add("message", report.message);
	exit.add("kind", report.kind);
	exit.add("code", static_cast<std::uint64_t>(report.code));
	print_statistics(figures, true);
}

Result<ExitStatus> run_until_end(Program& program, const RunOptions& options,
				 const std::string& sysfs)
{
	auto kernel = Kernel::probe(sysfs);
	if (!kernel)
		return kernel.error();
	const auto rules = ExitRules::read(*kernel);
	if (!rules)
		return rules.error();

	const StopSignals signals;
	for (;;) {
		const auto ending = live(program, *kernel, signals, options);
		program.close();
		if (!ending)
			return ending.error();

		const ExitReport& report = ending->report;
		if (report.kind == 0)
			return Error{"the scheduler ended without an exit report; see the end of "
				     "`dmesg`"};
		print_ending(report, options.json);
		if (ending->stopped || !rules->restart(report))
			return rules->normal(report) ? kEndedNormally : kFailed;
		if (!options.json)
			print_line("RESTART: the kernel asks for it");
	}
}

} // namespace

int run(Program& program, const RunOptions& options, const std::string& sysfs)
{
	libbpf_set_print(options.verbose ? print_all : print_nothing);

	const auto status = run_until_end(program, options, sysfs);
	if (status)
		return *status;
	std::fputs(fmt::format("{}: {}\n", options.name, status.error().text).c_str(), stderr);
	return kFailed;
}

void print_line(const std::string& line)
{
	std::fputs((line + '\n').c_str(), stdout);
	std::fflush(stdout);
}

} // namespace scx
