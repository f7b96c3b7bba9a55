// SPDX-License-Identifier: GPL-2.0
#include "scxctl/process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace scxctl {
namespace {

std::vector<char*> arguments_of(const std::vector<std::string>& command)
{
	std::vector<char*> arguments;
	for (const std::string& word : command)
		arguments.push_back(const_cast<char*>(word.c_str()));
	arguments.push_back(nullptr);
	return arguments;
}

int shell_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

class FileActions {
public:
	FileActions() { posix_spawn_file_actions_init(&actions_); }
	~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
	FileActions(const FileActions&) = delete;
	FileActions& operator=(const FileActions&) = delete;

	posix_spawn_file_actions_t* get() { return &actions_; }

private:
	posix_spawn_file_actions_t actions_;
};

} // namespace

Finished run_program(const std::vector<std::string>& command)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) != 0)
		return {.status = 127};

	FileActions actions;
	posix_spawn_file_actions_addopen(actions.get(), 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(actions.get(), ends[1], 1);
	posix_spawn_file_actions_adddup2(actions.get(), ends[1], 2);
	pid_t child = 0;
	const int error = posix_spawnp(&child, command[0].c_str(), actions.get(), nullptr,
				       arguments_of(command).data(), environ);
	close(ends[1]);
	Finished finished{.status = 127};
	if (error == 0) {
		char buffer[4096];
		ssize_t got = 0;
		while ((got = read(ends[0], buffer, sizeof(buffer))) > 0)
			finished.output.append(buffer, static_cast<std::size_t>(got));
		int status = 0;
		waitpid(child, &status, 0);
		finished.status = shell_status(status);
	}
	close(ends[0]);
	return finished;
}

std::optional<pid_t> start_program(const std::vector<std::string>& command, const std::string& log)
{
	FileActions actions;
	posix_spawn_file_actions_addopen(actions.get(), 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(actions.get(), 1, log.c_str(),
					 O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW,
					 0644);
	posix_spawn_file_actions_adddup2(actions.get(), 1, 2);

	posix_spawnattr_t attributes;
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
	pid_t child = 0;
	const int error = posix_spawn(&child, command[0].c_str(), actions.get(), &attributes,
				      arguments_of(command).data(), environ);
	posix_spawnattr_destroy(&attributes);
	return error == 0 ? std::optional(child) : std::nullopt;
}

std::optional<int> ended(pid_t child)
{
	int status = 0;
	if (waitpid(child, &status, WNOHANG) != child)
		return std::nullopt;
	return shell_status(status);
}

void become_program(const std::vector<std::string>& command)
{
	execvp(command[0].c_str(), arguments_of(command).data());
}

} // namespace scxctl
