// SPDX-License-Identifier: GPL-2.0
// What a violation looks like: every step of the play, with the place in the code.
#include "explorer/player.hpp"

#include <cstdio>
#include <sstream>
#include <unistd.h>

namespace explore {

void Player::note(char const* what, std::string object, u64 value, void* pc)
{
	events_.push_back({turn_, what, std::move(object), value, pc});
}

void Player::fail(std::string const& what)
{
	if (violation_.empty())
		violation_ = what;
}

void Player::check_failures()
{
	for (int i = 0; i < failures_.size(); ++i) {
		std::string const message = failures_.GetTestPartResult(i).message();

		// GoogleTest's heading of a failure without an expectation.
		fail(message.starts_with("Failed\n") ? message.substr(7) : message);
	}
}

// A failed BUG_ON, or worse: there is no way back into the play.
void Player::show_abort()
{
	check_failures();
	fail("the core stopped (BUG, abort or a bad address)");
	std::printf("violation: %s%s\n", violation_.c_str(), explain().c_str());
	std::fflush(stdout);
	_exit(1);
}

namespace {

// "file:line" for each address, by one call of addr2line.
std::vector<std::string> places(std::vector<void*> const& addresses)
{
	std::ostringstream command;
	std::vector<std::string> lines;
	char line[1024];

	// The file, because addr2line resolves no link of this process.
	char self[512] = {};

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return {};
	command << "addr2line -e " << self;
	for (void* address : addresses)
		command << " " << static_cast<void const*>(static_cast<char const*>(address) - 1);
	command << " 2>/dev/null";
	if (FILE* const pipe = popen(command.str().c_str(), "r")) {
		while (std::fgets(line, sizeof(line), pipe)) {
			std::string text = line;

			text.erase(text.find_last_not_of(" \n") + 1);
			if (auto const slash = text.rfind('/'); slash != text.npos)
				text.erase(0, slash + 1);
			lines.push_back(text);
		}
		pclose(pipe);
	}
	return lines;
}

} // namespace

std::string Player::trace() const
{
	std::vector<void*> addresses;

	for (Event const& event : events_)
		if (event.pc)
			addresses.push_back(event.pc);

	auto const found = addresses.empty() ? std::vector<std::string>{} : places(addresses);
	std::ostringstream text;
	size_t place = 0;

	for (Event const& event : events_) {
		char head[128];

		std::snprintf(head, sizeof(head), "\n  CPU %d  %-24s %-24s 0x%-8llx ",
			      event.actor < kMaxActors ? fibers_[event.actor].cpu : -1, event.what,
			      event.object.c_str(), event.value);
		text << head;
		if (event.pc && place < found.size())
			text << found[place++];
	}
	return text.str();
}

std::string Player::explain() const
{
	return "\nthe play (CPU, what, word or lock, value, place):" + trace();
}

} // namespace explore
