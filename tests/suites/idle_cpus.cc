// SPDX-License-Identifier: GPL-2.0
// The choice of an idle CPU on made-up topologies: SMT, cache and NUMA domains. The default choice
// of this version knows CPUs and cores; that it prefers neither a cache nor a node is asserted too.
#include "suites/suite.hpp"

#include "core/cpumask.hpp"
#include "core/idle_cpus.hpp"

namespace suite::cases::idle_cpus {

using scx::IdleCpus;
using suite::Shape;
using suite::World;

namespace {

constexpr s32 kNone = IdleCpus::kNone;

// Good until the next call: in kernels for very many CPUs a mask is too large for the stack.
cpumask const& mask_of(u64 bits)
{
	static constinit cpumask mask;

	mask.bits[0] = bits;
	return mask;
}

struct Bench {
	explicit Bench(Shape shape) : world{shape}
	{
		created = world.ready() && idle.create().ok();
		if (created)
			idle.enable();
	}

	~Bench()
	{
		if (created)
			idle.destroy();
	}

	// Only these CPUs idle.
	void only(u64 bits)
	{
		for (s32 cpu = 0; cpu < static_cast<s32>(scx::nr_cpus()); ++cpu)
			idle.update(cpu, false);
		for (s32 cpu = 0; cpu < static_cast<s32>(scx::nr_cpus()); ++cpu)
			if (bits >> cpu & 1)
				idle.update(cpu, true);
	}

	World world;
	IdleCpus idle;
	bool created = false;
};

constexpr Shape kFlat{4, 1, 1};
constexpr Shape kSmt{8, 2, 1};
constexpr Shape kSmt4{16, 4, 1};
constexpr Shape kNuma{8, 1, 2}; // CPUs 0 to 3 and 4 to 7
constexpr Shape kNumaSmt{8, 2, 2};
constexpr Shape kWide{64, 2, 4};
constexpr u64 kAll = ~0ULL;

// The choice for a task that ran on `previous`, is woken by CPU `waker` and may run on `allowed`.
struct SelectRow {
	char const* name;
	Shape shape;
	u64 idle;
	u64 allowed;
	s32 previous, waker;
	u64 flags;
	s32 cpu;
	bool claimed;
};

constexpr SelectRow kSelects[] = {
	{"previous CPU", kFlat, 0xf, kAll, 2, 0, 0, 2, true},
	{"another where the previous is busy", kFlat, 0xa, kAll, 2, 0, 0, 1, true},
	{"previous although none idles", kFlat, 0, kAll, 2, 0, 0, 2, false},
	{"affinity", kFlat, 0x7, 0xc, 3, 0, 0, 2, true},
	{"affinity without an idle CPU", kFlat, 0x3, 0xc, 3, 0, 0, 3, false},
	{"synchronous, waker's CPU", kFlat, 0xc, kAll, 2, 1, SCX_WAKE_SYNC, 1, true},
	{"synchronous, none idles", kFlat, 0, kAll, 2, 1, SCX_WAKE_SYNC, 2, false},
	{"synchronous, waker's CPU forbidden", kFlat, 0xc, 0xd, 2, 1, SCX_WAKE_SYNC, 2, true},
	{"SMT, previous core", kSmt, 0xff, kAll, 5, 0, 0, 5, true},
	{"SMT, an idle core before the previous CPU", kSmt, 0x2d, kAll, 5, 0, 0, 2, true},
	{"SMT, previous CPU where no core idles", kSmt, 0x24, kAll, 5, 0, 0, 5, true},
	{"SMT, any CPU where no core idles", kSmt, 0x14, kAll, 7, 0, 0, 2, true},
	{"SMT, idle core forbidden", kSmt, 0x2d, 0xf2, 5, 0, 0, 5, true},
	{"four threads, idle core", kSmt4, 0xf0f7, kAll, 1, 0, 0, 4, true},
	{"four threads, one busy in each core", kSmt4, 0x7777, kAll, 3, 0, 0, 0, true},
	{"two caches, the lowest idle CPU of either", kNuma, 0xf1, kAll, 6, 0, 0, 6, true},
	{"two nodes, the other node is no worse", kNuma, 0x02, kAll, 6, 0, 0, 1, true},
	{"two nodes, bound to the own one", kNuma, 0x82, 0xf0, 6, 0, 0, 7, true},
	{"two nodes with SMT, an idle core of the other", kNumaSmt, 0x83, kAll, 7, 0, 0, 0, true},
	{"64 CPUs, the last core", kWide, 0xc000000000000000ULL, kAll, 3, 0, 0, 62, true},
	{"64 CPUs, the last CPU", kWide, 0x8000000000000000ULL, kAll, 3, 0, 0, 63, true},
};

// scx_bpf_pick_idle_cpu(), twice in a row.
struct PickRow {
	char const* name;
	Shape shape;
	u64 idle, allowed;
	bool whole_core;
	s32 first, second;
};

constexpr PickRow kPicks[] = {
	{"each once", kFlat, 0xa, kAll, false, 1, 3},
	{"none of the allowed", kFlat, 0x3, 0xc, false, kNone, kNone},
	{"without SMT each CPU is a core", kFlat, 0xa, kAll, true, 1, 3},
	{"SMT, whole cores first", kSmt, 0x3e, kAll, false, 2, 4},
	{"SMT, whole cores only", kSmt, 0x0d, kAll, true, 2, kNone},
	{"SMT, then any", kSmt, 0x0d, kAll, false, 2, 0},
	{"SMT, no core whole", kSmt, 0x55, kAll, true, kNone, kNone},
	{"SMT, half a core allowed", kSmt, 0xff, 0x08, true, 3, kNone},
	{"two nodes, bound to one", kNuma, 0xff, 0x90, false, 4, 7},
};

// The choice among a scheduler's own set of CPUs: from the previous one on and around.
struct AmongRow {
	char const* name;
	Shape shape;
	u64 idle, task, allowed;
	s32 previous;
	bool whole_core;
	s32 cpu;
};

constexpr AmongRow kAmongs[] = {
	{"previous CPU", kFlat, 0xf, kAll, 0x6, 2, false, 2},
	{"from the previous one on", kFlat, 0xb, kAll, kAll, 2, false, 3},
	{"and around", kFlat, 0x3, kAll, kAll, 2, false, 0},
	{"both masks count", kFlat, 0xf, 0x3, 0x6, 3, false, 1},
	{"none in both", kFlat, 0xf, 0x3, 0xc, 3, false, kNone},
	{"whole core", kSmt, 0x3d, kAll, kAll, 0, true, 2},
	{"whole core of the previous CPU", kSmt, 0x3f, kAll, kAll, 4, true, 4},
	{"whole core, none", kSmt, 0x15, kAll, kAll, 0, true, kNone},
	{"no whole core, any will do", kSmt, 0x14, kAll, kAll, 1, false, 2},
};

} // namespace

SUITE_TABLE(idle_cpus, select, kSelects)
{
	SelectRow const& wanted = kSelects[row];
	Bench bench{wanted.shape};

	REQUIRE(bench.created);
	task_struct& p = bench.world.task("p", wanted.previous, wanted.allowed);

	bench.only(wanted.idle);
	suite::machine::act_on(wanted.waker);
	auto const choice = bench.idle.select(p, wanted.previous, wanted.flags);

	suite::machine::act_on(0);
	CHECK_EQUAL(choice.cpu, wanted.cpu);
	CHECK_EQUAL(choice.idle, wanted.claimed);
}

SUITE_TABLE(idle_cpus, pick, kPicks)
{
	PickRow const& wanted = kPicks[row];
	Bench bench{wanted.shape};
	cpumask const& allowed = mask_of(wanted.allowed);

	REQUIRE(bench.created);
	bench.only(wanted.idle);
	CHECK_EQUAL(bench.idle.pick(allowed, wanted.whole_core), wanted.first);
	CHECK_EQUAL(bench.idle.pick(allowed, wanted.whole_core), wanted.second);
}

SUITE_TABLE(idle_cpus, select_among, kAmongs)
{
	AmongRow const& wanted = kAmongs[row];
	Bench bench{wanted.shape};
	cpumask const& allowed = mask_of(wanted.allowed);

	REQUIRE(bench.created);
	task_struct& p = bench.world.task("p", 0, wanted.task);

	bench.only(wanted.idle);
	CHECK_EQUAL(bench.idle.select_among(p, wanted.previous, 0, allowed, wanted.whole_core),
		    wanted.cpu);
}

SUITE_CASE(idle_cpus, all_are_idle_at_first)
{
	Bench bench{kSmt};

	REQUIRE(bench.created);
	CHECK(bench.idle.enabled());
	CHECK_EQUAL(bench.idle.idle_mask().bits[0], 0xff);
	CHECK_EQUAL(bench.idle.idle_cores_mask().bits[0], 0xff);
	bench.idle.disable();
	CHECK(!bench.idle.enabled());
}

SUITE_CASE(idle_cpus, a_claim_is_given_out_once)
{
	Bench bench{kFlat};

	REQUIRE(bench.created);
	CHECK(bench.idle.claim(2));
	CHECK(!bench.idle.claim(2));
	bench.idle.update(2, true);
	CHECK(bench.idle.claim(2));
}

SUITE_CASE(idle_cpus, a_core_idles_when_its_last_thread_does)
{
	Bench bench{kSmt};

	REQUIRE(bench.created);
	bench.only(0);
	CHECK_EQUAL(bench.idle.idle_cores_mask().bits[0], 0);
	bench.idle.update(4, true);
	CHECK_EQUAL(bench.idle.idle_cores_mask().bits[0], 0);
	bench.idle.update(5, true);
	CHECK_EQUAL(bench.idle.idle_cores_mask().bits[0], 0x30);
	CHECK(bench.idle.claim(4));
	CHECK_EQUAL(bench.idle.idle_cores_mask().bits[0], 0);
	CHECK_EQUAL(bench.idle.idle_mask().bits[0], 0x20);
}

SUITE_CASE(idle_cpus, a_task_that_cannot_migrate_stays)
{
	Bench bench{kFlat};

	REQUIRE(bench.created);
	task_struct& p = bench.world.task("p", 1);

	bench.only(0xd);
	p.migration_disabled = 1;
	CHECK_EQUAL(bench.idle.select_among(p, 1, 0, mask_of(kAll), false), kNone);
	CHECK_EQUAL(bench.idle.select_among(p, 2, 0, mask_of(kAll), false), 2);
}

SUITE_CASE(idle_cpus, the_masks_follow_the_cpus)
{
	World world{kSmt};

	REQUIRE(world.ready());

	sched_ext_ops& table = suite::keeping_scheduler();

	table.enqueue = [](task_struct* p, u64) {
		suite::bpf::dispatch(*p, SCX_DSQ_LOCAL, SCX_SLICE_INF);
	};
	REQUIRE(world.load(table) == 0);
	suite::machine::settle();
	task_struct& p = world.woken("p", 3);

	suite::machine::settle();
	CHECK_TEXT(World::running(3), "p");
	CHECK_EQUAL(scx_entry_kf_idle_cpumask()->bits[0], 0xf7);
	CHECK_EQUAL(scx_entry_kf_idle_smtmask()->bits[0], 0xf3);
	suite::machine::sleep(p);
	CHECK_EQUAL(scx_entry_kf_idle_cpumask()->bits[0], 0xff);
	CHECK_EQUAL(scx_entry_kf_idle_smtmask()->bits[0], 0xff);
}

SUITE_CASE(idle_cpus, each_node_has_a_global_queue)
{
	World world{kNuma};

	REQUIRE(world.ready());

	sched_ext_ops& table = suite::keeping_scheduler();

	table.enqueue = [](task_struct* p, u64) { suite::bpf::dispatch(*p, SCX_DSQ_GLOBAL); };
	REQUIRE(world.load(table) == 0);
	suite::machine::settle();
	task_struct& near = world.woken("near", 1);
	task_struct& far = world.woken("far", 6);

	CHECK(near.scx.dsq && far.scx.dsq && near.scx.dsq != far.scx.dsq);
	suite::machine::schedule(7);
	CHECK_TEXT(World::running(7), "far");
	suite::machine::schedule(0);
	CHECK_TEXT(World::running(0), "near");
}

} // namespace suite::cases::idle_cpus
