// SPDX-License-Identifier: GPL-2.0
#include "random/operation.hpp"

#include <array>
#include <cstdio>
#include <random>
#include <sstream>

namespace host::random {

namespace {

struct KindInfo {
	char const* name;
	unsigned weight;
};

constexpr std::array kKinds = {
#define SCX_RANDOM_INFO(name, weight) KindInfo{#name, weight},
	SCX_RANDOM_KINDS(SCX_RANDOM_INFO)
#undef SCX_RANDOM_INFO
};

constexpr std::array kMeanwhile = {"nothing", "requeue", "schedule", "sleep", "wake"};

// What concerns every task and every CPU: rarer the more there are.
bool whole(Kind kind)
{
	return kind >= Kind::offline && kind <= Kind::sysrq;
}

unsigned weight_of(Kind kind, Setting const& setting)
{
	unsigned const weight = kKinds[static_cast<size_t>(kind)].weight * 1000;

	if (kind == Kind::lose)
		return setting.lossy ? 5000 : 0;
	if ((kind == Kind::offline || kind == Kind::online) && !setting.hotplug)
		return 0;
	return whole(kind) ? weight / (1 + (setting.tasks + setting.cpus) / 50) : weight;
}

template <size_t kCount>
std::optional<size_t> find_name(std::array<char const*, kCount> const& names,
				std::string const& name)
{
	for (size_t i = 0; i < kCount; ++i)
		if (name == names[i])
			return i;
	return {};
}

std::optional<Operation> operation_from(std::string const& line)
{
	char kind[16], meanwhile[16];
	Operation op{};
	std::array<char const*, kKinds.size()> names;

	for (size_t i = 0; i < kKinds.size(); ++i)
		names[i] = kKinds[i].name;
	if (std::sscanf(line.c_str(), "%15s task=%u cpu=%u seed=%llu meanwhile=%15s", kind,
			&op.task, &op.cpu, &op.seed, meanwhile) != 5)
		return {};

	auto const kind_index = find_name(names, kind);
	auto const meanwhile_index = find_name(kMeanwhile, meanwhile);

	if (!kind_index || !meanwhile_index)
		return {};
	op.kind = static_cast<Kind>(*kind_index);
	op.meanwhile = static_cast<Meanwhile>(*meanwhile_index);
	return op;
}

} // namespace

Setting small_setting(u64 seed)
{
	std::mt19937_64 engine{seed};
	Setting setting;

	setting.cpus = 1u << engine() % 4;
	setting.threads_per_core = setting.cpus > 1 ? 1 + engine() % 2 : 1;
	setting.nodes = setting.cpus > 2 ? 1 + engine() % 2 : 1;
	setting.tasks = 1 + engine() % 16;
	setting.hotplug = engine() % 2;
	return setting;
}

Script draw(u64 seed, Setting const& setting, size_t operations)
{
	std::mt19937_64 engine{seed};
	std::vector<unsigned> weights;

	for (size_t i = 0; i < kKinds.size(); ++i)
		weights.push_back(weight_of(static_cast<Kind>(i), setting));

	// Not std::discrete_distribution: what that draws may differ from library to library.
	unsigned total = 0;

	for (unsigned weight : weights)
		total += weight;

	Script script{setting, {}};

	script.operations.reserve(operations);
	while (script.operations.size() < operations) {
		unsigned point = static_cast<unsigned>(engine() % total);
		size_t kind = 0;

		while (point >= weights[kind])
			point -= weights[kind++];
		script.operations.push_back({static_cast<Kind>(kind),
					     engine() % 3
						     ? Meanwhile::nothing
						     : static_cast<Meanwhile>(1 + engine() % 4),
					     static_cast<u32>(engine() % setting.tasks),
					     static_cast<u32>(engine() % setting.cpus), engine()});
	}
	return script;
}

std::string to_text(Script const& script)
{
	Setting const& s = script.setting;
	std::ostringstream text;

	text << "machine cpus=" << s.cpus << " threads=" << s.threads_per_core
	     << " nodes=" << s.nodes << " tasks=" << s.tasks << " hotplug=" << s.hotplug
	     << " careless=" << s.careless << "\n";
	for (Operation const& op : script.operations)
		text << kKinds[static_cast<size_t>(op.kind)].name << " task=" << op.task
		     << " cpu=" << op.cpu << " seed=" << op.seed
		     << " meanwhile=" << kMeanwhile[static_cast<size_t>(op.meanwhile)] << "\n";
	return text.str();
}

std::optional<Script> from_text(std::string const& text)
{
	std::istringstream lines{text};
	std::string line;
	Script script;
	Setting& s = script.setting;
	unsigned hotplug, careless;

	if (!std::getline(lines, line) ||
	    std::sscanf(line.c_str(),
			"machine cpus=%u threads=%u nodes=%u tasks=%u hotplug=%u careless=%u",
			&s.cpus, &s.threads_per_core, &s.nodes, &s.tasks, &hotplug, &careless) != 6)
		return {};
	s.hotplug = hotplug;
	s.careless = careless;
	while (std::getline(lines, line)) {
		auto const op = operation_from(line);

		if (!op)
			return {};
		script.operations.push_back(*op);
	}
	return script;
}

} // namespace host::random
