// SPDX-License-Identifier: GPL-2.0
// The order in which scx_flatcg's BPF half gives turns to groups, on simulated CPUs.
//
// Only what the kernel does around it is simulated here: queues of tasks, CPUs
// whose slices end, tasks that sleep and wake.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <vector>

namespace {

using u8 = std::uint8_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using s32 = std::int32_t;
using s64 = std::int64_t;

// What BPF programs have and this one does not.
#define private(section) [[maybe_unused]] static
#define bpf_for(i, from, to) for ((i) = (from); (i) < (to); (i)++)
#define bpf_spin_lock(lock)
#define bpf_spin_unlock(lock)
#define READ_ONCE(place) (place)
#define WRITE_ONCE(place, value) ((place) = (value))
#ifndef __always_inline
#define __always_inline inline
#endif
#define __noinline __attribute__((unused))
struct bpf_spin_lock {};

// Instead of scx/group_slots.bpf.h, which needs cgroups.
#define SCX_GROUP_SLOTS_BPF_H
enum { GROUP_SLOTS = 4096, GROUP_LEVELS = 16, GROUP_ROOT = 0 };
struct group_slot {
	u32 above;
};
group_slot group_slots[GROUP_SLOTS];
u32 group_index(u32 slot)
{
	return slot & (GROUP_SLOTS - 1);
}

u64 slice_ns = 20000000;
u32 nr_cpus = 1;

#include "../../bpf/flatcg/order.bpf.h"

struct Task {
	u32 slot;
	u64 ran = 0;
	u64 work = 0;        // ns to go until it sleeps; 0: it never does
	bool pinned = false; // to CPU 0
};

// As scx_flatcg.bpf.c uses the order, first come first served within a group.
class Machine {
public:
	explicit Machine(u32 cpus) : cpus_(cpus)
	{
		std::fill(std::begin(groups), std::end(groups), group{});
		std::fill(std::begin(heap), std::end(heap), 0U);
		heap_size = 0;
		vtime_clock = 0;
		total_waiting = 0;
		nr_cpus = cpus;
		add_group(GROUP_ROOT, 100);
	}

	u32 add_group(u32 above, u32 weight)
	{
		const u32 slot = nr_groups_++;
		group_slots[slot].above = above;
		groups[slot].vtime = vtime_clock;
		groups[slot].burst = slice_ns;
		groups[slot].weight = weight;
		return slot;
	}

	Task& add_task(u32 slot)
	{
		tasks_.push_back(std::make_unique<Task>(Task{.slot = slot}));
		return *tasks_.back();
	}

	Task& add_hog(u32 slot, bool pinned = false)
	{
		Task& task = add_task(slot);
		task.pinned = pinned;
		wake(task);
		return task;
	}

	void wake(Task& task, u64 work = 0)
	{
		task.work = work;
		if (groups[task.slot].nr_runnable++ == 0)
			group_wakes(task.slot);
		enqueue(task);
		for (u32 cpu = 0; cpu < cpus_.size(); ++cpu)
			if (!cpus_[cpu].task)
				dispatch(cpu, nullptr);
	}

	void run_until(u64 end)
	{
		for (;;) {
			auto next = std::min_element(cpus_.begin(), cpus_.end(),
						     [](const Cpu& left, const Cpu& right) {
							     return left.until < right.until;
						     });
			if (next->until > end)
				break;
			now_ = next->until;
			stop(static_cast<u32>(next - cpus_.begin()));
		}
		now_ = end;
		for (Cpu& cpu : cpus_)
			if (cpu.task) {
				cpu.task->ran += now_ - cpu.since;
				cpu.accounted += now_ - cpu.since;
				cpu.since = now_;
			}
	}

	u64 ran(u32 slot) const
	{
		u64 sum = 0;
		for (const auto& task : tasks_)
			sum += task->slot == slot ? task->ran : 0;
		return sum;
	}

	u64 now() const { return now_; }

private:
	static constexpr u64 kNever = ~u64{0};
	struct Cpu {
		Task* task = nullptr;
		u64 since = 0;
		u64 accounted = 0; // of this turn, already in task->ran
		u64 until = kNever;
	};

	void enqueue(Task& task)
	{
		total_waiting++;
		if (task.pinned) {
			on_cpu_.emplace(place_on_cpu(task.slot, slice_now()), &task);
			return;
		}
		group_awaits_turn(task.slot, slice_now());
		queues_[task.slot].push_back(&task);
	}

	// The turn of the CPU's task is over, or it sleeps.
	void stop(u32 number)
	{
		Cpu& cpu = cpus_[number];
		Task& task = *cpu.task;
		const u64 turn = cpu.accounted + now_ - cpu.since;
		task.ran += now_ - cpu.since;
		cpu.until = kNever;
		const bool sleeps = task.work && turn >= task.work;
		if (task.work && !sleeps)
			task.work -= turn;
		if (!sleeps) {
			group_ran(task.slot, turn, RAN_A_TURN);
			dispatch(number, &task);
			return;
		}
		group_ran(task.slot, turn, RAN_A_TURN | RAN_AND_STOPS);
		cpu.task = nullptr;
		if (--groups[task.slot].nr_runnable == 0)
			settle_weight(task.slot, 0);
		dispatch(number, nullptr);
	}

	void dispatch(u32 number, Task* prev)
	{
		u64 place = 0, start = 0;
		u32 kind = 0;
		if (prev) {
			place = groups[prev->slot].place - groups[prev->slot].turn;
			start = groups[prev->slot].vtime;
			kind = CONTENDER;
		}
		bool on_cpu = false;
		if (number == 0 && !on_cpu_.empty()) {
			const auto& [first_place, first] = *on_cpu_.begin();
			if (kind)
				kind |= CONTENDED;
			if (!kind || first_place < place) {
				place = first_place;
				start = std::min(groups[first->slot].vtime, place);
				kind |= CONTENDER;
				on_cpu = true;
			}
		}
		const s64 picked = pick_group(place, start, kind);
		if (picked >= 0)
			return take_of_group(number, static_cast<u32>(picked), prev);
		if (on_cpu) {
			Task& task = *on_cpu_.begin()->second;
			on_cpu_.erase(on_cpu_.begin());
			groups[task.slot].nr_waiting_on_cpus--;
			return take(number, task, prev);
		}
		if (!prev)
			return;
		if (!queues_[prev->slot].empty())
			return take_of_group(number, prev->slot, prev);
		begin(number, *prev);
	}

	void take_of_group(u32 number, u32 slot, Task* prev)
	{
		Task& task = *queues_[slot].front();
		queues_[slot].pop_front();
		groups[slot].nr_waiting--;
		take(number, task, prev);
	}

	void take(u32 number, Task& task, Task* prev)
	{
		total_waiting--;
		if (prev) {
			group_ran(prev->slot, 0, RAN_AND_STOPS);
			enqueue(*prev);
		}
		groups[task.slot].nr_running++;
		begin(number, task);
	}

	void begin(u32 number, Task& task)
	{
		const u64 slice = slice_now();
		const u64 length = task.work ? std::min(task.work, slice) : slice;
		cpus_[number] = {
			.task = &task, .since = now_, .accounted = 0, .until = now_ + length};
	}

	std::vector<Cpu> cpus_;
	std::vector<std::unique_ptr<Task>> tasks_;
	std::map<u32, std::deque<Task*>> queues_;
	std::multimap<u64, Task*> on_cpu_; // of CPU 0, by place
	u32 nr_groups_ = 0;
	u64 now_ = 0;
};

constexpr u64 kSecond = 1'000'000'000;

// What each group got in `seconds`, as parts of all that was given.
std::vector<double> shares(Machine& machine, const std::vector<u32>& slots, double seconds)
{
	std::vector<u64> before;
	for (const u32 slot : slots)
		before.push_back(machine.ran(slot));
	machine.run_until(machine.now() + static_cast<u64>(seconds * kSecond));
	std::vector<double> got;
	double sum = 0;
	for (std::size_t i = 0; i < slots.size(); ++i) {
		got.push_back(static_cast<double>(machine.ran(slots[i]) - before[i]));
		sum += got.back();
	}
	for (double& share : got)
		share /= sum;
	return got;
}

void expect_shares(const std::vector<double>& got, const std::vector<double>& wanted,
		   double tolerance)
{
	for (std::size_t i = 0; i < wanted.size(); ++i)
		EXPECT_NEAR(got[i] / wanted[i], 1, tolerance) << "share " << i << " is " << got[i];
}

TEST(FlatcgOrder, SiblingsGetTheirWeights)
{
	for (const u32 cpus : {1U, 4U, 8U}) {
		Machine machine(cpus);
		std::vector<u32> slots;
		for (const u32 weight : {100U, 200U, 400U}) {
			slots.push_back(machine.add_group(GROUP_ROOT, weight));
			for (u32 i = 0; i < cpus; ++i)
				machine.add_hog(slots.back());
		}
		machine.run_until(kSecond / 2);
		expect_shares(shares(machine, slots, 5), {1.0 / 7, 2.0 / 7, 4.0 / 7}, 0.02);
	}
}

TEST(FlatcgOrder, OneTaskEachOnOneCpu)
{
	Machine machine(1);
	const std::vector<u32> slots{machine.add_group(GROUP_ROOT, 100),
				     machine.add_group(GROUP_ROOT, 300)};
	for (const u32 slot : slots)
		machine.add_hog(slot);
	expect_shares(shares(machine, slots, 5), {0.25, 0.75}, 0.02);
}

TEST(FlatcgOrder, TasksOfOneCpuGoByTheirGroups)
{
	for (const int each : {1, 2}) {
		Machine machine(4);
		const std::vector<u32> slots{machine.add_group(GROUP_ROOT, 100),
					     machine.add_group(GROUP_ROOT, 300)};
		for (int i = 0; i < each; ++i)
			for (const u32 slot : slots)
				machine.add_hog(slot, true);
		expect_shares(shares(machine, slots, 5), {0.25, 0.75}, 0.03);
	}
}

TEST(FlatcgOrder, NestedGroupsCompound)
{
	Machine machine(4);
	const u32 one = machine.add_group(GROUP_ROOT, 100),
		  two = machine.add_group(GROUP_ROOT, 300);
	const u32 middle = machine.add_group(two, 200);
	const std::vector<u32> slots{machine.add_group(one, 100), machine.add_group(one, 300),
				     machine.add_group(two, 100), machine.add_group(middle, 100),
				     machine.add_group(middle, 400)};
	for (const u32 slot : slots)
		for (int i = 0; i < 5; ++i)
			machine.add_hog(slot);
	machine.run_until(kSecond / 2);
	expect_shares(shares(machine, slots, 5),
		      {1.0 / 16, 3.0 / 16, 3.0 / 12, 3.0 / 30, 12.0 / 30}, 0.03);
}

TEST(FlatcgOrder, NewWeightsCountAtOnce)
{
	Machine machine(4);
	const std::vector<u32> slots{machine.add_group(GROUP_ROOT, 100),
				     machine.add_group(GROUP_ROOT, 100)};
	for (const u32 slot : slots)
		for (int i = 0; i < 4; ++i)
			machine.add_hog(slot);
	expect_shares(shares(machine, slots, 2), {0.5, 0.5}, 0.05);
	settle_weight(slots[0], 400);
	expect_shares(shares(machine, slots, 2), {0.8, 0.2}, 0.05);
	settle_weight(slots[1], 1200);
	expect_shares(shares(machine, slots, 2), {0.25, 0.75}, 0.05);
}

TEST(FlatcgOrder, TheLightestIsNotPutOffForLong)
{
	Machine machine(1);
	const u32 heavy = machine.add_group(GROUP_ROOT, 10000),
		  light = machine.add_group(GROUP_ROOT, 1);
	machine.add_hog(heavy);
	machine.add_hog(heavy);
	machine.add_hog(light);
	u64 last = 0, longest = 0, since = 0;
	for (u64 time = 0; time < 120 * kSecond; time += kSecond / 10) {
		machine.run_until(time);
		if (machine.ran(light) != last) {
			last = machine.ran(light);
			since = time;
		}
		longest = std::max(longest, time - since);
	}
	EXPECT_LT(longest, 10 * kSecond);
}

TEST(FlatcgOrder, RunningAloneIsNoDebt)
{
	Machine machine(4);
	const std::vector<u32> slots{machine.add_group(GROUP_ROOT, 100),
				     machine.add_group(GROUP_ROOT, 100)};
	for (int i = 0; i < 4; ++i)
		machine.add_hog(slots[0]);
	machine.run_until(30 * kSecond);
	for (int i = 0; i < 4; ++i)
		machine.add_hog(slots[1]);
	expect_shares(shares(machine, slots, 1), {0.5, 0.5}, 0.2);
	expect_shares(shares(machine, slots, 2), {0.5, 0.5}, 0.05);
}

// 200 groups that share half of the machine wake up at once and work for 20 ms each. While they do,
// the group beside them must keep most of its half, also at the worst time.
TEST(FlatcgOrder, AHerdGetsNoMoreThanItsShare)
{
	constexpr u64 kWindow = kSecond / 5;
	Machine machine(4);
	const u32 steady = machine.add_group(GROUP_ROOT, 100),
		  parent = machine.add_group(GROUP_ROOT, 100);
	for (int i = 0; i < 4; ++i)
		machine.add_hog(steady);
	machine.run_until(kSecond);
	std::vector<Task*> herd;
	for (int i = 0; i < 200; ++i)
		herd.push_back(&machine.add_task(machine.add_group(parent, 100)));
	for (int round = 0; round < 3; ++round) {
		for (Task* task : herd)
			machine.wake(*task, slice_ns);
		for (int window = 0; window < 9; ++window) {
			const u64 before = machine.ran(steady);
			machine.run_until(machine.now() + kWindow);
			const double kept =
				static_cast<double>(machine.ran(steady) - before) / (4 * kWindow);
			EXPECT_GT(kept, 0.35) << "round " << round << " window " << window;
		}
		machine.run_until(machine.now() + 2 * kSecond);
	}
}

} // namespace
