// SPDX-License-Identifier: GPL-2.0
// Groups: what is noted about schedulers that ignore them, weights, tasks that outlive their group,
// and the group that scx_bpf_task_cgroup() gives.
#include "tests/lifecycle.hpp"

namespace host {
namespace {

class Groups : public Lifecycle {
protected:
	[[nodiscard]] long notes(char const* what)
	{
		std::string const line = std::string("\"host_test\" does not implement ") + what;

		return std::count(machine.printed.begin(), machine.printed.end(), line);
	}

	// The task is in this group from now on, as migration does it.
	void move(task_struct& p, task_group& to)
	{
		cgroup_taskset set{{&p}, to.host_cgroup};

		EXPECT_EQ(scx_entry_cgroup_can_attach(&set), 0);

		auto const locked = machine.lock(scx::task_cpu(p));

		p.sched_task_group = &to;
		scx_entry_cgroup_move_task(&p);
	}
};

TEST_F(Groups, MissingWeightsAreNotedOnce)
{
	load(tracing());
	EXPECT_EQ(notes("cgroup cpu.weight"), 0) << "the root group has no weight to miss";
	task_group& x = machine.create_group("x", machine.groups.front());

	EXPECT_EQ(notes("cgroup cpu.weight"), 1);
	machine.create_group("y", &x);
	EXPECT_EQ(notes("cgroup cpu.weight"), 1);

	// By each scheduler anew, when it is loaded.
	unload();
	load(tracing());
	EXPECT_EQ(notes("cgroup cpu.weight"), 2);
}

TEST_F(Groups, WhoHasWeightsIsNotReproached)
{
	Scheduler scheduler = tracing();

	scheduler.flags = SCX_OPS_HAS_CGROUP_WEIGHT;
	load(scheduler);
	machine.create_group("x", machine.groups.front());
	EXPECT_EQ(notes("cgroup cpu.weight"), 0);
}

TEST_F(Groups, IdleGroupsAreNotedOnce)
{
	task_group& x = machine.create_group("x", machine.groups.front());

	load(tracing());
	scx_entry_group_set_idle(&x, true);
	EXPECT_EQ(notes("cgroup cpu.idle"), 0) << "it is not idle yet";
	x.idle = 1;
	scx_entry_group_set_idle(&x, true);
	scx_entry_group_set_idle(&x, true);
	EXPECT_EQ(notes("cgroup cpu.idle"), 1);
	unload();
	scx_entry_group_set_idle(&x, true);
	EXPECT_EQ(notes("cgroup cpu.idle"), 1);
}

TEST_F(Groups, WeightsAreTold)
{
	std::string told;
	Scheduler scheduler = tracing();
	task_group& x = machine.create_group("x", machine.groups.front());

	scheduler.cgroup_set_weight = [&](cgroup* group, u32 weight) {
		told += group->name + std::to_string(weight) + " ";
	};
	scx_entry_group_set_weight(&x, 300);
	load(scheduler);
	scx_entry_group_set_weight(&x, 100);
	EXPECT_EQ(told, "") << "no change";
	scx_entry_group_set_weight(&x, 300);
	EXPECT_EQ(told, "x300 ");
	unload();
	load(tracing());
	scx_entry_group_set_weight(&x, 200);
	EXPECT_EQ(told, "x300 ") << "who does not ask is not told";
}

TEST_F(Groups, NothingIsToldWithoutAScheduler)
{
	task_group& x = machine.create_group("x", machine.groups.front());
	task_struct& a = machine.create_task("a");

	move(a, x);
	EXPECT_EQ(a.scx.cgrp_moving_from, nullptr);

	cgroup_taskset set{{&a}, x.host_cgroup};

	scx_entry_cgroup_cancel_attach(&set);
	scx_entry_tg_offline(&x);
	EXPECT_EQ(trace, "");
}

TEST_F(Groups, AMoveMayBeCalledOff)
{
	std::string told;
	Scheduler scheduler = tracing();
	task_group& x = machine.create_group("x", machine.groups.front());
	task_struct& a = machine.create_task("a");
	task_struct& b = machine.create_task("b");

	scheduler.cgroup_cancel_move = [&](task_struct* p, cgroup* from, cgroup* to) {
		told += p->comm + from->name + to->name + " ";
	};
	load(scheduler);

	cgroup_taskset set{{&a, &b}, x.host_cgroup};

	EXPECT_EQ(scx_entry_cgroup_can_attach(&set), 0);
	scx_entry_cgroup_cancel_attach(&set);
	EXPECT_EQ(told, "a/x b/x ");
	scx_entry_cgroup_cancel_attach(&set);
	EXPECT_EQ(told, "a/x b/x ") << "nothing is under way";
}

TEST_F(Groups, ADeadTaskEndsBeforeItsGroup)
{
	std::string told;
	Scheduler scheduler = tracing();
	task_group& x = machine.create_group("x", machine.groups.front());
	task_struct& dead = machine.create_task("dead", {.group = &x});
	task_struct& alive = machine.create_task("alive", {.group = &x});
	task_struct& elsewhere = machine.create_task("elsewhere");

	scheduler.exit_task = [&](task_struct* p, scx_exit_task_args*) {
		told += std::string("exit:") + p->comm + " ";
	};
	scheduler.cgroup_exit = [&](cgroup* group) { told += "group:" + group->name + " "; };
	load(scheduler);
	for (task_struct* p : {&dead, &elsewhere}) {
		machine.wake(*p);
		machine.settle();
		machine.exit_running(*p);
	}
	told.clear();
	scx_entry_tg_offline(&x);
	EXPECT_EQ(told, "exit:dead group:x ");
	told.clear();
	scx_entry_tg_offline(&x);
	EXPECT_EQ(told, "") << "once";
	alive.sched_task_group = machine.groups.front();
	dead.sched_task_group = machine.groups.front();
	unload();
}

// The kernel keeps a dead task for longer than its group: at the next load it counts as its
// parent's.
TEST_F(Groups, ATaskThatHasOutlivedItsGroupAtTheLoad)
{
	std::string told;
	Scheduler scheduler = tracing();
	task_group& x = machine.create_group("x", machine.groups.front());
	task_group& y = machine.create_group("y", &x);
	task_struct& dead = machine.create_task("dead", {.group = &y});

	machine.wake(dead);
	machine.settle();
	machine.exit_running(dead);
	y.scx_flags &= ~SCX_TG_ONLINE;

	scheduler.init_task = [&](task_struct* p, scx_init_task_args* args) {
		if (p == &dead)
			told += "init:" + args->cgroup->name + " ";
		return 0;
	};
	scheduler.exit_task = [&](task_struct* p, scx_exit_task_args*) {
		if (p == &dead)
			told += "exit ";
	};
	scheduler.cgroup_exit = [&](cgroup* group) { told += "group:" + group->name + " "; };
	load(scheduler);
	scx_entry_tg_offline(&x);
	EXPECT_EQ(told, "init:x exit group:x ");
	dead.sched_task_group = machine.groups.front();
	unload();
}

TEST_F(Groups, TheGroupOfATask)
{
	std::string told;
	Scheduler scheduler = tracing();
	task_group& x = machine.create_group("x", machine.groups.front());
	task_group& y = machine.create_group("y", &x);
	task_struct& a = machine.create_task("a", {.group = &y});

	scheduler.running = [&](task_struct* p) {
		cgroup* const group = scx_entry_kf_task_cgroup(p);

		told += group->name;
		--group->references;
	};
	load(scheduler);
	machine.wake(a);
	machine.settle();
	EXPECT_EQ(told, "y");

	// Of a group that goes offline, the next that is there.
	y.scx_flags &= ~SCX_TG_ONLINE;
	machine.sleep(a);
	machine.wake(a);
	machine.settle();
	EXPECT_EQ(told, "yx");
	y.scx_flags |= SCX_TG_ONLINE;

	// Without a callback about the task it cannot be known.
	cgroup* const root = scx_entry_kf_task_cgroup(&a);

	EXPECT_EQ(root->name, "/");
	--root->references;
	EXPECT_NE(take_error().find("scx_bpf_task_cgroup() called from where"), std::string::npos);
	unload();
}

TEST_F(Groups, OddResultsOfCallbacks)
{
	Scheduler scheduler = tracing();

	scheduler.cgroup_init = [](cgroup* group, scx_cgroup_init_args*) {
		return group->name == "x" ? 5 : 0;
	};
	load(scheduler);

	auto* x = new task_group{};

	x->host_cgroup = new cgroup{"x"};
	x->parent = machine.groups.front();
	x->scx_weight = 100;
	EXPECT_EQ(scx_entry_tg_online(x), -71);
	EXPECT_NE(take_error().find("ops.cgroup_init() returned 5"), std::string::npos);
	delete x->host_cgroup;
	delete x;
}

} // namespace
} // namespace host
