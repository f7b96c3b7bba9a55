// SPDX-License-Identifier: GPL-2.0
#include "suites/world.hpp"

#include "suites/suite.hpp"

#include "core/dispatch_queue.hpp"
#include "core/exit_info.hpp"
#include "core/locks.hpp"
#include "core/queues.hpp"
#include "core/scheduler_state.hpp"

namespace suite {

namespace {

u32 length_of(char const* text)
{
	u32 length = 0;

	while (text[length])
		++length;
	return length;
}

bool starts_with(char const* text, char const* part)
{
	while (*part)
		if (*text++ != *part++)
			return false;
	return true;
}

} // namespace

Text& Text::append(char const* from)
{
	u32 end = length_of(at);

	while (*from && end + 1 < kSize)
		at[end++] = *from++;
	at[end] = '\0';
	return *this;
}

bool Text::equals(char const* other) const
{
	return length_of(at) == length_of(other) && starts_with(at, other);
}

bool Text::contains(char const* part) const
{
	for (char const* from = at; *from; ++from)
		if (starts_with(from, part))
			return true;
	return !*part;
}

Text names_in(scx_dispatch_q& dsq)
{
	Text names;

	for (task_struct* p = scx::dispatch_queue::next(dsq, nullptr); p;
	     p = scx::dispatch_queue::next(dsq, &p->scx.dsq_list.node))
		names.append(names.at[0] ? " " : "").append(p->comm);
	return names;
}

Text names_in(u64 dsq_id)
{
	scx::RcuRead rcu;
	scx_dispatch_q* const dsq = scx::user_queues::find(dsq_id);

	return dsq ? names_in(*dsq) : Text{"no such queue"};
}

constinit World::Exit World::exit_{};
sched_ext_ops World::table_;

World::World(Shape shape, Module module) : allocations_before_{machine::live_allocations()}
{
	exit_ = {};
	ready_ = machine::create(shape);
	if (ready_ && module == Module::inserted) {
		inserted_ = scx_entry_init() == 0;
		ready_ = inserted_;
	}
}

World::~World()
{
	if (inserted_) {
		CHECK_TEXT(take_error(), "");
		unload();
		machine::end_grace_period();
		scx_entry_exit();
	}
	CHECK_EQUAL(machine::take_warnings(), 0);
	machine::destroy();
	CHECK_EQUAL(machine::live_allocations(), allocations_before_);
}

task_struct& World::task(char const* name, s32 cpu, u64 allowed)
{
	task_struct* const p = machine::fork(name, cpu, allowed);

	CXXRT_BUG_ON(!p);
	return *p;
}

task_struct& World::woken(char const* name, s32 cpu, u64 allowed)
{
	task_struct& p = task(name, cpu, allowed);

	machine::wake(p, 0, SCX_WAKE_TTWU);
	return p;
}

int World::load(sched_ext_ops const& table)
{
	exit_ = {};
	table_ = table;
	table_.exit = on_exit;
	return scx_entry_register(&table_, &table_);
}

void World::unload()
{
	if (scx::scheduler.state() != SCX_OPS_DISABLED)
		scx_entry_unregister(&table_);
}

bool World::enabled()
{
	return scx::scheduler.state() == SCX_OPS_ENABLED;
}

void World::on_exit(scx_exit_info* info)
{
	exit_ = {true, info->kind, info->exit_code, Text{info->msg}};
}

Text World::take_error()
{
	if (!scx::exit_control.pending())
		return {};

	scx_exit_info const* const info = scx::exit_control.take();

	machine::forget_disable_work();
	scx::exit_control.arm();
	return Text{info->msg};
}

Text World::local(s32 cpu)
{
	return names_in(machine::rq(cpu).scx.local_dsq);
}

Text World::running(s32 cpu)
{
	return Text{machine::rq(cpu).curr->comm};
}

sched_ext_ops& keeping_scheduler()
{
	static constinit sched_ext_ops table;

	__builtin_memset(&table, 0, sizeof(table));
	table.select_cpu = [](task_struct*, s32 previous, u64) { return previous; };
	table.enqueue = [](task_struct*, u64) {};
	table.init = [] {
		for (u64 id = 1; id <= 3; ++id)
			if (s32 const failed = scx_entry_kf_create_dsq(id, -1))
				return failed;
		return 0;
	};
	table.exit_dump_len = 4096;
	table.name[0] = 'k';
	return table;
}

} // namespace suite
