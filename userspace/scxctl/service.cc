// SPDX-License-Identifier: GPL-2.0
#include "scxctl/service.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "scxctl/process.h"

namespace scxctl {
namespace {

constexpr const char* kDirectory = "/run/sched-ext";
constexpr const char* kStart = "/run/sched-ext/start";

// Neither systemd's reading of the file nor its splitting of the value changes these.
bool is_plain(const std::string& word)
{
	return !word.empty() && word.find_first_not_of("abcdefghijklmnopqrstuvwxyz"
						       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
						       "0123456789_@+=:,./-") == std::string::npos;
}

scx::Outcome leave_word(const System& system, const std::string& text)
{
	mkdir(system.path(kDirectory).c_str(), 0755);
	const int file = open(system.path(kStart).c_str(),
			      O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	const bool written = file >= 0 && write(file, text.data(), text.size()) ==
						  static_cast<ssize_t>(text.size());
	if (file >= 0)
		close(file);
	if (!written)
		return scx::Error{fmt::format("cannot write {} ({}); is /run writable?", kStart,
					      std::strerror(errno))};
	return scx::Done{};
}

std::string without_line_end(std::string text)
{
	while (!text.empty() && text.back() == '\n')
		text.pop_back();
	return text.substr(text.rfind('\n') + 1);
}

} // namespace

bool service_usable(const System& system)
{
	if (!system.exists("/run/systemd/system"))
		return false;
	for (const char* directory : {"/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"})
		if (system.exists(fmt::format("{}/systemd/system/{}", directory, kUnit)))
			return true;
	return false;
}

std::string service_state()
{
	return without_line_end(run_program({"systemctl", "is-active", kUnit}).output);
}

scx::Outcome start_service(const System& system, const std::string& scheduler,
			   const std::vector<std::string>& arguments)
{
	std::string options;
	for (const std::string& word : arguments) {
		if (!is_plain(word))
			return scx::Error{fmt::format(
				"`{}` cannot be passed through the unit; options may hold letters, "
				"digits and _@+=:,./- there, or run `scxctl run` in a terminal",
				word)};
		options += (options.empty() ? "" : " ") + word;
	}
	const scx::Outcome left = leave_word(
		system, fmt::format("SCHEDULER={}\nOPTIONS=\"{}\"\n", scheduler, options));
	if (!left)
		return left;

	const Finished started = run_program({"systemctl", "start", kUnit});
	unlink(system.path(kStart).c_str());
	if (started.status == 0)
		return scx::Done{};
	return scx::Error{fmt::format("systemd did not start {}: {}", kUnit,
				      without_line_end(started.output))};
}

scx::Outcome stop_service()
{
	const Finished stopped = run_program({"systemctl", "stop", kUnit});
	if (stopped.status == 0)
		return scx::Done{};
	return scx::Error{fmt::format("systemd did not stop {}: {}", kUnit,
				      without_line_end(stopped.output))};
}

std::optional<std::string> scheduler_of_service(const System& system, int pid)
{
	std::string variables =
		system.text("/proc/" + std::to_string(pid) + "/environ").value_or("");
	std::replace(variables.begin(), variables.end(), '\0', '\n');
	return field(variables, "SCHEDULER=");
}

std::string last_words_of_service()
{
	// What was just written may not be there yet.
	run_program({"journalctl", "--sync"});
	return without_line_end(run_program({"sh", "-c",
					     fmt::format("journalctl -q -o cat -n 1 "
							 "_SYSTEMD_INVOCATION_ID=$(systemctl show "
							 "-P InvocationID {})",
							 kUnit)})
					.output);
}

} // namespace scxctl
