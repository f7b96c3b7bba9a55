// SPDX-License-Identifier: GPL-2.0
// userspace/lib's command line on any arguments: it takes them, with every value in its bounds, or
// returns a status; nothing is thrown out of it.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "lib/command_line.h"

namespace {

void require(bool holds)
{
	if (!holds)
		std::abort();
}

// Arguments are separated by a newline.
std::vector<std::string> arguments_of(uint8_t const* data, size_t size)
{
	std::vector<std::string> all{"fuzz", ""};

	for (size_t i = 0; i < size; ++i)
		if (data[i] == '\n')
			all.emplace_back();
		else if (data[i])
			all.back().push_back(static_cast<char>(data[i]));
	return all;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(uint8_t const* data, size_t size)
{
	std::vector<std::string> words = arguments_of(data, size);
	std::vector<char*> argv;

	for (std::string& word : words)
		argv.push_back(word.data());

	int const argc = static_cast<int>(argv.size());

	argv.push_back(nullptr);

	scx::RunOptions options;
	options.name = "fuzz";
	scx::CommandLine line{"Shows what can be asked of a command line", options};
	bool fifo = false;
	std::uint64_t slice = 20000;
	double share = 0.5;
	std::string name = "none";
	std::vector<std::string> groups;

	line.flag("-f,--fifo", fifo, "First in, first out");
	line.number("-s,--slice", slice, std::uint64_t{100}, std::uint64_t{1000000}, "MICROSECONDS",
		    "Length of a slice");
	line.number("-w,--weight", share, 0.25, 4.0, "N", "Weight");
	line.text("-n,--name", name, "NAME", "Name");
	line.texts("-g,--group", groups, "GROUP", "Groups");
	line.reach();

	auto const status = line.parse(argc, argv.data());

	require(!status || (*status >= 0 && *status < 256));
	if (!status) {
		require(slice >= 100 && slice <= 1000000);
		require(share >= 0.25 && share <= 4.0);
		require(options.interval.count() >= 100 &&
			options.interval.count() <= 24 * 60 * 60 * 1000);
		require(groups.size() <= words.size());
	}
	return 0;
}
