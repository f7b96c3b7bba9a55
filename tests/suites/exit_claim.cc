// SPDX-License-Identifier: GPL-2.0
// The exit of a scheduler is claimed by one, reported by that one, and carried out once.
#include "suites/suite.hpp"

#include "core/exit_control.hpp"
#include "core/exit_info.hpp"

namespace suite::cases::exit_claim {

using scx::exit_control;
using suite::Text;
using suite::World;

namespace {

// Without a scheduler: the claim alone.
struct Bench {
	Bench()
	{
		created = world.ready() && exit_control.create(4096).ok();
		if (created)
			exit_control.arm();
	}

	~Bench()
	{
		if (!created)
			return;
		(void)exit_control.take();
		suite::machine::forget_disable_work();
		exit_control.destroy();
	}

	World world;
	bool created = false;
};

struct ReasonRow {
	char const* name;
	scx_exit_kind kind;
};

constexpr ReasonRow kReasons[] = {
	{"unregistered from user space", SCX_EXIT_UNREG},
	{"unregistered from BPF", SCX_EXIT_UNREG_BPF},
	{"unregistered from the main kernel", SCX_EXIT_UNREG_KERN},
	{"disabled by sysrq-S", SCX_EXIT_SYSRQ},
	{"runtime error", SCX_EXIT_ERROR},
	{"scx_bpf_error", SCX_EXIT_ERROR_BPF},
	{"runnable task stall", SCX_EXIT_ERROR_STALL},
	{"unknown", SCX_EXIT_NONE},
};

} // namespace

SUITE_TABLE(exit_claim, reason, kReasons)
{
	Text const reason{scx::exit_reason(kReasons[row].kind)};

	CHECK_TEXT(reason, kReasons[row].name);
}

SUITE_CASE(exit_claim, nothing_is_pending_at_first)
{
	Bench bench;

	REQUIRE(bench.created);
	CHECK(!exit_control.pending());
	CHECK_EQUAL(exit_control.take(), nullptr);
}

SUITE_CASE(exit_claim, the_first_claim_counts)
{
	Bench bench;

	REQUIRE(bench.created);
	scx::exit_of_kind(SCX_EXIT_UNREG_BPF, 42, "first %d", 1);
	scx::error("second");
	exit_control.request(SCX_EXIT_SYSRQ);
	CHECK(exit_control.pending());

	scx_exit_info const* const info = exit_control.take();

	REQUIRE(info);
	CHECK_EQUAL(info->kind, SCX_EXIT_UNREG_BPF);
	CHECK_EQUAL(info->exit_code, 42);
	CHECK_TEXT(Text{info->msg}, "first 1");
	CHECK_TEXT(Text{info->reason}, "unregistered from BPF");
	// No error, so where it came from does not matter.
	CHECK_EQUAL(info->bt_len, 0);
}

SUITE_CASE(exit_claim, an_error_says_where)
{
	Bench bench;

	REQUIRE(bench.created);
	suite::machine::act_on(2);
	scx::stall_on(3, "stalled");
	suite::machine::act_on(0);

	scx_exit_info const* const info = exit_control.take();

	REQUIRE(info);
	CHECK_EQUAL(info->kind, SCX_EXIT_ERROR_STALL);
	CHECK(info->bt_len > 0);
	CHECK_EQUAL(exit_control.culprit().cpu, 2);
	CHECK_EQUAL(exit_control.culprit().blamed_cpu, 3);
	CHECK_TEXT(Text{exit_control.culprit().comm}, "swapper");
}

SUITE_CASE(exit_claim, the_report_is_taken_once)
{
	Bench bench;

	REQUIRE(bench.created);
	scx::error("once");
	CHECK(exit_control.take() != nullptr);
	CHECK(!exit_control.pending());
	CHECK_EQUAL(exit_control.take(), nullptr);
	// And nobody can claim before it is armed anew.
	scx::error("twice");
	CHECK(!exit_control.pending());
	exit_control.arm();
	scx::error("thrice");
	CHECK(exit_control.pending());
}

SUITE_CASE(exit_claim, a_message_is_cut_where_it_is_too_long)
{
	Bench bench;
	static char endless[2 * SCX_EXIT_MSG_LEN];

	REQUIRE(bench.created);
	for (char& letter : endless)
		letter = 'x';
	endless[sizeof(endless) - 1] = '\0';
	scx::error("%s", endless);

	scx_exit_info const* const info = exit_control.take();

	REQUIRE(info);
	CHECK_EQUAL(info->msg[SCX_EXIT_MSG_LEN - 2], 'x');
	CHECK_EQUAL(info->msg[SCX_EXIT_MSG_LEN - 1], '\0');
}

namespace {

constexpr s32 kClaimers = 4;
constexpr s32 kTaker = kClaimers; // the index after theirs
constexpr int kRounds = 25;

struct Race {
	u32 round = 0;
	u32 arrived = 0;
	u32 reports = 0;
};

// Each waits for all: they start as nearly at once as threads can.
void meet(Race& race)
{
	u32 const all = kClaimers + 1;
	u32 seen = scx::load_acquire(race.arrived);

	while (!cxxrt::try_compare_exchange(race.arrived, seen, seen + 1))
		cxxrt::cpu_relax();

	u32 const target = (seen / all + 1) * all;

	while (scx::load_acquire(race.arrived) < target)
		cxxrt::cpu_relax();
}

// What a claimer of this index says, by kind, code and message alike.
void claim(s32 index)
{
	if (index % 2)
		scx::error("claimer %d", index);
	else
		scx::exit_of_kind(SCX_EXIT_UNREG_BPF, static_cast<u64>(index), "claimer %d", index);
}

void expect_one_report(Race& race)
{
	scx_exit_info const* info = nullptr;

	while (!info)
		info = exit_control.take();
	++race.reports;

	char wanted[] = "claimer 0";
	Text const message{info->msg};
	bool matches = false;

	for (s32 index = 0; index < kClaimers; ++index, ++wanted[8])
		if (message.equals(wanted))
			matches = info->kind == (index % 2 ? SCX_EXIT_ERROR : SCX_EXIT_UNREG_BPF) &&
				  info->exit_code == (index % 2 ? 0 : index);
	CHECK(matches);
	CHECK_EQUAL(exit_control.take(), nullptr);
}

} // namespace

// Claimers and the taker at the same time: there is one report, and it is of one piece.
SUITE_CASE(exit_claim, one_of_many_claimers_wins)
{
	World world{{.cpus = 8, .threads_per_core = 1, .nodes = 1}};
	Race race;

	REQUIRE(world.ready());
	REQUIRE(exit_control.create(4096).ok());
	suite::machine::run_together(
		kClaimers + 1,
		[](s32 index, void* argument) {
			auto& shared = *static_cast<Race*>(argument);

			for (int round = 0; round < kRounds; ++round) {
				if (index == kTaker)
					exit_control.arm();
				meet(shared);
				if (index == kTaker)
					expect_one_report(shared);
				else
					claim(index);
				meet(shared);
			}
		},
		&race);
	CHECK_EQUAL(race.reports, kRounds);
	suite::machine::forget_disable_work();
	exit_control.destroy();
}

SUITE_CASE(exit_claim, an_error_ends_the_scheduler)
{
	World world;

	REQUIRE(world.ready());
	CHECK_EQUAL(world.load(suite::keeping_scheduler()), 0);
	CHECK(World::enabled());
	task_struct& p = world.woken("p");

	scx_entry_kf_kick_cpu(99, 0);
	CHECK(World::enabled());
	suite::machine::settle();
	CHECK(!World::enabled());
	CHECK(World::exit().told);
	CHECK_EQUAL(World::exit().kind, SCX_EXIT_ERROR);
	CHECK(World::exit().message.contains("CPU 99"));
	CHECK(p.sched_class != &ext_sched_class);

	// An old error is no error of a new scheduler.
	CHECK_EQUAL(world.load(suite::keeping_scheduler()), 0);
	suite::machine::settle();
	CHECK(World::enabled());
}

SUITE_CASE(exit_claim, unloading_is_an_exit_too)
{
	World world;

	REQUIRE(world.ready());
	CHECK_EQUAL(world.load(suite::keeping_scheduler()), 0);
	world.woken("p");
	world.unload();
	CHECK(!World::enabled());
	CHECK_EQUAL(World::exit().kind, SCX_EXIT_UNREG);
	// Nobody is there to be ended.
	scx::error("late");
	suite::machine::settle();
	CHECK_TEXT(World::take_error(), "");
}

} // namespace suite::cases::exit_claim
