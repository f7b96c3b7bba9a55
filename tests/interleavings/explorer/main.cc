// SPDX-License-Identifier: GPL-2.0
//	interleavings                  every protocol
//	interleavings NAME             one
//	interleavings --list           the names; --invariants: and what each keeps
//	interleavings --bug NAME       one whose code has a bug: 0 if a violation was found
#include "explorer/explorer.hpp"

#include <chrono>
#include <cstdio>
#include <cstring>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace explore;

namespace {

constexpr u64 kMost = 400'000;

// 0: nothing found in all plays. 1: a violation. 2: more plays than there is time for.
int play(Protocol const& protocol)
{
	auto const begun = std::chrono::steady_clock::now();
	Result const result = explore::explore(protocol, kMost);
	double const seconds =
		std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();

	if (!result.violation.empty()) {
		std::printf("violation: %s\n", result.violation.c_str());
		std::printf("FAIL  %s: in play %llu\n", protocol.name, result.plays);
		return 1;
	}
	if (!result.complete) {
		std::printf("FAIL  %s: not all plays in %llu\n", protocol.name, result.plays);
		return 2;
	}
	std::printf("ok    %-28s %7llu plays, all with at most %u preemptions (%.1f s)\n",
		    protocol.name, result.plays, protocol.preemptions, seconds);
	return 0;
}

// In a process of its own: after a violation nothing else can be trusted.
int play_apart(Protocol const& protocol)
{
	int status = 0;

	std::fflush(nullptr);
	if (pid_t const pid = fork(); pid == 0) {
		alarm(300);
		int const result = play(protocol);

		std::fflush(nullptr);
		_exit(result);
	} else if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		std::perror("interleavings");
		return 3;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}

} // namespace

int main(int argc, char** argv)
{
	bool const bug = argc == 3 && !std::strcmp(argv[1], "--bug");
	char const* const only = bug ? argv[2] : argc == 2 ? argv[1] : nullptr;
	int passed = 0, failed = 0;

	testing::InitGoogleTest();
	if (only && !bug && (!std::strcmp(only, "--list") || !std::strcmp(only, "--invariants"))) {
		for (Protocol const& protocol : protocols())
			std::printf("%s%s%s\n", protocol.name, only[2] == 'i' ? ": " : "",
				    only[2] == 'i' ? protocol.invariant : "");
		return 0;
	}
	if (argc > 2 && !bug) {
		std::fprintf(stderr, "usage: %s [[--bug] PROTOCOL]\n", argv[0]);
		return 2;
	}
	for (Protocol const& protocol : protocols()) {
		if (only && std::strcmp(only, protocol.name) != 0)
			continue;
		bool const found = play_apart(protocol) == (bug ? 1 : 0);

		++(found ? passed : failed);
	}
	if (passed + failed == 0) {
		std::fprintf(stderr, "%s: no protocol %s\n", argv[0], only);
		return 2;
	}
	std::printf("%d passed, %d failed, 0 skipped\n", passed, failed);
	return failed != 0;
}
