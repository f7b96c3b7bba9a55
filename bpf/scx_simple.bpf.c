// SPDX-License-Identifier: GPL-2.0
/*
 * scx_simple: every CPU takes its work from one shared queue.
 *
 * A waking task that finds an idle CPU goes straight to it. All others wait in
 * the shared queue, ordered by weighted virtual time, or first come, first
 * served where the user half says so.
 *
 * Virtual time: what a task ran, divided by its weight, is added to its
 * vtime when it stops. The clock follows the largest vtime that has started to
 * run. A task that slept may lag the clock by one slice at most, so that
 * sleeping earns a head start but no hoard.
 *
 * However light a task is, after some seconds of waiting it goes first
 * (scx/overdue.bpf.h).
 *
 * Tasks that must stay on one CPU go by the place of that CPU instead
 * (scx/vtime_places.bpf.h).
 *
 * The clock is written without a lock: a lost update costs a little fairness
 * for an instant, never correctness.
 */
#include <scx/common.bpf.h>
#include <scx/counts.bpf.h>
#include <scx/overdue.bpf.h>
#include <scx/vtime_places.bpf.h>

char LICENSE[] SEC("license") = "GPL";

/* Set by the user half before loading. */
const volatile bool fifo_order;

enum { SHARED_QUEUE = 0 };

/* What a task may be owed for waiting, and may owe, in vtime: one slice of the lightest. */
#define MOST_OWED (SCX_SLICE_DFL * SCX_WEIGHT_DEFAULT)

/* Where tasks were put; the user half sums these over CPUs. */
enum placement {
	PLACED_LOCAL,
	PLACED_SHARED,
	NR_PLACEMENTS,
};

SCX_COUNTS(NR_PLACEMENTS)

static u64 vtime_clock;

s32 BPF_STRUCT_OPS(simple_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool found_idle = false;
	s32 target = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &found_idle);

	if (found_idle) {
		count(PLACED_LOCAL);
		scx_bpf_dispatch(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	}
	return target;
}

/*
 * Who slept has saved up a slice at most. Who kept waiting keeps what it is owed: one slice of a light
 * task takes the clock further than that.
 */
static u64 vtime_in_queue(const struct task_struct *p, bool woke)
{
	u64 earliest = vtime_clock - (woke ? SCX_SLICE_DFL : MOST_OWED);
	u64 latest = vtime_clock + MOST_OWED;

	if (vtime_goes_by_place(p))
		return vtime_by_place(p, woke, SCX_SLICE_DFL);
	if (vtime_before(p->scx.dsq_vtime, earliest))
		return earliest;
	return vtime_before(latest, p->scx.dsq_vtime) ? latest : p->scx.dsq_vtime;
}

void BPF_STRUCT_OPS(simple_enqueue, struct task_struct *p, u64 enq_flags)
{
	count(PLACED_SHARED);
	if (fifo_order) {
		scx_bpf_dispatch(p, SHARED_QUEUE, SCX_SLICE_DFL, enq_flags);
		return;
	}
	scx_bpf_dispatch_vtime(p, SHARED_QUEUE, SCX_SLICE_DFL,
			       vtime_in_queue(p, enq_flags & SCX_ENQ_WAKEUP), enq_flags);
}

void BPF_STRUCT_OPS(simple_dispatch, s32 cpu, struct task_struct *prev)
{
	if (overdue_look_begins())
		overdue_look(SHARED_QUEUE);
	if (!overdue_take())
		scx_bpf_consume(SHARED_QUEUE);
}

void BPF_STRUCT_OPS(simple_tick, struct task_struct *p)
{
	overdue_tick();
}

void BPF_STRUCT_OPS(simple_running, struct task_struct *p)
{
	if (fifo_order)
		return;
	*vtime_place_of(p) = p->scx.dsq_vtime;
	vtime_advance(&vtime_clock, p->scx.dsq_vtime, SCX_SLICE_DFL);
}

void BPF_STRUCT_OPS(simple_stopping, struct task_struct *p, bool runnable)
{
	/* A task that yields has its slice zeroed and so pays for all of it. */
	if (!fifo_order)
		p->scx.dsq_vtime += vtime_charge(SCX_SLICE_DFL - p->scx.slice, p->scx.weight);
}

/* A newcomer starts level with the others: without debt, without credit. */
void BPF_STRUCT_OPS(simple_enable, struct task_struct *p)
{
	p->scx.dsq_vtime = vtime_goes_by_place(p) ? *vtime_place_of(p) : vtime_clock;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(simple_init)
{
	s32 code = scx_bpf_create_dsq(SHARED_QUEUE, -1);

	return code ?: scx_bpf_create_dsq(OVERDUE_QUEUE, -1);
}

void BPF_STRUCT_OPS(simple_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(simple_ops,
	       .select_cpu = (void *)simple_select_cpu,
	       .enqueue = (void *)simple_enqueue,
	       .dispatch = (void *)simple_dispatch,
	       .tick = (void *)simple_tick,
	       .running = (void *)simple_running,
	       .stopping = (void *)simple_stopping,
	       .enable = (void *)simple_enable,
	       .init = (void *)simple_init,
	       .exit = (void *)simple_exit,
	       .name = "simple");
