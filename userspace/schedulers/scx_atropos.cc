// SPDX-License-Identifier: GPL-2.0
// scx_atropos' user half: makes the domains, moves tasks between them, shows what goes on.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <optional>

#include "atropos/balancer.h"
#include "atropos/cpu_use.h"
#include "atropos/loads.h"
#include "atropos/topology.h"
#include "bpf/scx_atropos.h"
#include "lib/command_line.h"
#include "lib/ops_table.h"
#include "lib/per_cpu.h"
#include "lib/program.h"
#include "lib/run.h"
#include "scx_atropos.skel.h"

namespace {

using Clock = std::chrono::steady_clock;
using scx::atropos::Snapshot;

struct AtroposOptions {
	std::uint64_t slice_us = 20'000;
	double balance_interval = 2; // seconds
	double tune_interval = 0.1;  // seconds
	double load_half_life = 1;   // seconds
	std::uint64_t cache_level = 3;
	std::vector<std::string> cpumasks;
	std::uint64_t greedy_threshold = 1;
	bool no_load_balance = false;
	bool kthreads_local = false;
	bool balanced_kworkers = false;
	bool fifo = false;
	double direct_greedy_under = 90; // percent
	double kick_greedy_under = 100;  // percent
};

std::chrono::nanoseconds from_seconds(double seconds)
{
	return std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9));
}

class Atropos final : public scx::SkeletonProgram<scx_atropos_bpf> {
public:
	Atropos(const scx::RunOptions& run_options, const AtroposOptions& options)
		: run_options_(run_options), options_(options)
	{}

	scx::Outcome prepare() override
	{
		auto reader = scx::atropos::LoadReader::attach(skeleton().maps.loads,
							       skeleton().progs.report_tasks,
							       topology_, half_life_ns());
		if (!reader)
			return reader.error();
		reader_.emplace(std::move(*reader));
		next_balance_ = Clock::now() + from_seconds(options_.balance_interval);
		return scx::Done{};
	}

	std::chrono::nanoseconds work() override
	{
		tune();
		const auto now = Clock::now();
		if (now >= next_balance_) {
			next_balance_ = now + from_seconds(options_.balance_interval);
			if (!options_.no_load_balance)
				balance();
		}
		return std::min<std::chrono::nanoseconds>(from_seconds(options_.tune_interval),
							  next_balance_ - now);
	}

	void statistics(scx::Statistics& figures) override;

	void close() override
	{
		reader_.reset();
		SkeletonProgram::close();
	}

private:
	scx::Outcome configure(const scx::Kernel& kernel) override;
	void tune();
	void balance();
	void lend(const scx::atropos::Lending& lending);
	void complain(const scx::Error& error);

	std::uint64_t half_life_ns() const
	{
		return static_cast<std::uint64_t>(options_.load_half_life * 1e9);
	}
	scx::atropos::TaskRules rules() const { return {!options_.balanced_kworkers, &recent_}; }
	std::uint64_t count(atropos_count what)
	{
		return scx::sum_per_cpu(skeleton().maps.counts, what);
	}

	const scx::RunOptions& run_options_;
	const AtroposOptions& options_;
	// Of this life: made by configure() and prepare().
	scx::atropos::Topology topology_;
	std::optional<scx::atropos::LoadReader> reader_;
	std::optional<scx::atropos::CpuUse> use_;
	scx::atropos::RecentMoves recent_;
	Clock::time_point next_balance_;
	std::uint64_t rounds_ = 0;
	std::uint64_t wishes_ = 0;
	bool complained_ = false;
};

scx::Outcome Atropos::configure(const scx::Kernel& kernel)
{
	auto topology = scx::atropos::read_topology(options_.cpumasks,
						    static_cast<unsigned>(options_.cache_level));
	if (!topology)
		return topology.error();
	topology_ = std::move(*topology);
	use_.emplace(topology_.domains);
	recent_ = {};

	auto& constants = *skeleton().rodata;
	constants.nr_domains = static_cast<u32>(topology_.domains.size());
	constants.nr_cpus = static_cast<s32>(topology_.possible);
	std::fill(std::begin(constants.cpu_domain), std::end(constants.cpu_domain),
		  static_cast<u8>(ATROPOS_NO_DOMAIN));
	for (std::size_t i = 0; i < topology_.domains.size(); ++i) {
		constants.domain_node[i] = static_cast<u8>(topology_.nodes[i]);
		constants.several_nodes |= topology_.nodes[i] != topology_.nodes[0];
		for (const unsigned cpu : topology_.domains[i])
			constants.cpu_domain[cpu] = static_cast<u8>(i);
	}
	constants.smt = topology_.smt;
	constants.load_half_life_ns = half_life_ns();
	constants.slice_ns = options_.slice_us * 1000;
	constants.fifo_order = options_.fifo;
	constants.kthreads_local = options_.kthreads_local;
	constants.greedy_threshold = static_cast<s32>(options_.greedy_threshold);
	return scx::complete_table(*skeleton().struct_ops.atropos_ops, kernel, run_options_);
}

// Idle CPUs of a domain that is busy on the whole are better left to its own tasks, which will
// want them in a moment.
void Atropos::tune()
{
	std::ifstream stat("/proc/stat");
	use_->update(scx::atropos::parse_cpu_times(stat));
	skeleton().bss->direct_greedy_domains = use_->domains_under(options_.direct_greedy_under);
	skeleton().bss->kick_greedy_domains = use_->domains_under(options_.kick_greedy_under);
}

void Atropos::balance()
{
	const auto snapshot = reader_->read(rules());
	if (!snapshot) {
		complain(snapshot.error());
		return;
	}
	recent_.next_round();
	++rounds_;
	const auto moves = scx::atropos::balance(*snapshot);
	lend(scx::atropos::lend(scx::atropos::moved(*snapshot, moves)));
	for (const scx::atropos::Move& move : moves) {
		atropos_move wish{.tid = move.tid, .domain = move.to};
		LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = &wish, .ctx_size_in = sizeof(wish));
		const int program = bpf_program__fd(skeleton().progs.move_task);
		const int code = bpf_prog_test_run_opts(program, &run);
		if (code < 0)
			return complain({fmt::format("cannot move a task (error {})", -code)});
		if (run.retval != 0)
			continue; // It died, left the class, or may not go there any more.
		recent_.add(move.tid);
		++wishes_;
	}
}

void Atropos::lend(const scx::atropos::Lending& lending)
{
	auto& wanted = *skeleton().bss;
	for (std::size_t i = 0; i < lending.parts.size(); ++i)
		wanted.lent_parts[i] = static_cast<u32>(lending.parts[i] * int{ATROPOS_WHOLE_PART});
	wanted.borrowers = lending.borrowers;
}

// Once: what fails every two seconds would fill the screen. The scheduler works without.
void Atropos::complain(const scx::Error& error)
{
	if (!complained_)
		std::fputs(fmt::format("{}: {}; domains are not balanced any more\n",
				       run_options_.name, error.text)
				   .c_str(),
			   stderr);
	complained_ = true;
}

void Atropos::statistics(scx::Statistics& figures)
{
	static constexpr std::pair<const char*, atropos_count> kCounts[] = {
		{"to_waker", ATROPOS_TO_WAKER},
		{"to_previous", ATROPOS_TO_PREVIOUS},
		{"to_idle", ATROPOS_TO_IDLE},
		{"direct_greedy", ATROPOS_DIRECT_GREEDY},
		{"local_kthread", ATROPOS_LOCAL_KTHREAD},
		{"pinned", ATROPOS_PINNED},
		{"queued", ATROPOS_QUEUED},
		{"taken", ATROPOS_TAKEN},
		{"stolen", ATROPOS_STOLEN},
		{"lent", ATROPOS_LENT},
		{"kick_greedy", ATROPOS_KICK_GREEDY},
		{"kept", ATROPOS_KEPT},
		{"given_back", ATROPOS_GIVEN_BACK},
		{"cut_short", ATROPOS_CUT_SHORT},
		{"moved", ATROPOS_MOVED},
		{"forced", ATROPOS_FORCED},
	};

	const auto snapshot = reader_->read(rules());
	if (!snapshot) {
		complain(snapshot.error());
		return;
	}
	figures.add("imbalance_percent", 100 * scx::atropos::imbalance(*snapshot));
	figures.add("rounds", rounds_);
	figures.add("wishes", wishes_);
	for (const auto& [name, key] : kCounts)
		figures.add(name, count(key));

	const scx::atropos::FeasibleWeights weights(*snapshot);
	const auto loads = scx::atropos::feasible_loads(*snapshot, weights);
	scx::Statistics& domains = figures.group("domain");
	for (std::size_t i = 0; i < loads.size(); ++i) {
		scx::Statistics& domain = domains.group(std::to_string(i));
		domain.add("cpus", scx::atropos::format_cpus(topology_.domains[i]));
		domain.add("busy_percent", use_->percent(i));
		domain.add("load_per_cpu", loads[i] / snapshot->domains[i].cpus);
		domain.add("runnable", snapshot->domains[i].duty);
	}
}

void add_options(scx::CommandLine& command_line, AtroposOptions& options)
{
	command_line.number("-s,--slice-us", options.slice_us, 100, 1'000'000, "MICROSECONDS",
			    "How long a task may run at a time");
	command_line.number("-i,--balance-interval", options.balance_interval, 0.1, 60, "SECONDS",
			    "Time between two rounds of balancing between domains");
	command_line.number("-I,--tune-interval", options.tune_interval, 0.01, 60, "SECONDS",
			    "Time between two looks at how busy the domains are, which decide "
			    "about --direct-greedy-under and --kick-greedy-under");
	command_line.number("-l,--load-half-life", options.load_half_life, 0.01, 100, "SECONDS",
			    "After this time what a task did counts half in its load");
	command_line.number("-c,--cache-level", options.cache_level, 1, 4, "LEVEL",
			    "CPUs that share a cache of this level make a domain; the next "
			    "level below where the machine has none");
	command_line.texts("-C,--cpumasks", options.cpumasks, "CPUS",
			   "CPUs that make a domain, as 0-3,8 or as a mask like 0x10f, instead of "
			   "those with a common cache; given once for each domain");
	command_line.number("-g,--greedy-threshold", options.greedy_threshold, 0, 1'000'000, "N",
			    "A CPU whose domain has nothing to run takes tasks from domains where "
			    "at least so many wait; 0: never");
	command_line.flag("--no-load-balance", options.no_load_balance,
			  "Leave tasks in the domains where they began, however loaded these are");
	command_line.flag("-k,--kthreads-local", options.kthreads_local,
			  "Kernel threads of one CPU do not wait in the domain's queue: they run "
			  "next, before all other tasks");
	command_line.flag("-b,--balanced-kworkers", options.balanced_kworkers,
			  "Leave the kernel's worker threads out of balancing, on kernels that "
			  "spread them over caches themselves");
	command_line.flag("-f,--fifo", options.fifo,
			  "First come, first served in each domain, whatever the weights");
	command_line.number("-D,--direct-greedy-under", options.direct_greedy_under, 0, 100,
			    "PERCENT",
			    "Tasks that find no idle CPU in their domain wake up on idle ones of "
			    "domains less busy than this; 0: never, 100: always");
	command_line.number("-K,--kick-greedy-under", options.kick_greedy_under, 0, 100, "PERCENT",
			    "Idle CPUs of domains less busy than this are woken up to take tasks "
			    "that wait in other domains; 0: never, 100: always");
	command_line.reach();
}

} // namespace

int main(int argc, char** argv)
{
	scx::RunOptions run_options{.name = "scx_atropos"};
	AtroposOptions options;

	scx::CommandLine command_line(
		"A queue for each group of CPUs with a common cache, balanced by load",
		run_options);
	add_options(command_line, options);
	if (const auto status = command_line.parse(argc, argv))
		return *status;

	// Again each time that it starts; but what was written wrong is said before anything else.
	const auto topology = scx::atropos::read_topology(
		options.cpumasks, static_cast<unsigned>(options.cache_level));
	if (!topology) {
		std::fputs(fmt::format("scx_atropos: {}\n", topology.error().text).c_str(), stderr);
		return scx::kWrongUsage;
	}

	Atropos atropos(run_options, options);
	return scx::run(atropos, run_options);
}
