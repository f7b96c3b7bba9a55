// SPDX-License-Identifier: GPL-2.0
// Tasks: their birth, their end, and what people change about them.
#include "stand_ins/machine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

namespace host {

namespace {

void init_entity(sched_ext_entity& entity)
{
	entity.sticky_cpu = -1;
	entity.holding_cpu = -1;
	entity.runnable_at = jiffies;
	entity.ddsp_dsq_id = SCX_DSQ_INVALID;
	entity.slice = SCX_SLICE_DFL;
	scx::list::init(entity.dsq_list.node);
	scx::list::init(entity.runnable_node);
	scx::list::init(entity.tasks_node);
	scx::rbtree::clear_node(entity.dsq_priq);
}

s32 weight_of_mask(cpumask const& mask)
{
	s32 count = 0;

	for (unsigned long word : mask.bits)
		count += __builtin_popcountl(word);
	return count;
}

class ForkRead {
public:
	explicit ForkRead(Machine& machine) : machine_{machine}
	{
		if (machine.meeting) {
			machine.meeting->before_lock(&scx_fork_rwsem.host_writers);
			machine.meeting->wait_until([] { return !scx_fork_rwsem.host_writers; });
			machine.meeting->locked(&scx_fork_rwsem.host_writers);
		}
		++scx_fork_rwsem.host_readers;
	}
	ForkRead(ForkRead const&) = delete;
	ForkRead& operator=(ForkRead const&) = delete;
	~ForkRead()
	{
		--scx_fork_rwsem.host_readers;
		if (machine_.meeting)
			machine_.meeting->unlocking(&scx_fork_rwsem.host_writers);
	}

private:
	Machine& machine_;
};

} // namespace

task_struct* Machine::fork(char const* name, TaskOptions const& options)
{
	auto owned = std::make_unique<task_struct>();
	task_struct& p = *owned;

	std::strncpy(p.comm, name, sizeof(p.comm) - 1);
	p.pid = p.tgid = next_pid_++;
	kshim_raw_spin_init(&p.pi_lock);
	init_entity(p.scx);
	p.policy = static_cast<unsigned int>(options.policy);
	p.static_prio = p.prio = MAX_RT_PRIO + 20;
	if (options.realtime)
		p.prio = MAX_RT_PRIO - 1;
	p.cpus_mask = options.allowed.empty() ? __cpu_possible_mask : mask_of(options.allowed);
	p.cpus_ptr = &p.cpus_mask;
	p.nr_cpus_allowed = weight_of_mask(p.cpus_mask);
	p.thread_info.cpu = static_cast<u32>(options.cpu);
	p.sched_task_group = options.group ? options.group : groups.front();
	p.host_references = 1;

	// Held for reading from here to the end, as kernel/fork.c does.
	ForkRead const reading{*this};

	p.sched_class = __setscheduler_class(options.policy, p.prio);
	if (scx_entry_fork(&p) || options.fail_late) {
		scx_entry_cancel_fork(&p);
		return nullptr;
	}
	scx_entry_post_fork(&p);
	kshim_tasks_lock_irq();
	scx::list::push_back(all_tasks, p.scx.tasks_node);
	kshim_tasks_unlock_irq();
	tasks_.push_back(std::move(owned));
	return &p;
}

task_struct& Machine::create_task(char const* name, TaskOptions const& options)
{
	task_struct* const p = fork(name, options);

	if (!p) {
		complain(std::string("fork failed: ") + name);
		std::abort();
	}
	return *p;
}

void Machine::free_task(task_struct& p)
{
	if (p.on_rq || is_running(p))
		complain(std::string("task freed that is runnable: ") + p.comm);
	kshim_put_task(&p);
}

// Nobody refers to it any more.
void Machine::reap(task_struct& p)
{
	unlink(p);
	free_unlinked(p);
}

void Machine::unlink(task_struct& p)
{
	kshim_tasks_lock_irq();
	scx::list::remove_init(p.scx.tasks_node);
	kshim_tasks_unlock_irq();
}

void Machine::free_unlinked(task_struct& p)
{
	if (p.scx.flags & SCX_TASK_STATE_MASK) {
		kshim_rcu_read_lock();
		scx_entry_task_free(&p);
		kshim_rcu_read_unlock();
	}
	std::erase_if(tasks_, [&](auto& owned) {
		if (owned.get() != &p)
			return false;
		if (meeting && meeting->keep_freed(&p, sizeof(p)))
			dead_.push_back(std::move(owned));
		return true;
	});
}

void Machine::exit_running(task_struct& p)
{
	p.flags |= PF_EXITING;
	p.exit_state = 1;
	p.__state = TASK_DEAD;
	sleep(p);
}

bool Machine::is_running(task_struct const& p)
{
	return scx::task_rq(p).curr == &p;
}

// The kernel's way to change a task: off its class, the change, and back on.
void Machine::change(task_struct& p, u32 flags, std::function<void()> const& what)
{
	s32 const came_from = acting_on();
	rq_flags locked;

	act_on(scx::task_cpu(p));
	struct rq& rq = *task_rq_lock(&p, &locked);
	bool const queued = p.on_rq;
	bool const running = rq.curr == &p;

	update_rq_clock(&rq);
	if (queued)
		dequeue(rq, p, static_cast<int>(flags));
	if (running)
		put_prev(rq, p, nullptr);
	what();
	if (queued)
		enqueue(rq, p, static_cast<int>(flags));
	if (running)
		set_next(rq, p, false);
	kshim_task_rq_unlock(&rq, &p, &locked);
	act_on(came_from);
}

void Machine::set_affinity(task_struct& p, std::vector<s32> const& allowed)
{
	cpumask const mask = mask_of(allowed);
	affinity_context context{&mask, nullptr, 0};

	change(p, DEQUEUE_SAVE, [&] {
		if (p.sched_class == &ext_sched_class)
			scx_entry_set_cpus_allowed(&p, &context);
		else
			set_cpus_allowed_common(&p, &context);
	});
	if (p.on_rq && !scx::mask_test(p.cpus_mask, scx::task_cpu(p)))
		move_off(p);
}

void Machine::set_policy(task_struct& p, s32 policy, bool realtime)
{
	rq_flags locked;
	s32 const came_from = acting_on();

	act_on(scx::task_cpu(p));
	struct rq& rq = *task_rq_lock(&p, &locked);
	sched_class const* const before = p.sched_class;
	int const old_prio = p.prio;
	sched_enq_and_set_ctx context;

	if (kernel_enabled && scx_entry_check_setscheduler(&p, policy)) {
		kshim_task_rq_unlock(&rq, &p, &locked);
		act_on(came_from);
		return;
	}
	sched_deq_and_put_task(&p, DEQUEUE_SAVE | DEQUEUE_MOVE, &context);
	p.policy = static_cast<unsigned int>(policy);
	p.prio = realtime ? static_cast<int>(MAX_RT_PRIO) - 1 : p.static_prio;
	p.sched_class = __setscheduler_class(policy, p.prio);
	check_class_changing(&rq, &p, before);
	sched_enq_and_set_task(&context);
	check_class_changed(&rq, &p, before, old_prio);
	kshim_task_rq_unlock(&rq, &p, &locked);
	act_on(came_from);
}

void Machine::set_nice(task_struct& p, s32 nice)
{
	change(p, DEQUEUE_SAVE, [&] {
		p.static_prio = p.prio = MAX_RT_PRIO + 20 + nice;

		// load_weight has 10 more bits.
		load_weight const weight{
			static_cast<unsigned long>(sched_prio_to_weight[20 + nice]) << 10, 0};

		if (p.sched_class == &ext_sched_class)
			scx_entry_reweight_task(&scx::task_rq(p), &p, &weight);
	});
}

} // namespace host

// ---- What the core calls of the kernel ----

using host::Machine;

sched_class const* __setscheduler_class(int policy, int prio)
{
	if (prio < MAX_RT_PRIO)
		return &rt_sched_class;
	return Machine::get().kernel_enabled && scx_entry_should_scx(policy) ? &ext_sched_class
									     : &fair_sched_class;
}

void check_class_changing(struct rq* rq, task_struct* p, sched_class const* before)
{
	host::assert_locked(rq);
	if (p->sched_class != before && p->sched_class == &ext_sched_class)
		scx_entry_switching_to(rq, p);
}

void check_class_changed(struct rq* rq, task_struct* p, sched_class const* before, int)
{
	host::assert_locked(rq);
	if (p->sched_class != before && before == &ext_sched_class)
		scx_entry_switched_from(rq, p);
}

void set_cpus_allowed_common(task_struct* p, affinity_context* context)
{
	p->cpus_mask = *context->new_mask;
	p->nr_cpus_allowed = host::weight_of_mask(p->cpus_mask);
}

void sched_deq_and_put_task(task_struct* p, int flags, sched_enq_and_set_ctx* context)
{
	struct rq& rq = scx::task_rq(*p);

	host::assert_locked(&rq);
	*context = {p, flags, p->on_rq == int{host::kOnRunqueue}, rq.curr == p};
	update_rq_clock(&rq);
	if (context->queued)
		Machine::get().dequeue(rq, *p, flags);
	if (context->running)
		Machine::get().put_prev(rq, *p, nullptr);
}

void sched_enq_and_set_task(sched_enq_and_set_ctx* context)
{
	struct rq& rq = scx::task_rq(*context->p);

	host::assert_locked(&rq);
	if (context->queued)
		Machine::get().enqueue(rq, *context->p, context->queue_flags);
	if (context->running)
		Machine::get().set_next(rq, *context->p, false);
}

void set_task_cpu(task_struct* p, unsigned int cpu)
{
	if (p->on_rq && !scx::task_on_rq_migrating(*p))
		Machine::get().complain("set_task_cpu of a task that is not migrating");
	p->thread_info.cpu = cpu;
}

bool kshim_tryget_task(task_struct* p)
{
	return p->host_references && ++p->host_references;
}

void kshim_put_task(task_struct* p)
{
	host::Meeting* const meeting = Machine::get().meeting;

	// As refcount_dec_and_test() orders.
	if (meeting) {
		meeting->unlocking(&p->host_references);
		meeting->locked(&p->host_references);
	}
	if (!--p->host_references)
		Machine::get().reap(*p);
}

task_group* kshim_task_group(task_struct* p)
{
	return p->sched_task_group;
}

char kshim_task_state_char(task_struct* p)
{
	return p->on_rq ? 'R' : 'S';
}

u32 kshim_stack_of_task(task_struct*, unsigned long* store, u32 size)
{
	if (!size)
		return 0;
	store[0] = 0x1234;
	return 1;
}
