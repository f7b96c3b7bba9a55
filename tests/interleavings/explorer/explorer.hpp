// SPDX-License-Identifier: GPL-2.0
// All that can happen when several CPUs run the core at the same time.
//
// A protocol is played by up to four actors, each a CPU with a stack of its own, in one thread.
// They run the core's real code, compiled with -fsanitize=thread but without that sanitizer's
// library: each access calls runtime.cc instead. At each point where another CPU could make a
// difference the explorer decides who goes on, and it repeats the play until every decision was
// made in every way (depth first, by repeating from the beginning) within a bound of preemptions:
// switches away from an actor that could go on. Points are: before a lock is taken, and before each
// atomic access to a word that the protocol declares (watch()).
//
// Memory, for the declared words:
//  - A store waits in its CPU's buffer until the explorer lets it out, at any later point: stores
//  to
//    different words become visible in any order (as on PSO, weaker than x86). A release store
//    leaves after all earlier ones. A read-modify-write, a full barrier and the dropping of a lock
//    empty the buffer; the taking of a lock does not. A CPU sees its own stores at once.
//  - An acquire load sees all that lies before the release store whose value it got.
// For all other memory, plain or atomic: accesses by two CPUs of which one writes must be ordered
// by locks, release and acquire, barriers or grace periods. This is checked with vector clocks, in
// every play; what is found unordered is a violation like any other. Without such races no
// buffering or reordering of plain accesses can be observed, so none has to be played through.
//
// Not covered: loads that are carried out early or late (load buffering, and what an address or
// control dependency alone would order); caches that show two stores of two CPUs to two others in
// different order (IRIW); accesses of the stand-ins, which are not compiled this way; more
// preemptions than the bound; and schedules that need more than the three or four actors.
#pragma once

#include "stand_ins/machine.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace explore {

constexpr size_t kMaxActors = 4;

struct Actor {
	s32 cpu;
	std::function<void()> act;
};

// One play: the constructor builds machine and scheduler, verify() looks at what is left.
class Scenario {
public:
	virtual ~Scenario() = default;
	[[nodiscard]] virtual host::Machine& stage() = 0;
	[[nodiscard]] virtual std::vector<Actor> actors() = 0;
	virtual void verify() = 0;
};

struct Protocol {
	char const* name;
	char const* invariant;
	std::unique_ptr<Scenario> (*make)();
	u32 preemptions;
};

[[nodiscard]] std::vector<Protocol> const& protocols();

// ---- For scenarios, in their constructor ----

// A word of the protocol. `name` lives for ever.
void watch(void const* address, u32 size, char const* name);
template <typename T>
void watch(T const& word, char const* name)
{
	watch(&word, sizeof(word), name);
}

// Memory in which unordered accesses are in order; the caller's comment says why.
void pardon(void const* address, size_t size);

// ---- For verify() and actors ----
// The actor reads this, as the core's own code would.
void reads(void const* address, size_t size);
template <typename T>
void reads(T const& object)
{
	reads(&object, sizeof(object));
}
void require(bool holds, std::string const& what);

// ---- The explorer ----
struct Result {
	u64 plays = 0;
	bool complete = false;
	std::string violation; // with the trace of the play; empty: none
};

// Plays a protocol in all ways, or until the first violation, or `most` times. After a violation
// the process is in no state to go on with anything else.
[[nodiscard]] Result explore(Protocol const& protocol, u64 most);

} // namespace explore
