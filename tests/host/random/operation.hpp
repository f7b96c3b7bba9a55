// SPDX-License-Identifier: GPL-2.0
// What happens to a random machine, one operation after the other, as text and as numbers.
//
// An operation brings its own seed for whatever the scheduler decides during it, and one that
// makes no sense at its moment (waking a task that runs) does nothing. So any operation can be
// left out of a run without giving the others another meaning: that is what shrinking needs.
#pragma once

#include "vmlinux.hpp"

#include <optional>
#include <string>
#include <vector>

namespace host::random {

#define SCX_RANDOM_KINDS(X)                                                                        \
	X(fork, 30)                                                                                \
	X(exit, 10)                                                                                \
	X(wake, 200)                                                                               \
	X(sleep, 100)                                                                              \
	X(schedule, 150)                                                                           \
	X(tick, 60)                                                                                \
	X(interrupt, 60)                                                                           \
	X(take_off, 40)                                                                            \
	X(put_back, 40)                                                                            \
	X(affinity, 40)                                                                            \
	X(policy, 30)                                                                              \
	X(nice, 20)                                                                                \
	X(yield, 20)                                                                               \
	X(kick, 30)                                                                                \
	X(walk, 30)                                                                                \
	X(offline, 5)                                                                              \
	X(online, 10)                                                                              \
	X(suspend, 4)                                                                              \
	X(helpers, 10)                                                                             \
	X(settle, 10)                                                                              \
	X(load, 10)                                                                                \
	X(unload, 3)                                                                               \
	X(sysrq, 1)                                                                                \
	X(lose, 0) // a fault: a queue forgets a task behind the core's back

enum class Kind : u8 {
#define SCX_RANDOM_KIND(name, weight) name,
	SCX_RANDOM_KINDS(SCX_RANDOM_KIND)
#undef SCX_RANDOM_KIND
};

// What another CPU does while an operation is about to lock a runqueue.
enum class Meanwhile : u8 { nothing, requeue, schedule, sleep, wake };

struct Operation {
	Kind kind;
	Meanwhile meanwhile;
	u32 task;
	u32 cpu;
	u64 seed;
};

struct Setting {
	u32 cpus = 4;
	u32 threads_per_core = 1;
	u32 nodes = 1;
	u32 tasks = 8;        // slots for tasks; they begin full
	bool hotplug = true;  // CPUs come and go, and CPU 0 is one that every task may use
	bool careless = true; // some schedulers make mistakes and are ejected for them
	bool lossy = false;   // with Kind::lose
	u32 check_every = 1;  // operations between two checks of the whole machine
};

struct Script {
	Setting setting;
	std::vector<Operation> operations;
};

// A small machine for this seed: one to eight CPUs.
[[nodiscard]] Setting small_setting(u64 seed);

// The operations of this seed for a machine of that kind.
[[nodiscard]] Script draw(u64 seed, Setting const& setting, size_t operations);

// One line for the setting and one for each operation; and back, nothing if the text is none.
[[nodiscard]] std::string to_text(Script const& script);
[[nodiscard]] std::optional<Script> from_text(std::string const& text);

} // namespace host::random
