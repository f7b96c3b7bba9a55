// SPDX-License-Identifier: GPL-2.0
#include "random/shrink.hpp"

#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace host::random {

namespace {

// What a child leaves behind.
struct Slate {
	size_t operation;
	bool finished;
	u64 digest;
	char violation[2048];
};

[[noreturn]] void child(Script const& script, Slate& slate, bool quiet)
{
	if (quiet)
		if (int const nowhere = open("/dev/null", O_WRONLY); nowhere >= 0) {
			dup2(nowhere, STDOUT_FILENO);
			dup2(nowhere, STDERR_FILENO);
		}

	Verdict const verdict = carry_out(script, &slate.operation);

	slate.operation = verdict.operation;
	slate.digest = verdict.digest;
	std::strncpy(slate.violation, verdict.violation.c_str(), sizeof(slate.violation) - 1);
	slate.finished = true;
	// Not exit(): what the parent's objects have to do at the end is not ours.
	_exit(0);
}

std::string how_it_ended(int status)
{
	if (WIFSIGNALED(status))
		return "crashed with signal " + std::to_string(WTERMSIG(status));
	return "ended with status " + std::to_string(WEXITSTATUS(status)) +
	       " (a sanitizer's report?)";
}

} // namespace

Verdict carry_out_apart(Script const& script, bool quiet)
{
	auto* const slate = static_cast<Slate*>(mmap(nullptr, sizeof(Slate), PROT_READ | PROT_WRITE,
						     MAP_SHARED | MAP_ANONYMOUS, -1, 0));

	if (slate == MAP_FAILED)
		return {0, "mmap failed", 0};
	*slate = {};
	std::fflush(nullptr);

	pid_t const pid = ::fork();
	int status = 0;

	if (pid == 0)
		child(script, *slate, quiet);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return {0, "fork failed", 0};

	Verdict verdict{slate->operation, slate->violation, slate->digest};

	if (!slate->finished)
		verdict.violation = how_it_ended(status);
	munmap(slate, sizeof(Slate));
	return verdict;
}

namespace {

class Shrinking {
public:
	Shrinking(Script failing, Verdict verdict, unsigned patience)
		: patience_{patience}, best_{std::move(failing), std::move(verdict), 0}
	{
		// Checked after every operation the failure is seen where it happens. On a large
		// machine that would take too long.
		if (best_.script.setting.tasks <= 64)
			best_.script.setting.check_every = 1;
		accept(best_.script, best_.verdict);
		try_these(best_.script);
	}

	Shrunk run()
	{
		for (bool better = true; better && patience_left();)
			better = fewer_tasks() || fewer_operations();
		fewer_interruptions();
		return best_;
	}

private:
	[[nodiscard]] bool patience_left() const { return best_.replays < patience_; }

	void accept(Script script, Verdict verdict)
	{
		if (verdict.operation + 1 < script.operations.size())
			script.operations.resize(verdict.operation + 1);
		best_ = {std::move(script), std::move(verdict), best_.replays};
	}

	bool try_these(Script const& script)
	{
		++best_.replays;
		Verdict verdict = carry_out_apart(script, true);

		if (verdict.violation.empty())
			return false;
		accept(script, std::move(verdict));
		return true;
	}

	bool fewer_tasks()
	{
		Script fewer = best_.script;

		fewer.setting.tasks /= 2;
		return fewer.setting.tasks && try_these(fewer);
	}

	bool fewer_operations()
	{
		size_t const before = best_.script.operations.size();

		for (size_t chunk = (before + 1) / 2; chunk; chunk /= 2)
			for (size_t start = 0;
			     start < best_.script.operations.size() && patience_left();)
				if (!without(start, chunk))
					start += chunk;
		return best_.script.operations.size() < before;
	}

	void fewer_interruptions()
	{
		for (size_t i = 0; i < best_.script.operations.size() && patience_left(); ++i) {
			Script simpler = best_.script;

			if (std::exchange(simpler.operations[i].meanwhile, Meanwhile::nothing) !=
			    Meanwhile::nothing)
				(void)try_these(simpler);
		}
	}

	bool without(size_t start, size_t count)
	{
		Script fewer = best_.script;
		auto const first = fewer.operations.begin() + static_cast<long>(start);
		auto const left = fewer.operations.end() - first;

		fewer.operations.erase(first,
				       first + std::min<long>(static_cast<long>(count), left));
		return try_these(fewer);
	}

	unsigned patience_;
	Shrunk best_;
};

} // namespace

Shrunk shrink(Script failing, Verdict const& verdict, unsigned patience)
{
	return Shrinking{std::move(failing), verdict, patience}.run();
}

} // namespace host::random
