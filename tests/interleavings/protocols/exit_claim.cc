// SPDX-License-Identifier: GPL-2.0
// The end of a scheduler: who claims it, and whether the worker finds a whole report.
#include "protocols/protocols.hpp"

#include "core/exit_control.hpp"

namespace explore {
namespace {

class Ending : public Play {
protected:
	Ending() : Play{3}
	{
		load(scheduler());
		machine.settle();

		// Its first members, in this order.
		auto const* const base = reinterpret_cast<char const*>(&scx::exit_control);

		watch(base, sizeof(u32), "kind");
		watch(base + sizeof(u32), sizeof(bool), "published");
	}

	// As scx_entry_disable_work() begins.
	void work()
	{
		scx_exit_info const* const info = scx::exit_control.take();

		if (!info)
			return;
		require(!std::exchange(taken_, true), "the end was carried out twice");
		reads(info->kind);
		reads(info->exit_code);
		reads(scx::exit_control.culprit());
		kind_ = info->kind;
		code_ = info->exit_code;
		message_ = info->msg;
	}

	void let_go()
	{
		machine.disable_work_pending = false;
		scx::exit_control.arm();
	}

	bool taken_ = false;
	scx_exit_kind kind_{};
	s64 code_ = 0;
	std::string message_;
};

class Claim final : public Ending {
public:
	std::vector<Actor> actors() override
	{
		return {{0, [] { scx::error("the first"); }},
			{1, [] { scx::exit_of_kind(SCX_EXIT_UNREG_BPF, 7, "the second"); }},
			{2, [this] {
				 // Woken for something else, perhaps.
				 work();
				 machine.meeting->wait_until(
					 [this] { return machine.disable_work_pending || taken_; });
				 work();
			 }}};
	}

	void verify() override
	{
		require(taken_, "nobody carried the end out");
		require((kind_ == SCX_EXIT_ERROR && message_ == "the first" && code_ == 0) ||
				(kind_ == SCX_EXIT_UNREG_BPF && message_ == "the second" &&
				 code_ == 7),
			"the report is a mixture of two: " + message_);
		require(!scx::exit_control.take(), "the end can be carried out again");
		let_go();
	}
};

// A new scheduler arms the exit while somebody raises an error, and the worker still runs.
class Arm final : public Ending {
public:
	Arm()
	{
		scx::error("of the scheduler before");
		(void)scx::exit_control.take();
		machine.disable_work_pending = false;
	}

	std::vector<Actor> actors() override
	{
		return {{0, [] { scx::exit_control.arm(); }},
			{1,
			 [this] {
				 scx::error("of the new one");
				 raised_ = true;
			 }},
			{2, [this] {
				 work();
				 machine.meeting->wait_until([this] {
					 return machine.disable_work_pending || raised_ || taken_;
				 });
				 work();
			 }}};
	}

	void verify() override
	{
		if (scx::exit_control.pending())
			work();
		require(!machine.disable_work_pending || taken_, "an error was raised and lost");
		require(!taken_ || message_ == "of the new one", "an old report: " + message_);
		let_go();
	}

private:
	bool raised_ = false;
};

// Messages of programs are put together in one place before anybody claims the exit.
class Messages final : public Ending {
public:
	std::vector<Actor> actors() override
	{
		return {{0,
			 [] {
				 char first[] = "the first";

				 scx_entry_kf_exit(7, first, nullptr, 0);
			 }},
			{1, [] {
				 char second[] = "the second";

				 scx_entry_kf_error(second, nullptr, 0);
			 }}};
	}

	void verify() override
	{
		work();
		require(taken_, "nobody ended the scheduler");
		require(message_ == (kind_ == SCX_EXIT_ERROR_BPF ? "the second" : "the first"),
			"the message is not of who ended the scheduler: " + message_);
		let_go();
	}
};

constexpr char kInvariant[] = "of all who end a scheduler exactly one claims it; the worker "
			      "carries the end out once, and "
			      "sees the claimer's whole report; a claim after arming is not lost";

} // namespace

void add_exit_claim(std::vector<Protocol>& to)
{
	to.push_back({"exit-claim", kInvariant, make<Claim>, 4});
	to.push_back({"exit-arm", kInvariant, make<Arm>, 4});
	to.push_back({"exit-messages", kInvariant, make<Messages>, 6});
}

} // namespace explore
