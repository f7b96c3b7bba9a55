// SPDX-License-Identifier: GPL-2.0
// Loading and unloading a scheduler while tasks are born and die.
#include "protocols/protocols.hpp"

#include "core/ops_table.hpp"
#include "core/scheduler_state.hpp"
#include "core/task_state.hpp"
#include "random/lives.hpp"

namespace explore {
namespace {

class Lifecycle final : public Play {
public:
	enum Change { loading, unloading };
	enum Task { born, dies };

	Lifecycle(Change change, Task task) : Play{2}, change_{change}, task_{task}
	{
		old_ = dying_ = &machine.create_task("old", {.cpu = 1});
		if (change == unloading)
			load(telling());
		machine.settle();

		// Its members in this order.
		auto const* const base = reinterpret_cast<char const*>(&scx::scheduler);

		watch(base, sizeof(u32), "state");
		watch(base + 4, 1, "switching_all");
		watch(base + 5, 1, "enabled");
		watch(base + 6, 1, "switched_all");
		watch(base + 7, 1, "inits_tasks");
		// Pointers to callbacks, each whole; a reader takes it or leaves it, and those of a
		// scheduler that goes are not called any more after a grace period.
		pardon(&scx::ops, sizeof(scx::ops));
	}

	std::vector<Actor> actors() override
	{
		return {{0,
			 [this] {
				 if (change_ == loading)
					 load(telling());
				 else
					 unload();
			 }},
			{1, [this] {
				 if (task_ == born)
					 new_ = machine.fork("new", {.cpu = 1});
				 else
					 machine.free_task(*std::exchange(old_, nullptr));
			 }}};
	}

	void verify() override
	{
		for (task_struct* p : {old_, new_})
			if (p)
				verify_task(*p);
		unload();
		for (task_struct* p : {old_, new_})
			if (p)
				require(scx::task_state(*p) == SCX_TASK_NONE,
					"a task is left initialised when the scheduler is gone");
	}

private:
	void verify_task(task_struct const& p)
	{
		u32 const wanted = change_ == unloading ? SCX_TASK_NONE
				   : scx::is_ext(p)     ? SCX_TASK_ENABLED
							: SCX_TASK_READY;

		require(scx::is_ext(p) == (change_ == loading),
			std::string(p.comm) + " is in the wrong class");
		require(scx::task_state(p) == wanted,
			std::string(p.comm) + " is in state " + std::to_string(scx::task_state(p)) +
				" instead of " + std::to_string(wanted));
	}

	// Complains about every callback out of turn.
	host::Scheduler telling()
	{
		auto own = scheduler();

		own.init_task = [this](task_struct* p, scx_init_task_args*) {
			lives_.init(p);
			return 0;
		};
		own.exit_task = [this](task_struct* p, scx_exit_task_args*) { lives_.exit(p); };
		own.enable = [this](task_struct* p) { lives_.enable(p); };
		own.disable = [this](task_struct* p) { lives_.disable(p); };
		own.exit = [this](scx_exit_info*) {
			// Dead, and off the kernel's list of tasks before the scheduler's end went
			// through that, but not yet at the hook that tells of its death: then it is
			// not told any more. The gap is in the kernel, here and upstream.
			if (task_ == dies && !scx::list::is_linked(dying_->scx.tasks_node))
				lives_.forget(dying_);
			lives_.end();
		};
		return own;
	}

	Change change_;
	Task task_;
	task_struct* old_;
	task_struct* dying_ = nullptr;
	task_struct* new_ = nullptr;
	host::random::Lives lives_;
};

constexpr char kInvariant[] =
	"each task that lives is initialised once by the scheduler that is loaded, enabled if it "
	"is "
	"in the class, and given up before that scheduler ends; a task's memory is used by nobody "
	"after it has died";

} // namespace

void add_lifecycle(std::vector<Protocol>& to)
{
	to.push_back({"loading-and-fork", kInvariant,
		      make<Lifecycle, Lifecycle::loading, Lifecycle::born>, 2});
	to.push_back({"loading-and-exit", kInvariant,
		      make<Lifecycle, Lifecycle::loading, Lifecycle::dies>, 2});
	to.push_back({"unloading-and-fork", kInvariant,
		      make<Lifecycle, Lifecycle::unloading, Lifecycle::born>, 2});
	to.push_back({"unloading-and-exit", kInvariant,
		      make<Lifecycle, Lifecycle::unloading, Lifecycle::dies>, 2});
}

} // namespace explore
