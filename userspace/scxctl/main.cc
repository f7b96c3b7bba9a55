// SPDX-License-Identifier: GPL-2.0
// scxctl's command line. CLI11 reports by exceptions; they end in here.
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdarg>
#include <cstdio>

#include "scxctl/commands.h"
#include "scxctl/schedulers.h"

namespace scxctl {
namespace {

struct Command {
	const char* name;
	const char* purpose;
	Reply (*call)(const Request&);
	enum Takes { nothing, json, scheduler, lines } takes;
};

constexpr Command kCommands[] = {
	{"list", "The schedulers that are installed; * is loaded", list, Command::json},
	{"status", "What is loaded, who holds it, what the kernel counted", status, Command::json},
	{"start", "Load a scheduler, through the unit where systemd runs", start,
	 Command::scheduler},
	{"stop", "End the scheduler that is loaded or just being loaded", stop, Command::nothing},
	{"run", "Run a scheduler in the foreground, as the unit does", run, Command::scheduler},
	{"log", "What schedulers said, and the kernel about them", log, Command::lines},
	{"dump", "The loaded scheduler's state: queues, CPUs, tasks", dump, Command::nothing},
	{"doctor", "What a scheduler needs, and what to do where it is not there", doctor,
	 Command::json},
};

constexpr const char* kFooter =
	"Exit status: 0 done; 1 failed, after one line that says why; 2 wrong usage;\n"
	"of status also 3, no scheduler is loaded, and 4, sched_ext is not there.";

void add_options(CLI::App& app, const Command& command, Request& request)
{
	switch (command.takes) {
	case Command::nothing:
		break;
	case Command::json:
		app.add_flag("--json", request.json, "For programs");
		break;
	case Command::scheduler:
		app.add_option("NAME", request.scheduler, "As scxctl list has it");
		app.add_option("OPTIONS", request.arguments, "Its own options, after --");
		break;
	case Command::lines:
		app.add_option("-n,--lines", request.lines, "How many lines of each")
			->type_name("N")
			->check(CLI::Range(1U, 100000U))
			->capture_default_str();
		app.add_flag("-f,--follow", request.follow, "Go on with what the scheduler says");
		break;
	}
}

int fail(const std::string& text, ExitStatus status)
{
	std::fputs(fmt::format("scxctl: {}\n", text).c_str(), stderr);
	return status;
}

std::string command_names()
{
	std::string names;
	for (const Command& command : kCommands)
		names += (names.empty() ? "" : ", ") + std::string(command.name);
	return names;
}

// One line, with the command whose help says more. CLI11 complains of a missing command where the
// one that is there is none of ours.
int explain(const CLI::App& app, const CLI::ParseError& wrong)
{
	std::string text = wrong.what();
	std::replace(text.begin(), text.end(), '\n', ' ');
	const auto chosen = app.get_subcommands();
	if (chosen.empty() &&
	    wrong.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError)) {
		const auto unknown = app.remaining();
		return fail(fmt::format("{}; commands are {}",
					unknown.empty()
						? "name a command"
						: fmt::format("no command `{}`", unknown[0]),
					command_names()),
			    kWrongUsage);
	}
	const std::string command = chosen.empty() ? "" : " " + chosen[0]->get_name();
	if (command == " start" || command == " run")
		text += "; a scheduler's own options follow `--`";
	return fail(fmt::format("{}; see scxctl{} --help", text, command), kWrongUsage);
}

// The exit status when there is nothing more to do.
std::optional<int> parse(int argc, char** argv, Request& request, const Command*& chosen)
{
	CLI::App app("Loads, watches and ends sched_ext schedulers", "scxctl");
	std::string root;
	app.footer(kFooter);
	app.set_version_flag("--version", "scxctl " SCHED_EXT_VERSION);
	app.require_subcommand(1);
	app.add_option("--schedulers", request.directory, "Where they are")
		->type_name("DIRECTORY")
		->capture_default_str();
	// For tests: a directory that looks like a system.
	app.add_option("--root", root)->group("");
	for (const Command& command : kCommands) {
		CLI::App* own = app.add_subcommand(command.name, command.purpose);
		add_options(*own, command, request);
		own->callback([&chosen, &command] { chosen = &command; });
	}
	try {
		app.parse(argc, argv);
	} catch (const CLI::Success& asked) {
		return app.exit(asked);
	} catch (const CLI::ParseError& wrong) {
		return explain(app, wrong);
	}
	request.system = System(root);
	if (chosen->takes == Command::scheduler && request.scheduler.empty())
		return fail(fmt::format("name a scheduler; there are: {}",
					name_list(schedulers_in(request.directory))),
			    kWrongUsage);
	return std::nullopt;
}

int print_nothing(libbpf_print_level, const char*, va_list)
{
	return 0;
}

int call(int argc, char** argv)
{
	libbpf_set_print(print_nothing);
	Request request;
	request.directory = own_directory();
	const Command* command = nullptr;
	if (const auto ended = parse(argc, argv, request, command))
		return *ended;

	const Reply reply = command->call(request);
	if (!reply)
		return fail(reply.error().text, kFailed);
	return std::fflush(stdout) == 0 ? *reply : kFailed;
}

} // namespace
} // namespace scxctl

int main(int argc, char** argv)
{
	return scxctl::call(argc, argv);
}
