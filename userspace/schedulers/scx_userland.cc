// SPDX-License-Identifier: GPL-2.0
// scx_userland's user half: decides who runs, by weighted virtual time.
//
// One thread decides. It never sleeps: sched_yield() is how it says that it is
// done, and the BPF half keeps it off the CPUs until it is needed. That takes a
// task of the class: in partial mode it is one by its policy. Its memory is
// locked, because a page fault could wait for a task that waits for it.
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <pthread.h>
#include <sched.h>
#include <scx/userland.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <memory_resource>
#include <optional>
#include <vector>

#include "lib/command_line.h"
#include "lib/ops_table.h"
#include "lib/per_cpu.h"
#include "lib/policy.h"
#include "lib/program.h"
#include "lib/run.h"
#include "scx_userland.skel.h"
#include "userland/waiting_queue.h"

namespace {

// As the BPF half's enum happening has them.
constexpr std::array kHappenings = {"reported", "decided", "stale", "passed",
				    "overflow", "kept",    "runs"};

constexpr std::uint64_t kWeightDefault = 100;
// Who has waited for longer goes first, so that no weight is too small for the kernel's watchdog.
constexpr std::uint64_t kPatience = 2'000'000'000;
// With many waiting, slices shrink so that a round of all takes about so long.
constexpr std::uint64_t kRound = 1'000'000'000;
constexpr std::uint64_t kShortestSlice = 1'000'000;
constexpr std::size_t kMemory = 4 << 20;

std::uint64_t now()
{
	timespec time{};
	clock_gettime(CLOCK_MONOTONIC, &time);
	return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
	       static_cast<std::uint64_t>(time.tv_nsec);
}

struct FreeMessages {
	void operator()(ring_buffer* ring) const { ring_buffer__free(ring); }
};
struct FreeDecisions {
	void operator()(user_ring_buffer* ring) const { user_ring_buffer__free(ring); }
};

// Figures that the deciding thread leaves for the one that prints.
struct DeciderFigures {
	std::atomic<std::uint64_t> waiting{0};
	std::atomic<std::uint64_t> most_waiting{0};
	std::atomic<std::uint64_t> longest_wait{0}; // ns
	std::atomic<std::uint64_t> impatient{0};    // went first because they had waited so long
};

using SharedMemory = scx_userland_bpf::scx_userland_bpf__bss;

// Made and destroyed by one thread, used by another in between.
class Decider {
public:
	Decider(SharedMemory& shared, std::uint64_t slice)
		: shared_(shared), slice_(slice), buffer_(kMemory),
		  fallback_(buffer_.data(), buffer_.size()), pool_(&fallback_), anywhere_(&pool_)
	{
		const auto cpus = static_cast<std::size_t>(libbpf_num_possible_cpus());
		for (std::size_t cpu = 0; cpu < cpus; ++cpu)
			on_cpu_.emplace_back(&pool_);
		places_.resize(cpus);
	}

	scx::Outcome connect(const bpf_map* messages, const bpf_map* decisions)
	{
		messages_.reset(ring_buffer__new(bpf_map__fd(messages), receive, this, nullptr));
		decisions_.reset(user_ring_buffer__new(bpf_map__fd(decisions), nullptr));
		if (!messages_ || !decisions_)
			return scx::Error{fmt::format(
				"cannot reach the BPF half's ring buffers ({}); run with "
				"-v to see why",
				std::strerror(errno))};
		return scx::Done{};
	}

	// Until the scheduler or this half of it ends.
	void run(const std::atomic<bool>& stop)
	{
		while (!stop.load(std::memory_order_relaxed) &&
		       !__atomic_load_n(&shared_.over, __ATOMIC_RELAXED)) {
			// Cleared before the mail is read: what comes later sets it again.
			__atomic_exchange_n(&shared_.needed, 0U, __ATOMIC_SEQ_CST);
			ring_buffer__consume(messages_.get());
			decide();
			yield();
		}
	}

	const DeciderFigures& figures() const { return figures_; }

private:
	// Off in there until it is needed; preempted anywhere else it goes on.
	void yield()
	{
		__atomic_store_n(&shared_.decider_yields, 1U, __ATOMIC_SEQ_CST);
		sched_yield();
		__atomic_store_n(&shared_.decider_yields, 0U, __ATOMIC_SEQ_CST);
	}

	static int receive(void* self, void* data, std::size_t size)
	{
		userland_message message;
		if (size >= sizeof(message)) {
			std::memcpy(&message, data, sizeof(message));
			static_cast<Decider*>(self)->add(message);
		}
		return 0;
	}

	void add(const userland_message& message)
	{
		const bool pinned =
			message.cpu >= 0 && static_cast<std::size_t>(message.cpu) < on_cpu_.size();
		const auto cpu = pinned ? static_cast<std::size_t>(message.cpu) : 0;
		auto& queue = pinned ? on_cpu_[cpu] : anywhere_;
		queue.add({.vtime = place(message, pinned ? places_[cpu] : clock_, pinned),
			   .arrived = now(),
			   .number = arrivals_++,
			   .thread = message.thread,
			   .stay = message.stay});
		++waiting_;
	}

	// Where a task goes in virtual time. `here` is what runs where it is to run: tasks that
	// share one CPU may be far behind the clock, and one that joins them does not wait until
	// all have got there.
	std::uint64_t place(const userland_message& message, std::uint64_t here, bool pinned) const
	{
		const std::uint64_t vtime =
			message.vtime + message.ran * kWeightDefault / message.weight;
		const std::uint64_t earliest = here - slice_;
		const std::uint64_t latest = here + slice_ * kWeightDefault / message.weight;

		if (message.flags & USERLAND_NEW)
			return here;
		if ((message.flags & USERLAND_WOKE) &&
		    static_cast<std::int64_t>(vtime - earliest) < 0)
			return earliest;
		if (pinned && static_cast<std::int64_t>(latest - vtime) < 0)
			return latest;
		return vtime;
	}

	// A task for each CPU that has none: this one, which is about to be given up, and idle
	// ones.
	void decide()
	{
		const std::uint64_t time = now();
		const std::uint32_t here = __atomic_load_n(&shared_.decider_cpu, __ATOMIC_RELAXED);
		if (here < on_cpu_.size()) {
			__atomic_and_fetch(&shared_.idle_cpus[here / 64], ~(1ULL << here % 64),
					   __ATOMIC_RELAXED);
			decide_for(here, time);
		}
		for (std::size_t word = 0; word * 64 < on_cpu_.size() && waiting_ > 0; ++word) {
			auto& idle = shared_.idle_cpus[word];
			for (u64 bits = __atomic_load_n(&idle, __ATOMIC_RELAXED); bits != 0;
			     bits &= bits - 1) {
				const auto bit = static_cast<unsigned>(__builtin_ctzll(bits));
				if (decide_for(static_cast<std::uint32_t>(word * 64 + bit), time))
					__atomic_and_fetch(&idle, ~(1ULL << bit), __ATOMIC_RELAXED);
			}
		}
		figures_.waiting.store(waiting_, std::memory_order_relaxed);
		raise(figures_.most_waiting, waiting_);
	}

	std::uint64_t slice_now() const
	{
		const std::uint64_t even = kRound * on_cpu_.size() / (waiting_ + 1);
		return std::min(slice_, std::max(even, kShortestSlice));
	}

	// False if there is nobody for the CPU, or no room to say so.
	bool decide_for(std::uint32_t cpu, std::uint64_t time)
	{
		if (cpu >= on_cpu_.size())
			return false;
		const std::uint64_t patience_ended = time - kPatience;
		auto* queue = &on_cpu_[cpu];
		const scx::Waiting* chosen = queue->next(patience_ended);
		if (const scx::Waiting* other = anywhere_.next(patience_ended);
		    !chosen || (other && comes_before(*other, *chosen, patience_ended))) {
			chosen = other;
			queue = &anywhere_;
		}
		if (!chosen)
			return false;

		auto* decision = static_cast<userland_decision*>(
			user_ring_buffer__reserve(decisions_.get(), sizeof(userland_decision)));
		if (!decision)
			return false;
		if (chosen->arrived < patience_ended)
			figures_.impatient.fetch_add(1, std::memory_order_relaxed);
		const scx::Waiting taken = queue->take(chosen);
		--waiting_;
		raise(figures_.longest_wait, time - std::min(time, taken.arrived));
		if (static_cast<std::int64_t>(taken.vtime - clock_) > 0)
			clock_ = taken.vtime;
		places_[cpu] = taken.vtime;
		*decision = {.vtime = taken.vtime,
			     .slice = slice_now(),
			     .thread = taken.thread,
			     .stay = taken.stay,
			     .cpu = static_cast<int>(cpu),
			     .padding = 0};
		user_ring_buffer__submit(decisions_.get(), decision);
		return true;
	}

	static bool comes_before(const scx::Waiting& left, const scx::Waiting& right,
				 std::uint64_t patience_ended)
	{
		const bool left_is_impatient = left.arrived < patience_ended;
		if (left_is_impatient != (right.arrived < patience_ended))
			return left_is_impatient;
		if (left_is_impatient)
			return left.number < right.number;
		return static_cast<std::int64_t>(left.vtime - right.vtime) < 0;
	}

	static void raise(std::atomic<std::uint64_t>& figure, std::uint64_t value)
	{
		if (value > figure.load(std::memory_order_relaxed))
			figure.store(value, std::memory_order_relaxed);
	}

	SharedMemory& shared_;
	const std::uint64_t slice_;
	std::vector<std::byte> buffer_;
	std::pmr::monotonic_buffer_resource fallback_;
	std::pmr::unsynchronized_pool_resource pool_;
	scx::WaitingQueue anywhere_;
	std::vector<scx::WaitingQueue> on_cpu_;
	std::uint64_t clock_ = 0;           // the largest vtime that was chosen
	std::vector<std::uint64_t> places_; // by CPU, the last one that was chosen for it
	std::uint64_t arrivals_ = 0;
	std::size_t waiting_ = 0;
	std::unique_ptr<ring_buffer, FreeMessages> messages_;
	std::unique_ptr<user_ring_buffer, FreeDecisions> decisions_;
	DeciderFigures figures_;
};

class Userland final : public scx::SkeletonProgram<scx_userland_bpf> {
public:
	Userland(const scx::RunOptions& run_options, std::uint64_t slice)
		: run_options_(run_options), slice_(slice)
	{}
	~Userland() override { close(); }

	// The thread decides from here on; the kernel asks it once the scheduler is in force.
	scx::Outcome prepare() override
	{
		decider_ = std::make_unique<Decider>(*skeleton().bss, slice_);
		if (const auto connected =
			    decider_->connect(skeleton().maps.messages, skeleton().maps.decisions);
		    !connected)
			return connected.error();
		if (const auto joined = join_class(); !joined)
			return joined.error();
		stop_ = false;
		if (const int code = pthread_create(&thread_, nullptr, start, this); code != 0)
			return scx::Error{fmt::format("cannot start the thread that decides ({})",
						      std::strerror(code))};
		started_ = true;
		if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0)
			return scx::Error{
				fmt::format("cannot lock its memory ({}); raise `ulimit -l`",
					    std::strerror(errno))};
		while (__atomic_load_n(&skeleton().bss->decider_thread, __ATOMIC_ACQUIRE) == 0)
			sched_yield();
		return scx::Done{};
	}

	void close() override
	{
		if (started_) {
			stop_ = true;
			pthread_join(thread_, nullptr);
			started_ = false;
		}
		in_class_.reset();
		decider_.reset();
		SkeletonProgram::close();
	}

	void statistics(scx::Statistics& figures) override
	{
		scx::add_counts(figures, skeleton().maps.counts, kHappenings);
		const DeciderFigures& decider = decider_->figures();
		figures.add("waiting", decider.waiting.load());
		figures.add("most_waiting", decider.most_waiting.load());
		figures.add("longest_wait_us", decider.longest_wait.load() / 1000);
		figures.add("impatient", decider.impatient.load());
	}

private:
	scx::Outcome configure(const scx::Kernel& kernel) override
	{
		skeleton().rodata->slice_ns = slice_;
		skeleton().bss->decider_cpu = USERLAND_CPUS;
		return scx::complete_table(*skeleton().struct_ops.userland_ops, kernel,
					   run_options_);
	}

	// Both threads, the one that decides by inheriting it: that one is roused by each turn of
	// this one, and would else be off for as long as nothing wants to run.
	scx::Outcome join_class()
	{
		if (!run_options_.partial)
			return scx::Done{};
		auto in_class = scx::UnderPolicy::policy(scx::kSchedExt);
		if (!in_class)
			return in_class.error();
		in_class_.emplace(std::move(*in_class));
		return scx::Done{};
	}

	static void* start(void* self)
	{
		auto& userland = *static_cast<Userland*>(self);
		SharedMemory& shared = *userland.skeleton().bss;
		shared.own_process = static_cast<u32>(getpid());
		__atomic_store_n(&shared.decider_thread, static_cast<u32>(gettid()),
				 __ATOMIC_RELEASE);
		userland.decider_->run(userland.stop_);
		return nullptr;
	}

	const scx::RunOptions& run_options_;
	const std::uint64_t slice_;
	std::optional<scx::UnderPolicy> in_class_; // in partial mode
	std::unique_ptr<Decider> decider_;
	std::atomic<bool> stop_{false};
	pthread_t thread_{};
	bool started_ = false;
};

} // namespace

int main(int argc, char** argv)
{
	scx::RunOptions run_options{.name = "scx_userland"};
	std::uint64_t slice_us = 20000;

	scx::CommandLine command_line("A process decides who runs, by weighted virtual time",
				      run_options);
	command_line.number("-s,--slice-us", slice_us, 1000, 100000, "MICROSECONDS",
			    "How long a task runs at a time");
	command_line.reach();
	if (const auto status = command_line.parse(argc, argv))
		return *status;

	Userland userland(run_options, slice_us * 1000);
	return scx::run(userland, run_options);
}
