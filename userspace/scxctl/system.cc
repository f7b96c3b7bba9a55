// SPDX-License-Identifier: GPL-2.0
#include "scxctl/system.h"

#include <dirent.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <memory>

namespace scxctl {

bool System::exists(std::string_view absolute) const
{
	return access(path(absolute).c_str(), F_OK) == 0;
}

std::optional<std::string> System::text(std::string_view absolute) const
{
	std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path(absolute).c_str(), "re"),
						   std::fclose);
	if (!file)
		return std::nullopt;

	std::string text;
	char buffer[65536];
	while (const std::size_t got = std::fread(buffer, 1, sizeof(buffer), file.get()))
		text.append(buffer, got);
	// A directory opens, and so does a file of a process that is gone; neither can be read.
	if (std::ferror(file.get()))
		return std::nullopt;
	return text;
}

std::optional<std::string> System::line(std::string_view absolute) const
{
	auto all = text(absolute);
	if (all)
		all->resize(std::min(all->find('\n'), all->size()));
	return all;
}

std::vector<std::string> System::names(std::string_view directory) const
{
	std::vector<std::string> names;
	std::unique_ptr<DIR, int (*)(DIR*)> entries(opendir(path(directory).c_str()), closedir);
	if (!entries)
		return names;
	while (const dirent* entry = readdir(entries.get()))
		if (entry->d_name[0] != '.')
			names.emplace_back(entry->d_name);
	std::sort(names.begin(), names.end());
	return names;
}

std::string System::release() const
{
	if (!running())
		return line("/proc/sys/kernel/osrelease").value_or("");
	utsname name{};
	uname(&name);
	return name.release;
}

std::vector<std::string> lines_of(std::string_view text)
{
	std::vector<std::string> lines;
	while (!text.empty()) {
		const std::size_t end = std::min(text.find('\n'), text.size());
		lines.emplace_back(text.substr(0, end));
		text.remove_prefix(std::min(end + 1, text.size()));
	}
	return lines;
}

std::optional<std::string> field(std::string_view text, std::string_view key)
{
	constexpr std::string_view kBlanks = " \t";
	for (const std::string& line : lines_of(text)) {
		if (!line.starts_with(key))
			continue;
		const std::size_t first = line.find_first_not_of(kBlanks, key.size());
		if (first == std::string::npos)
			return "";
		return line.substr(first, line.find_last_not_of(kBlanks) + 1 - first);
	}
	return std::nullopt;
}

unsigned long long number(std::string_view text)
{
	unsigned long long value = 0;
	std::from_chars(text.data(), text.data() + text.size(), value);
	return value;
}

} // namespace scxctl
