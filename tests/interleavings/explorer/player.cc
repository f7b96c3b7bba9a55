// SPDX-License-Identifier: GPL-2.0
// Who goes on, and what locks and grace periods order.
#include "explorer/player.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace explore {

namespace {

constexpr u32 kMostPoints = 20'000; // of one play; more is going round in circles

void on_abort(int)
{
	Player::get().show_abort();
}

} // namespace

Player& Player::get()
{
	static Player player;

	return player;
}

Result Player::play_all(Protocol const& protocol, u64 most)
{
	Result result;

	most_preemptions_ = protocol.preemptions;
	std::signal(SIGABRT, on_abort);
	std::signal(SIGSEGV, on_abort);
	do {
		play_once(protocol);
		++result.plays;
		if (violation_.empty() && decisions_.strayed())
			violation_ = "the play is not determined by its decisions";
		if (!violation_.empty()) {
			result.violation = violation_ + explain();
			return result;
		}
		if (!decisions_.next())
			result.complete = true;
	} while (!result.complete && result.plays < most);
	return result;
}

void Player::play_once(Protocol const& protocol)
{
	testing::ScopedFakeTestPartResultReporter const reporter{
		testing::ScopedFakeTestPartResultReporter::INTERCEPT_ALL_THREADS, &failures_};

	words_.clear();
	pardons_.clear();
	dead_.clear();
	locks_.clear();
	shadow_.clear();
	events_.clear();
	preemptions_ = points_ = 0;

	{
		auto const scenario = protocol.make();
		auto const actors = scenario->actors();

		scenario->stage().threaded = true;
		scenario->stage().meeting = this;
		start(actors);
		run_fibers(actors);
		scenario->stage().meeting = nullptr;
		scenario->stage().threaded = false;
		check_failures();
		if (violation_.empty()) {
			scenario->verify();
			check_failures();
		}
		// Its end would stumble over what went wrong.
		if (!violation_.empty()) {
			(void)const_cast<std::unique_ptr<Scenario>&>(scenario).release();
			return;
		}
	}
	check_failures();
	for (void* memory : freed_)
		std::free(memory);
	freed_.clear();
}

void Player::start(std::vector<Actor> const& actors)
{
	actors_ = actors.size();
	stacks_.resize(kMaxActors);
	for (size_t i = 0; i < kMaxActors; ++i) {
		Fiber& fiber = fibers_[i];

		fiber = {};
		fiber.ended = i >= actors_;
		if (fiber.ended)
			continue;
		fiber.act = actors[i].act;
		fiber.cpu = actors[i].cpu;
		fiber.clock.at[i] = 1;
		stacks_[i].resize(kStackSize);
		getcontext(&fiber.context);
		fiber.context.uc_stack.ss_sp = stacks_[i].data();
		fiber.context.uc_stack.ss_size = kStackSize;
		fiber.context.uc_link = nullptr;
		makecontext(&fiber.context, &Player::fiber_main, 0);
	}
}

void Player::fiber_main()
{
	Player& player = get();

	player.mine().act();
	player.mine().ended = true;
	player.next_ = player.who_goes_on(player.turn_);
	swapcontext(&player.mine().context, &player.main_);
}

void Player::run_fibers(std::vector<Actor> const&)
{
	next_ = who_goes_on(kMaxActors);
	while (next_ < kMaxActors) {
		turn_ = next_;
		host::Machine::act_on(mine().cpu);
		swapcontext(&main_, &mine().context);
		mine().cpu = host::Machine::acting_on();
	}
	turn_ = kMaxActors;
	host::Machine::act_on(0);
	for (Fiber& fiber : fibers_)
		fiber.buffer.drain();
}

// ---- Who goes on ----

bool Player::all_ended() const
{
	for (Fiber const& fiber : fibers_)
		if (!fiber.ended)
			return false;
	return true;
}

bool Player::can_go_on(Fiber& fiber)
{
	return !fiber.ended && (!fiber.waiting || (*fiber.waiting)());
}

size_t Player::who_goes_on(size_t current)
{
	struct Action {
		size_t actor;
		bool let_out;
		size_t store;
	};
	std::vector<Action> actions;

	for (;;) {
		check_failures();
		if (++points_ > kMostPoints)
			fail("the play does not end: actors wait for one another in circles");
		if (!violation_.empty() || all_ended())
			return kMaxActors;

		bool const goes_on = current < kMaxActors && can_go_on(fibers_[current]);

		actions.clear();
		if (goes_on)
			actions.push_back({current, false, 0});
		for (size_t i = 0; i < actors_; ++i)
			if (i != current && (!goes_on || preemptions_ < most_preemptions_) &&
			    can_go_on(fibers_[i]))
				actions.push_back({i, false, 0});
		for (size_t i = 0; i < actors_; ++i)
			for (size_t store : fibers_[i].buffer.ready())
				actions.push_back({i, true, store});
		if (actions.empty()) {
			fail("deadlock: every actor waits");
			return kMaxActors;
		}

		Action const action = actions[decisions_.decide(static_cast<u32>(actions.size()))];

		if (!action.let_out) {
			preemptions_ += goes_on && action.actor != current;
			return action.actor;
		}
		Buffer& buffer = fibers_[action.actor].buffer;

		events_.push_back({action.actor,
				   "  becomes visible:", buffer[action.store].word->name,
				   buffer[action.store].value, nullptr});
		buffer.let_out(action.store);
	}
}

void Player::switch_from(Fiber& fiber)
{
	swapcontext(&fiber.context, &main_);
}

void Player::point()
{
	Fiber& fiber = mine();

	next_ = who_goes_on(turn_);
	if (next_ != turn_)
		switch_from(fiber);
}

// ---- host::Meeting: locks ----

void Player::before_lock(void const*)
{
	if (turn_ < kMaxActors)
		point();
}

void Player::wait_until(std::function<bool()> const& holds)
{
	if (turn_ == kMaxActors || holds())
		return;

	Fiber& fiber = mine();

	fiber.waiting = &holds;
	point();
	fiber.waiting = nullptr;
}

void Player::locked(void const* lock)
{
	if (turn_ == kMaxActors)
		return;
	mine().clock.join(locks_[lock]);
	mine().spun = nullptr;
	char text[32];

	std::snprintf(text, sizeof(text), "%p", lock);
	note("locks", text, 0, nullptr);
}

void Player::unlocking(void const* lock)
{
	if (turn_ == kMaxActors)
		return;

	Fiber& fiber = mine();

	fiber.buffer.drain();
	locks_[lock].join(fiber.clock);
	++fiber.clock.at[turn_];
	fiber.spun = nullptr;
	char text[32];

	std::snprintf(text, sizeof(text), "%p", lock);
	note("unlocks", text, 0, nullptr);
}

void Player::quiescent()
{
	if (turn_ == kMaxActors)
		return;
	for (Fiber& fiber : fibers_) {
		fiber.buffer.drain();
		mine().clock.join(fiber.clock);
	}
	// What the others do from here on is not before this.
	for (size_t i = 0; i < actors_; ++i)
		++fibers_[i].clock.at[i];
	note("ends a grace period", "", 0, nullptr);
}

void Player::touched(void const* memory, size_t size, bool written)
{
	if (turn_ < kMaxActors)
		plain(reinterpret_cast<uintptr_t>(memory), size, written,
		      __builtin_return_address(0));
}

bool Player::keep_freed(void* memory, size_t size)
{
	auto const begin = reinterpret_cast<uintptr_t>(memory);

	if (turn_ == kMaxActors)
		return false;
	note("frees", "", size, __builtin_return_address(0));
	plain(begin, size, true, __builtin_return_address(0));
	dead_.push_back({begin, size});
	// A task's memory is its machine's.
	if (size != sizeof(task_struct))
		freed_.push_back(memory);
	return true;
}

// ---- What scenarios call ----

void watch(void const* address, u32 size, char const* name)
{
	Player::get().add_word(reinterpret_cast<uintptr_t>(address), size, name);
}

void pardon(void const* address, size_t size)
{
	Player::get().add_pardon(reinterpret_cast<uintptr_t>(address), size);
}

void reads(void const* address, size_t size)
{
	Player::get().touched(address, size, false);
}

void require(bool holds, std::string const& what)
{
	if (!holds)
		Player::get().fail(what);
}

Result explore(Protocol const& protocol, u64 most)
{
	return Player::get().play_all(protocol, most);
}

} // namespace explore
