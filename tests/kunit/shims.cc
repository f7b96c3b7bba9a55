// SPDX-License-Identifier: GPL-2.0
// The shims of abi/shim.h that ask about CPUs and tasks, or change what the kernel does: answered
// by the made-up machine. Those that can be the real ones are in services.c.
#include "kunit/made_up.hpp"

using made_up::machine;

// ---- CPUs ----

task_struct* kshim_current(void)
{
	return made_up::here().rq->curr;
}

s32 kshim_this_cpu(void)
{
	return service_acting_on();
}

struct rq* kshim_cpu_rq(s32 cpu)
{
	return made_up::cpu(cpu).rq;
}

u32 kshim_nr_cpu_ids(void)
{
	return static_cast<u32>(machine.shape.cpus);
}

u32 kshim_nr_node_ids(void)
{
	return static_cast<u32>(machine.shape.nodes);
}

s32 kshim_cpu_to_node(s32 cpu)
{
	return cpu * machine.shape.nodes / machine.shape.cpus;
}

bool kshim_node_possible(s32 node)
{
	return node < machine.shape.nodes;
}

bool kshim_smt_active(void)
{
	return machine.shape.threads_per_core > 1;
}

cpumask const* kshim_smt_mask(s32 cpu)
{
	return &made_up::cpu(cpu).siblings;
}

bool kshim_domains_isolated(void)
{
	return false;
}

u32 kshim_cpu_capacity(s32)
{
	return SCX_CPUPERF_ONE;
}

u32 kshim_cpu_frequency(s32)
{
	return SCX_CPUPERF_ONE;
}

// ---- Locks that keep nobody out here ----

void kshim_task_rq_unlock(struct rq* rq, task_struct*, rq_flags* saved)
{
	raw_spin_rq_unlock(rq);
	kshim_irq_restore(saved->flags);
}

void kshim_tasks_lock_irq(void)
{
	kshim_irq_disable();
}

void kshim_tasks_unlock_irq(void)
{
	kshim_irq_enable();
}

list_head* kshim_tasks(void)
{
	return &machine.all_tasks;
}

void kshim_bypass_lock(void)
{}

void kshim_bypass_unlock(void)
{}

void kshim_enable_lock(void)
{}

void kshim_enable_unlock(void)
{}

// ---- Runqueues and tasks ----

void kshim_add_nr_running(struct rq*, u32)
{}

void kshim_sub_nr_running(struct rq*, u32)
{}

void kshim_queue_wait_callback(struct rq* rq)
{
	made_up::cpu(rq->cpu).wait_callback = true;
}

void kshim_update_tick_dependency(struct rq*)
{}

bool kshim_core_scheduling(struct rq*)
{
	return false;
}

bool kshim_core_scheduling_used(void)
{
	return false;
}

bool kshim_core_cookie_matches(struct rq*, task_struct*)
{
	return true;
}

void kshim_set_need_resched(task_struct* p)
{
	made_up::cpu(scx::task_cpu(*p)).need_resched = true;
}

bool kshim_need_resched(task_struct* p)
{
	return made_up::cpu(scx::task_cpu(*p)).need_resched;
}

bool kshim_task_allowed_on_cpu(task_struct* p, s32 cpu)
{
	return scx::mask_test(*p->cpus_ptr, cpu);
}

void kshim_cpufreq_update(struct rq*)
{}

bool kshim_server_active(struct rq* rq)
{
	return made_up::cpu(rq->cpu).server_active;
}

void kshim_server_start(struct rq* rq)
{
	made_up::cpu(rq->cpu).server_active = true;
}

void kshim_server_charge(struct rq*, s64)
{}

bool kshim_tryget_task(task_struct*)
{
	return true;
}

void kshim_put_task(task_struct*)
{}

// All are of one group, which has no parent.
task_group* kshim_task_group(task_struct*)
{
	static constinit task_group only{};

	return &only;
}

char kshim_task_state_char(task_struct* p)
{
	return p->on_rq ? 'R' : 'S';
}

u32 kshim_stack_of_task(task_struct*, unsigned long*, u32)
{
	return 0;
}

// ---- Switches, work, groups ----

void kshim_set_enabled(bool on)
{
	machine.enabled = on;
}

void kshim_set_switched_all(bool)
{}

u64 kshim_hotplug_seq(void)
{
	return 0;
}

int kshim_run_on_enable_worker(int (*work)(void*), void* argument)
{
	return work(argument);
}

void kshim_queue_disable_work(s32)
{
	scx::write_once(machine.disable_work_pending, true);
}

void kshim_flush_disable_work(void)
{
	if (cxxrt::take(machine.disable_work_pending, false))
		scx_entry_disable_work();
}

unsigned long kshim_msecs_to_jiffies(u32 ms)
{
	return ms;
}

// A case calls the watchdog when it wants it.
void kshim_queue_watchdog(unsigned long)
{}

void kshim_cancel_watchdog(void)
{}

cgroup* kshim_group_cgroup(task_group*)
{
	return nullptr;
}

bool kshim_group_has_parent(task_group*)
{
	return false;
}

void kshim_cgroup_get(cgroup*)
{}

int kshim_for_each_group(bool, int (*)(task_group*))
{
	return 0;
}

int kshim_for_each_moving_task(cgroup_taskset*, int (*)(task_struct*, cgroup*))
{
	return 0;
}

int kshim_root_create(void)
{
	return 0;
}

void kshim_root_announce(void)
{}

void kshim_root_remove(void)
{}
