// SPDX-License-Identifier: GPL-2.0
/*
 * scx_atropos: several domains of CPUs, each with a queue of its own, balanced by user space.
 *
 * Inside a domain all CPUs take their work from the domain's queue, in the order of weighted virtual
 * time or first come, first served. Which task belongs to which domain is the user half's matter: every
 * few seconds it reads what the tasks weigh and wants some of them elsewhere. What cannot wait for that
 * happens here: a task that finds no idle CPU in its domain may wake up on one of another domain (direct
 * greedy), or wake that up to come and look (kick greedy), and a CPU whose domain has nothing to run
 * steals from another one, or lends a turn now and then where tasks cannot be divided evenly. A task
 * that runs abroad still belongs to its domain.
 *
 * Virtual time is measured by the clock of the task's domain. A task that changes its domain keeps its
 * distance from the clock, but is owed a slice at most. What may be saved up is bounded: one slice by
 * sleeping, one slice of the lightest task there can be by waiting, nothing by running. The last is for
 * tasks too heavy for the machine, which run all the time, and whose virtual time falls behind that of
 * the others all the same.
 *
 * Who is at the end of its turn stays on the CPU if nobody in the queue is owed more: one who runs is
 * not in the queue, and two alone on a CPU would take turns whatever their weights.
 */
#include <scx/common.bpf.h>
#include <scx/vtime_places.bpf.h>

#include "scx_atropos.h"
#include "scx_atropos_domains.bpf.h"
#include "scx_atropos_tasks.bpf.h"
#include "scx_atropos_idle.bpf.h"
#include "scx_atropos_steal.bpf.h"
#include "scx_atropos_turns.bpf.h"
#include "scx_atropos_dump.bpf.h"
#include "scx_atropos_user.bpf.h"

char LICENSE[] SEC("license") = "GPL";

/* Set by the user half before loading. */
const volatile bool kthreads_local;

/* Domains whose idle CPUs strangers may wake up on, and be kicked for: set while running. */
u64 direct_greedy_domains;
u64 kick_greedy_domains;

static bool is_local_kthread(const struct task_struct *p)
{
	return kthreads_local && (p->flags & PF_KTHREAD) && p->nr_cpus_allowed == 1;
}

static void put_local(struct task_struct *p, enum atropos_count why, u64 enq_flags)
{
	count(why);
	scx_bpf_dispatch(p, SCX_DSQ_LOCAL, slice_ns, enq_flags);
}

s32 BPF_STRUCT_OPS(atropos_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	struct task_state *task = state_of(p);
	const struct cpumask *home;
	s32 cpu;

	if (!task)
		return prev_cpu;
	follow_wish(p, task);
	home = cpus_in(task->domain, p);
	if (!home)
		return prev_cpu;

	if (waker_suits(p, task, home, wake_flags)) {
		put_local(p, ATROPOS_TO_WAKER, 0);
		return this_cpu();
	}
	cpu = take_idle_at_home(home, prev_cpu);
	if (cpu >= 0) {
		put_local(p, cpu == prev_cpu ? ATROPOS_TO_PREVIOUS : ATROPOS_TO_IDLE, 0);
		return cpu;
	}
	cpu = take_idle_abroad(p, task, direct_greedy_domains);
	if (cpu >= 0) {
		put_local(p, ATROPOS_DIRECT_GREEDY, 0);
		return cpu;
	}

	/* It waits in its domain's queue: near the CPUs that may take it from there. */
	home = cpus_in(task->domain, p);
	if (!home || has_cpu(home, prev_cpu))
		return prev_cpu;
	cpu = (s32)bpf_cpumask_any_distribute(home);
	return cpu < nr_cpus ? cpu : prev_cpu;
}

/* ---- Waiting ---- */

/* Whether only this task's CPU can run it and does not look at the domain's queue. */
static bool is_out_of_reach(struct task_struct *p, const struct task_state *task)
{
	if (!may_use(task, task->domain))
		return true;
	return is_migration_disabled(p) && domain_of_cpu(scx_bpf_task_cpu(p)) != task->domain;
}

/* Where @p waits in the virtual time of its domain. */
static u64 vtime_in_queue(const struct task_struct *p, const struct domain *domain, bool woke)
{
	bool by_place = vtime_goes_by_place(p);
	u64 vtime = by_place ? vtime_by_place(p, woke, slice_ns) : p->scx.dsq_vtime;
	u64 here = by_place ? *vtime_place_of(p) : domain->clock;
	/* A slice of weight 1 takes the clock forward by 100 slices: that much can be owed. */
	u64 earliest = here - (woke ? slice_ns : slice_ns * SCX_WEIGHT_DEFAULT);
	u64 latest = here + longest_wait(domain);

	if (vtime_before(vtime, earliest))
		return earliest;
	return vtime_before(latest, vtime) ? latest : vtime;
}

static void put_in_queue(struct task_struct *p, struct task_state *task, u64 enq_flags)
{
	struct domain *domain = domain_at(task->domain);

	count(ATROPOS_QUEUED);
	task->queued_at = bpf_ktime_get_ns();
	if (fifo_order || !domain) {
		scx_bpf_dispatch(p, task->domain, slice_ns, enq_flags);
		return;
	}
	scx_bpf_dispatch_vtime(p, task->domain, slice_ns,
			       vtime_in_queue(p, domain, enq_flags & SCX_ENQ_WAKEUP), enq_flags);
}

/* Wakes an idle CPU up for @p, which waits now: one that went to sleep before it did, or one abroad. */
static void wake_for(struct task_struct *p, const struct task_state *task)
{
	const struct cpumask *home = cpus_in(task->domain, p);
	s32 cpu = home ? scx_bpf_pick_idle_cpu(home, 0) : -EBUSY;

	if (cpu < 0 && greedy_threshold &&
	    scx_bpf_dsq_nr_queued(task->domain) >= greedy_threshold) {
		cpu = take_idle_abroad(p, task, kick_greedy_domains);
		if (cpu >= 0)
			count(ATROPOS_KICK_GREEDY);
	}
	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

void BPF_STRUCT_OPS(atropos_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_state *task = state_of(p);
	const struct cpumask *home;
	s32 cpu;

	if (!task) {
		scx_bpf_dispatch(p, SCX_DSQ_GLOBAL, slice_ns, enq_flags);
		return;
	}
	follow_wish(p, task);
	if (is_local_kthread(p)) {
		put_local(p, ATROPOS_LOCAL_KTHREAD, enq_flags);
		return;
	}
	if (is_out_of_reach(p, task)) {
		put_local(p, ATROPOS_PINNED, enq_flags);
		return;
	}

	/* Whoever comes here without ops.select_cpu() has not looked for an idle CPU yet. */
	if (!(enq_flags & SCX_ENQ_CPU_SELECTED) && !is_migration_disabled(p)) {
		home = cpus_in(task->domain, p);
		cpu = home ? scx_bpf_pick_idle_cpu(home, 0) : -EBUSY;
		if (cpu >= 0) {
			count(ATROPOS_TO_IDLE);
			scx_bpf_dispatch(p, local_queue_of(cpu), slice_ns, enq_flags);
			return;
		}
	}
	/* Its turn is over, nobody else wants this CPU, and it has no better one. */
	if (enq_flags & SCX_ENQ_LAST) {
		put_local(p, ATROPOS_KEPT, enq_flags);
		return;
	}

	put_in_queue(p, task, enq_flags);
	wake_for(p, task);
}

/* ---- Taking ---- */

/* Whether @prev, for whom nobody waits on @cpu, would find an idle CPU in its own domain. */
static bool should_go_home(struct task_struct *prev, const struct task_state *task, s32 cpu)
{
	const struct cpumask *home;

	if (task->wanted != task->domain)
		return true;
	if (!is_stranger(task, cpu) || is_migration_disabled(prev))
		return false;
	home = cpus_in(task->domain, prev);
	return home && has_idle(home);
}

/* After a turn of a stranger those of the CPU's own domain have one, as long as they want it. */
static bool is_own_turn(const struct task_state *prev, bool goes_on, s32 cpu, u32 own)
{
	return goes_on ? !is_stranger(prev, cpu) : scx_bpf_dsq_nr_queued(own) > 0;
}

void BPF_STRUCT_OPS(atropos_dispatch, s32 cpu, struct task_struct *prev)
{
	u32 own = domain_of_cpu(cpu);
	struct lender *lender = lender_at(cpu);
	struct task_state *task = prev ? state_of(prev) : NULL;
	bool goes_on = task && prev->scx.flags & SCX_TASK_QUEUED;

	if (own >= nr_domains || !lender)
		return;
	if (goes_on)
		account_turn(lender, own, !is_stranger(task, cpu), ran_so_far(prev, task));
	if (greedy_threshold && is_own_turn(task, goes_on, cpu, own) &&
	    lend_turn(lender, own)) {
		count(ATROPOS_LENT);
		return;
	}
	if (goes_on && comes_first(prev, task, cpu)) {
		count(ATROPOS_KEPT);
		prev->scx.slice = slice_ns;
		return;
	}
	if (scx_bpf_consume(own)) {
		count(ATROPOS_TAKEN);
		return;
	}
	/* A slice of its own, or the core would give it the default one. */
	if (goes_on) {
		if (!should_go_home(prev, task, cpu)) {
			count(ATROPOS_KEPT);
			prev->scx.slice = slice_ns;
		}
		return;
	}
	if (greedy_threshold && steal(own, ~0ULL, greedy_threshold))
		count(ATROPOS_STOLEN);
}

/* A real-time task has the CPU: who waits for it finds another one. */
void BPF_STRUCT_OPS(atropos_cpu_release, s32 cpu, struct scx_cpu_release_args *args)
{
	scx_bpf_reenqueue_local();
}

/* ---- Running ---- */

/*
 * A turn ends early for who is owed more than a whole one, as after sleeping; that of a stranger, unless
 * it was lent, for anybody who waits.
 */
void BPF_STRUCT_OPS(atropos_tick, struct task_struct *p)
{
	s32 cpu = scx_bpf_task_cpu(p);
	struct task_state *task = state_of(p);
	struct lender *lender = lender_at(cpu);
	u32 own = domain_of_cpu(cpu);
	struct domain *domain = domain_at(own);
	struct first_waiting first;

	if (domain)
		measure_pace(domain);
	if (!task || !lender || own >= nr_domains || !p->scx.slice ||
	    scx_bpf_dsq_nr_queued(own) <= 0 || !find_first_waiting(own, cpu, &first))
		return;
	if (is_stranger(task, cpu)) {
		if (lender->lends)
			return;
		count(ATROPOS_GIVEN_BACK);
	} else {
		if (!is_cut_short(p, task, &first))
			return;
		count(ATROPOS_CUT_SHORT);
	}
	p->scx.slice = 0;
}

bool BPF_STRUCT_OPS(atropos_yield, struct task_struct *from, struct task_struct *to)
{
	struct task_state *task = state_of(from);

	if (task && !to) {
		task->yielded = true;
		from->scx.slice = 0;
	}
	return false;
}

void BPF_STRUCT_OPS(atropos_runnable, struct task_struct *p, u64 enq_flags)
{
	struct task_state *task = state_of(p);

	if (task)
		set_runnable(task, true);
}

void BPF_STRUCT_OPS(atropos_running, struct task_struct *p)
{
	s32 cpu = scx_bpf_task_cpu(p);
	struct task_state *task = state_of(p);
	struct lender *lender = lender_at(cpu);
	struct domain *domain;
	bool is_own;

	if (!task || !lender)
		return;
	is_own = !is_stranger(task, cpu);
	begin_turn(lender, is_own);
	task->ran_before = p->se.sum_exec_runtime;
	task->yielded = false;
	domain = domain_at(task->domain);
	if (fifo_order || !domain)
		return;
	/*
	 * Abroad it does not have the turn of anybody at home, and may get far ahead of them: whoever
	 * joined them at its virtual time would wait. To those abroad another clock's time says nothing.
	 */
	if (is_own) {
		*vtime_place_of(p) = p->scx.dsq_vtime;
		advance_clock(domain, p->scx.dsq_vtime);
	}
	task->lag = vtime_before(p->scx.dsq_vtime, domain->clock) ?
			    domain->clock - p->scx.dsq_vtime : 0;
}

void BPF_STRUCT_OPS(atropos_stopping, struct task_struct *p, bool runnable)
{
	s32 cpu = scx_bpf_task_cpu(p);
	struct task_state *task = state_of(p);
	struct lender *lender = lender_at(cpu);

	if (!task || !lender)
		return;
	account_turn(lender, domain_of_cpu(cpu), !is_stranger(task, cpu), ran_so_far(p, task));
	if (!fifo_order)
		p->scx.dsq_vtime = vtime_after_turn(p, task);
}

void BPF_STRUCT_OPS(atropos_quiescent, struct task_struct *p, u64 deq_flags)
{
	struct task_state *task = state_of(p);

	if (task)
		set_runnable(task, false);
}

/* ---- Tasks that come, change and go ---- */

s32 BPF_STRUCT_OPS_SLEEPABLE(atropos_init_task, struct task_struct *p,
			     struct scx_init_task_args *args)
{
	struct task_state *task = make_state(p);

	if (!task)
		return -ENOMEM;
	bpf_rcu_read_lock();
	task->domains = domains_of(p);
	bpf_rcu_read_unlock();
	task->domain = first_domain(p, task);
	task->wanted = task->domain;
	return 0;
}

/* A newcomer starts level with the others: without debt, without credit. */
void BPF_STRUCT_OPS(atropos_enable, struct task_struct *p)
{
	struct task_state *task = state_of(p);
	struct domain *domain;

	if (!task)
		return;
	domain = domain_at(task->domain);
	if (domain)
		p->scx.dsq_vtime = vtime_goes_by_place(p) ? *vtime_place_of(p) : domain->clock;
	task->weight = p->scx.weight;
	task->duty.value = 0;
	task->duty.average = 0;
	task->duty_at = bpf_ktime_get_ns();
	task->enabled = true;
}

/* The load of those who died fades; of those who left for another class it is gone at once. */
void BPF_STRUCT_OPS(atropos_disable, struct task_struct *p)
{
	struct task_state *task = state_of(p);

	if (!task)
		return;
	set_runnable(task, false);
	advance_duty(task, bpf_ktime_get_ns());
	if (!(p->flags & PF_EXITING))
		account_task(task->domain, task, -1);
	task->enabled = false;
}

void BPF_STRUCT_OPS(atropos_set_weight, struct task_struct *p, u32 weight)
{
	struct task_state *task = state_of(p);

	if (!task || task->weight == weight)
		return;
	advance_duty(task, bpf_ktime_get_ns());
	account_task(task->domain, task, -1);
	task->weight = weight;
	account_task(task->domain, task, 1);
}

void BPF_STRUCT_OPS(atropos_set_cpumask, struct task_struct *p, const struct cpumask *cpus)
{
	struct task_state *task = state_of(p);

	if (!task)
		return;
	task->domains = domains_of(p);
	if (may_use(task, task->domain) || !task->domains)
		return;
	change_domain(p, task, first_domain(p, task));
	count(ATROPOS_FORCED);
}

/* ---- The scheduler ---- */

s32 BPF_STRUCT_OPS_SLEEPABLE(atropos_init)
{
	s32 error = 0;
	u32 i;

	bpf_for(i, 0, nr_domains) {
		error = make_domain(i);
		if (error)
			return error;
	}
	bpf_for(i, 0, (u32)nr_cpus) {
		error = make_scratch((s32)i);
		if (error)
			return error;
	}
	return 0;
}

void BPF_STRUCT_OPS(atropos_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(atropos_ops,
	       .select_cpu = (void *)atropos_select_cpu,
	       .enqueue = (void *)atropos_enqueue,
	       .dispatch = (void *)atropos_dispatch,
	       .cpu_release = (void *)atropos_cpu_release,
	       .tick = (void *)atropos_tick,
	       .yield = (void *)atropos_yield,
	       .runnable = (void *)atropos_runnable,
	       .running = (void *)atropos_running,
	       .stopping = (void *)atropos_stopping,
	       .quiescent = (void *)atropos_quiescent,
	       .init_task = (void *)atropos_init_task,
	       .enable = (void *)atropos_enable,
	       .disable = (void *)atropos_disable,
	       .set_weight = (void *)atropos_set_weight,
	       .set_cpumask = (void *)atropos_set_cpumask,
	       .dump = (void *)atropos_dump,
	       .dump_task = (void *)atropos_dump_task,
	       .init = (void *)atropos_init,
	       .exit = (void *)atropos_exit,
	       .flags = SCX_OPS_ENQ_LAST,
	       .name = "atropos");
