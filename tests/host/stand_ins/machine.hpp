// SPDX-License-Identifier: GPL-2.0
// A machine for the core to run on: CPUs, tasks, a clock, interrupts and the kernel's scheduling
// cycle in miniature, in one thread and without chance. The shims work on the one Machine that
// exists; a test acts on it and looks at what the core made of that.
//
// Whatever happens on a CPU is started by naming the CPU, and nothing happens by itself: time
// passes in advance(), irq_work runs in run_irq_work(), a CPU that is to reschedule does so in
// schedule() or settle(). What a kernel with all its debugging options would complain about (locks
// out of order, sleeping in atomic context, a failed assertion) fails the test.
#pragma once

#include "core/kernel.hpp"

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

extern "C" sched_class const fair_sched_class;

// What the core leaves opaque.
struct cgroup {
	std::string name;
	int references = 0;
};

struct cgroup_taskset {
	std::vector<task_struct*> tasks;
	cgroup* to;
};

namespace host {

// CPUs are numbered through cores, cores through nodes: with threads_per_core 2, CPUs 0 and 1 are
// siblings.
struct Topology {
	s32 cpus = 4;
	s32 threads_per_core = 1;
	s32 nodes = 1;
};

struct Cpu {
	struct rq rq {};
	task_struct idle{};
	task_struct stopper{};
	std::deque<task_struct*> others; // runnable tasks of the classes that are not the core's
	std::vector<raw_spinlock const*> held;
	std::vector<irq_work*> irq_works;
	std::atomic<bool> irqs_off = false; // a test looks from another thread
	int preempt_depth = 0;
	int rcu_depth = 0;
	bool need_resched = false;
	bool wait_callback = false;       // runs when a schedule() is about to drop the lock
	bool fair_balance_claims = false; // fair says in balance that it has a task, and has none
	// Once, between balance and pick, where fair's balancing drops the lock.
	std::function<void(struct rq&)> before_pick;
	bool server_active = false; // the deadline server for starved tasks
	bool server_turn = false;   // it may run
	s64 server_charged = 0;     // ns
	int reschedules = 0;        // resched_curr() calls
	int tick_updates = 0;       // kshim_update_tick_dependency() calls
};

struct TaskOptions {
	s32 cpu = 0;
	std::vector<s32> allowed = {}; // empty: every CPU
	s32 policy = SCHED_NORMAL;
	bool realtime = false; // above fair and ext, whatever the policy says
	task_group* group = nullptr;
	bool fail_late = false; // the fork fails after the scheduler has agreed to it
};

// Decides, where CPUs may meet, which of them goes on; for a test in which several act by turns,
// each on a stack of its own. Without one a CPU acts until it is done.
class Meeting {
public:
	virtual ~Meeting() = default;
	// Another CPU may act before this one goes on.
	virtual void before_lock(void const* lock) = 0;
	// Others act until this is true.
	virtual void wait_until(std::function<bool()> const& holds) = 0;
	virtual void locked(void const* lock) = 0;
	virtual void unlocking(void const* lock) = 0;
	// A grace period has ended: what readers did lies before what comes now.
	virtual void quiescent() = 0;
	// A stand-in reads or writes memory on the core's behalf.
	virtual void touched(void const* memory, size_t size, bool written) = 0;
	// True: the memory is given back later, by the meeting.
	virtual bool keep_freed(void* memory, size_t size) = 0;
};

class Machine {
public:
	explicit Machine(Topology topology = {});
	Machine(Machine const&) = delete;
	Machine& operator=(Machine const&) = delete;
	~Machine();

	[[nodiscard]] static Machine& get();

	// ---- CPUs ----
	[[nodiscard]] Cpu& cpu(s32 number) { return *cpus_.at(static_cast<size_t>(number)); }
	[[nodiscard]] struct rq& rq(s32 number) { return cpu(number).rq; }
	[[nodiscard]] Topology const& topology() const { return topology_; }
	[[nodiscard]] cpumask const& siblings(s32 number) const;
	[[nodiscard]] static bool is_running(task_struct const& p);

	// The calling thread acts as this CPU from now on; 0 at first.
	static void act_on(s32 number);
	[[nodiscard]] static s32 acting_on();
	[[nodiscard]] Cpu& here() { return cpu(acting_on()); }

	// Several threads act as a CPU each: locks wait for one another instead of failing the
	// test.
	bool threaded = false;
	Meeting* meeting = nullptr;

	// ---- Tasks ----
	// Forks a task, asleep; null if the scheduler refused it.
	task_struct* fork(char const* name, TaskOptions const& options = {});
	// The same, which succeeds.
	task_struct& create_task(char const* name, TaskOptions const& options = {});
	// A task that sleeps exits, and its last reference goes.
	void free_task(task_struct& p);
	// A running task exits: its CPU runs another one; free_task() is still to come.
	void exit_running(task_struct& p);
	task_group& create_group(char const* name, task_group* parent);

	// ---- What happens on a CPU. Interrupts are on before and after ----
	// The current task of `waker` wakes `p`; returns the CPU it was put on.
	s32 wake(task_struct& p, s32 waker = 0, u32 wake_flags = SCX_WAKE_TTWU);
	// The running task goes to sleep; the next one runs.
	void sleep(task_struct& p);
	// A task that is runnable but does not run is dequeued (deactivate_task() with these
	// flags), and put back to where it was. False if it began to run before its runqueue was
	// locked.
	bool take_off(task_struct& p, u32 flags = DEQUEUE_SAVE);
	void put_back(task_struct& p, u32 flags = ENQUEUE_RESTORE);
	void schedule(s32 number);
	void tick(s32 number);
	void yield(s32 number);
	void set_affinity(task_struct& p, std::vector<s32> const& allowed);
	void set_policy(task_struct& p, s32 policy, bool realtime = false);
	void set_nice(task_struct& p, s32 nice);
	// The CPU goes away, its tasks pushed off to others; and comes back.
	void take_offline(s32 number);
	void bring_online(s32 number);

	// ---- Time, interrupts, helper threads ----
	void advance(u64 ns);
	[[nodiscard]] u64 now() const { return now_ns_; }
	// What the CPU has queued; returns how many ran.
	int run_irq_work(s32 number);
	int run_disable_work();
	// If it is due.
	void run_watchdog();
	// Interrupts, helper threads and reschedules until nothing is left to do.
	void settle();
	// Everybody has left RCU read sections: what waited for that happens.
	void end_grace_period();

	// Locks the runqueue as its own CPU, with interrupts off, for as long as the result lives.
	class LockedRq;
	[[nodiscard]] LockedRq lock(s32 number);

	// ---- Faults to inject, and what was seen ----
	int fail_allocation_in = -1; // the allocation after this many more fails, once
	bool fail_root = false;      // kshim_root_create() fails
	bool core_scheduling = false;
	std::function<void()>
		when_enabled; // once, when the class takes tasks and before all are moved there
	bool isolated_domains = false;
	size_t percpu_bytes = 0; // allocated since the beginning, of one CPU
	u64 hotplug_seq = 0;
	std::unordered_map<raw_spinlock const*, int> times_taken; // unless threaded
	std::vector<std::string> printed;                         // lines for the kernel log
	std::vector<std::string> expected_complaints;             // substrings, each forgiven once
	bool counts_assertions = false; // instead of failing the test for one
	int failed_assertions = 0;
	std::function<bool(task_struct const&)> cookie_matches;
	// Called once, by whoever takes the lock of this runqueue next, just before: what another
	// CPU does at that moment.
	struct rq* watched_rq = nullptr;
	std::function<void()> before_lock;

	// Something that a kernel would complain about: fails the test unless expected.
	void complain(std::string const& what);
	void might_sleep(char const* what);
	[[nodiscard]] bool printed_line(std::string const& part) const;

	// ---- Of the shims ----
	// A lock that sleepers wait for; `taken` counts its holders.
	void take_sleeping_lock(int& taken, char const* name);
	void drop_sleeping_lock(int& taken);
	void reap(task_struct& p);
	// Its two steps, as the kernel's __put_task_struct() makes them: off the list of all tasks,
	// and out of the scheduler's hands.
	void unlink(task_struct& p);
	void free_unlinked(task_struct& p);
	void take_lock(raw_spinlock& lock, char const* name, int rank);
	[[nodiscard]] bool try_lock(raw_spinlock& lock);
	void drop_lock(raw_spinlock& lock, char const* name);
	[[nodiscard]] raw_spinlock& lock_of(struct rq& rq);
	[[nodiscard]] bool holds(raw_spinlock const& lock);
	[[nodiscard]] bool allocation_fails();
	void enqueue(struct rq& rq, task_struct& p, int flags);
	bool dequeue(struct rq& rq, task_struct& p, int flags);
	void put_prev(struct rq& rq, task_struct& p, task_struct* next);
	void set_next(struct rq& rq, task_struct& p, bool first);

	std::mutex shared; // guards what the shims of several threads touch, from here to the end
	std::unordered_map<u64, scx_dispatch_q*> queues;
	std::vector<scx_dispatch_q*> dead_queues;
	std::vector<callback_head*> rcu_callbacks;
	bool disable_work_pending = false;
	s32 disable_work_cpu = -1; // where its thread was asked to wake up
	bool watchdog_queued = false;
	unsigned long watchdog_at = 0; // jiffies

	bool kernel_enabled = false; // the static keys that the scheduler core looks at
	bool kernel_switched_all = false;
	list_head all_tasks;
	raw_spinlock tasks_lock{};
	int bypass_locked = 0;
	std::vector<task_group*> groups; // parents first
	int announced = 0;               // uevents
	bool root_exists = false;
	std::vector<std::string> dump_lines; // of the tracepoint
	bool dump_traced = false;

private:
	void balance(struct rq& rq, task_struct& previous);
	[[nodiscard]] task_struct& pick_next(struct rq& rq, task_struct& previous);
	[[nodiscard]] task_struct* pick_of(sched_class const& wanted, struct rq& rq);
	[[nodiscard]] bool active(sched_class const& asked) const;
	void run_balance_callbacks(Cpu& cpu);
	void preempt_for(struct rq& rq, task_struct& woken);
	[[nodiscard]] s32 choose_cpu(task_struct& p, u32& wake_flags);
	[[nodiscard]] s32 fallback_cpu(task_struct const& p) const;
	void change(task_struct& p, u32 flags, std::function<void()> const& what);
	void move_off(task_struct& p);
	void init_cpu(s32 number);

	Topology topology_;
	std::vector<std::unique_ptr<Cpu>> cpus_;
	std::vector<cpumask> siblings_;
	std::vector<std::unique_ptr<task_struct>> tasks_;
	std::vector<std::unique_ptr<task_struct>> dead_; // kept for a meeting
	std::vector<std::unique_ptr<task_group>> owned_groups_;
	std::vector<std::unique_ptr<cgroup>> owned_cgroups_;
	u64 now_ns_ = 1'000'000'000;
	pid_t next_pid_ = 100;
};

class Machine::LockedRq {
public:
	explicit LockedRq(s32 number);
	LockedRq(LockedRq const&) = delete;
	LockedRq& operator=(LockedRq const&) = delete;
	~LockedRq();

	[[nodiscard]] struct rq& rq() const { return rq_; }
	operator cxxrt::Held<struct rq> const&() const { return held_; }

private:
	s32 came_from_;
	struct rq& rq_;
	cxxrt::Held<struct rq> held_;
};

// task_struct::on_rq of a runnable task.
enum : int { kOnRunqueue = 1 };

// Complains unless the acting CPU holds the lock.
void assert_locked(struct rq* rq);

// A mask of these CPUs.
[[nodiscard]] cpumask mask_of(std::vector<s32> const& cpus);

} // namespace host
