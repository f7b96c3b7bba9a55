// SPDX-License-Identifier: GPL-2.0
/*
 * Core scheduling by an order of its own: of two tasks that may not share a core, one called `early`
 * is to get four times as much as one called `late`. Whoever has had less of what it should have comes
 * first; all other tasks come before both.
 */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

enum { PORTION = 4 };

static bool is_called(const struct task_struct *p, const char *name, u32 size)
{
	return !bpf_strncmp(p->comm, size, name);
}

static const char early[] = "early";
static const char late[] = "late";

/* What a task pays for a nanosecond; 0: it is none of the two. */
static u64 price(const struct task_struct *p)
{
	if (is_called(p, early, sizeof(early)))
		return 1;
	return is_called(p, late, sizeof(late)) ? PORTION : 0;
}

/* What `early` and `late` have paid; only their CPU writes it. */
u64 paid_early, paid_late;

static u64 paid_by(u64 price)
{
	return price == 1 ? paid_early : price == PORTION ? paid_late : 0;
}

s32 BPF_STRUCT_OPS(order_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(order_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dispatch(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL / PORTION, enq_flags);
}

void BPF_STRUCT_OPS(order_running, struct task_struct *p)
{
	p->scx.dsq_vtime = p->se.sum_exec_runtime;
}

static void charge(struct task_struct *p)
{
	u64 ran = p->se.sum_exec_runtime - p->scx.dsq_vtime;

	if (price(p) == 1)
		paid_early += ran;
	else if (price(p) == PORTION)
		paid_late += ran * PORTION;
	p->scx.dsq_vtime = p->se.sum_exec_runtime;
}

/* Who is alone on its CPU gets one slice after the other and never stops. */
void BPF_STRUCT_OPS(order_tick, struct task_struct *p)
{
	charge(p);
}

void BPF_STRUCT_OPS(order_stopping, struct task_struct *p, bool runnable)
{
	charge(p);
}

bool BPF_STRUCT_OPS(order_core_sched_before, struct task_struct *a, struct task_struct *b)
{
	u64 price_a = price(a), price_b = price(b);

	if (!price_a || !price_b)
		return price_a < price_b;
	return paid_by(price_a) < paid_by(price_b);
}

void BPF_STRUCT_OPS(order_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(order_ops,
	       .select_cpu = (void *)order_select_cpu,
	       .enqueue = (void *)order_enqueue,
	       .running = (void *)order_running,
	       .tick = (void *)order_tick,
	       .stopping = (void *)order_stopping,
	       .core_sched_before = (void *)order_core_sched_before,
	       .exit = (void *)order_exit,
	       .timeout_ms = 10000,
	       .name = "own_order");
