// SPDX-License-Identifier: GPL-2.0
#include "atropos/topology.h"

#include <gtest/gtest.h>

#include <sstream>

#include "atropos/cpu_use.h"
#include "fake_sysfs.h"

namespace scx::atropos {
namespace {

using Domains = std::vector<Cpus>;

TEST(AtroposTopologyTest, CpusAreListsOrMasks)
{
	const std::pair<const char*, Cpus> good[] = {
		{"3", {3}},
		{"0-3,8", {0, 1, 2, 3, 8}},
		{"8,0-1,1", {0, 1, 8}},
		{"0x10f", {0, 1, 2, 3, 8}},
		{"0Xff_0000_0000", {32, 33, 34, 35, 36, 37, 38, 39}},
	};
	for (const auto& [text, cpus] : good) {
		const auto parsed = parse_cpus(text);
		ASSERT_TRUE(parsed) << text;
		EXPECT_EQ(*parsed, cpus) << text;
	}
	for (const char* text : {"", "a", "3-1", "1-", "-1", "1,,2", "1024", "0x", "0x0", "0xfg",
				 "1 2", "99999999999"}) {
		const auto parsed = parse_cpus(text);
		ASSERT_FALSE(parsed) << text;
		EXPECT_NE(parsed.error().text.find("not `" + std::string(text) + "`"),
			  std::string::npos);
	}
}

TEST(AtroposTopologyTest, CpusAreWrittenAsTheyAreRead)
{
	EXPECT_EQ(format_cpus({}), "");
	EXPECT_EQ(format_cpus({0, 1, 2, 3, 8}), "0-3,8");
	EXPECT_EQ(format_cpus({1, 3, 4}), "1,3-4");
}

// Eight CPUs, of which 6 is offline: a second level for each two, a third for each four, two nodes.
class AtroposMachineTest : public ::testing::Test {
protected:
	AtroposMachineTest()
	{
		write("cpu/online", "0-5,7");
		write("cpu/possible", "0-7");
		write("node/online", "0-1");
		write("node/node0/cpulist", "0-3");
		write("node/node1/cpulist", "4-7");
		for (unsigned cpu = 0; cpu < 8; ++cpu) {
			if (cpu == 6)
				continue;
			const std::string dir = "cpu/cpu" + std::to_string(cpu) + "/";
			cache(dir + "cache/index0/", "1", "Data", std::to_string(cpu));
			cache(dir + "cache/index1/", "1", "Instruction", std::to_string(cpu));
			cache(dir + "cache/index2/", "2", "Unified",
			      cpu < 2   ? "0-1"
			      : cpu < 4 ? "2-3"
			      : cpu < 6 ? "4-5"
					: "6-7");
			cache(dir + "cache/index3/", "3", "Unified", cpu < 4 ? "0-3" : "4-5,7");
			write(dir + "topology/thread_siblings_list", std::to_string(cpu));
		}
	}

	void write(const std::string& name, const std::string& content) const
	{
		sysfs_.write("devices/system/" + name, content + "\n");
	}

	void cache(const std::string& dir, const char* level, const char* type,
		   const std::string& cpus) const
	{
		write(dir + "level", level);
		write(dir + "type", type);
		write(dir + "shared_cpu_list", cpus);
	}

	Result<Topology> read(const std::vector<std::string>& masks, unsigned level = 3) const
	{
		return read_topology(masks, level, sysfs_.root());
	}

	std::string error(const std::vector<std::string>& masks) const
	{
		const auto topology = read(masks);
		return topology ? "none" : topology.error().text;
	}

	testing::FakeSysfs sysfs_;
};

TEST_F(AtroposMachineTest, CachesMakeDomains)
{
	const auto third = read({});
	ASSERT_TRUE(third);
	EXPECT_EQ(third->domains, (Domains{{0, 1, 2, 3}, {4, 5, 7}}));
	EXPECT_EQ(third->nodes, (std::vector<unsigned>{0, 1}));
	EXPECT_EQ(third->possible, 8U);
	EXPECT_FALSE(third->smt);
	EXPECT_EQ(read({}, 2)->domains, (Domains{{0, 1}, {2, 3}, {4, 5}, {7}}));
	EXPECT_EQ(read({}, 2)->nodes, (std::vector<unsigned>{0, 0, 1, 1}));
	EXPECT_EQ(read({}, 1)->domains, (Domains{{0}, {1}, {2}, {3}, {4}, {5}, {7}}));
}

TEST_F(AtroposMachineTest, ALevelThatIsNotThereFallsToTheNextBelow)
{
	EXPECT_EQ(read({}, 4)->domains, read({}, 3)->domains);
	EXPECT_EQ(read({}, 4)->origin, "caches of level 3");
	const testing::FakeSysfs bare;
	bare.write("devices/system/cpu/online", "0-3\n");
	bare.write("devices/system/cpu/possible", "0-3\n");
	const auto topology = read_topology({}, 3, bare.root());
	ASSERT_TRUE(topology);
	EXPECT_EQ(topology->domains, (Domains{{0, 1, 2, 3}}));
	EXPECT_EQ(topology->nodes, (std::vector<unsigned>{0}));
}

TEST_F(AtroposMachineTest, MasksMakeDomainsOfWhatIsOnline)
{
	EXPECT_EQ(read({"0x0f", "4-7"})->domains, (Domains{{0, 1, 2, 3}, {4, 5, 7}}));
	EXPECT_EQ(read({"0-5,7", "6"})->domains, (Domains{{0, 1, 2, 3, 4, 5, 7}}));
}

TEST_F(AtroposMachineTest, MasksMustFitTheMachine)
{
	EXPECT_EQ(error({"0-3", "3-7"}),
		  "--cpumasks 3-7: CPU 3 is in another domain already; give each CPU once");
	EXPECT_EQ(error({"0-3", "5"}),
		  "--cpumasks leaves out CPU 4,7; put every CPU into a domain");
	EXPECT_NE(error({"x"}).find("`x`"), std::string::npos);
}

TEST_F(AtroposMachineTest, SiblingsAreNoticed)
{
	write("cpu/cpu5/topology/thread_siblings_list", "4-5");
	EXPECT_TRUE(read({})->smt);
}

TEST(AtroposTopologyTest, TooManyDomainsNameAWayOut)
{
	const testing::FakeSysfs sysfs;
	sysfs.write("devices/system/cpu/online", "0-64\n");
	sysfs.write("devices/system/cpu/possible", "0-64\n");
	std::vector<std::string> masks;
	for (unsigned cpu = 0; cpu <= 64; ++cpu)
		masks.push_back(std::to_string(cpu));
	const auto topology = read_topology(masks, 3, sysfs.root());
	ASSERT_FALSE(topology);
	EXPECT_EQ(topology.error().text, "--cpumasks make 65 domains, at most 64 are possible; "
					 "choose a higher --cache-level, or --cpumasks");
}

TEST(AtroposTopologyTest, AMachineThatSaysNothingIsAnError)
{
	const testing::FakeSysfs sysfs;
	EXPECT_FALSE(read_topology({}, 3, sysfs.root()));
}

TEST(AtroposCpuUseTest, BusyTimeIsAllButIdleAndWaiting)
{
	std::istringstream stat("cpu  10 1 2 100 50 1 1 1 0 0\n"
				"cpu0 10 1 2 100 50 1 1 1 7 7\n"
				"cpu12 5 0 0 5 0 0 0 0 0 0\n"
				"intr 12345 6\n"
				"cpux 1 1 1 1\n");
	const auto times = parse_cpu_times(stat);
	ASSERT_EQ(times.size(), 2U);
	EXPECT_EQ(times.at(0).busy, 16U);
	EXPECT_EQ(times.at(0).total, 166U);
	EXPECT_EQ(times.at(12).busy, 5U);
}

TEST(AtroposCpuUseTest, DomainsAreMeasuredFromUpdateToUpdate)
{
	CpuUse use({{0, 1}, {2}});
	EXPECT_EQ(use.domains_under(90), 0b11U);
	use.update({{0, {0, 100}}, {1, {0, 100}}, {2, {50, 100}}});
	EXPECT_EQ(use.percent(0), 0);
	use.update({{0, {10, 110}}, {1, {9, 110}}, {2, {50, 110}}});
	EXPECT_EQ(use.percent(0), 95);
	EXPECT_EQ(use.percent(1), 0);
	EXPECT_EQ(use.domains_under(90), 0b10U);
	EXPECT_EQ(use.domains_under(0), 0U);
	EXPECT_EQ(use.domains_under(100), 0b11U);
	// Not a tick further; and a CPU that is gone.
	use.update({{0, {10, 110}}, {1, {9, 110}}, {2, {50, 110}}});
	EXPECT_EQ(use.percent(0), 95);
	use.update({{0, {20, 120}}, {2, {60, 120}}});
	EXPECT_EQ(use.percent(0), 95);
	EXPECT_EQ(use.percent(1), 100);
}

} // namespace
} // namespace scx::atropos
