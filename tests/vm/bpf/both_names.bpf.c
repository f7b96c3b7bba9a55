// SPDX-License-Identifier: GPL-2.0
/*
 * A scheduler that calls everything by each of its names, those of 6.12 and those of later
 * kernels in turn, believes none of the answers, and leaves with code 43 when all were right.
 */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

enum { FIFO = 1, BY_VTIME = 2, ENQUEUES = 4000, EXIT_CODE = 43, OWN_SLICE = 3000000 };

static u64 enqueues, moves, peeks, chosen, refusals;

/* Anything that is not as it should be ends the scheduler with the condition as its message. */
#define EXPECT(condition)	\
	({ if (!(condition)) scx_bpf_error("line %d: " #condition " is false", __LINE__); })

/* Dispatched already, or somebody else's: nobody's to dispatch. */
static void expect_refusal(struct task_struct *p)
{
	u64 slice = p->scx.slice;

	EXPECT(!scx_bpf_dsq_insert(p, FIFO, slice + 1, 0));
	EXPECT(p->scx.slice == slice);
	__sync_fetch_and_add(&refusals, 1);
}

s32 BPF_STRUCT_OPS(both_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	s32 cpu = scx_bpf_select_cpu_and(p, prev_cpu, wake_flags, p->cpus_ptr, 0);

	if (cpu < 0) {
		EXPECT(cpu == -EBUSY);
		return prev_cpu;
	}
	EXPECT(bpf_cpumask_test_cpu((u32)cpu, p->cpus_ptr));
	__sync_fetch_and_add(&chosen, 1);
	/* Through enqueue, most of them: that is what is tried here. */
	if (chosen % 2)
		EXPECT(scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0));
	return cpu;
}

void BPF_STRUCT_OPS(both_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 number = __sync_fetch_and_add(&enqueues, 1);
	struct scx_bpf_dsq_insert_vtime_args args = {
		.dsq_id = BY_VTIME, .slice = OWN_SLICE, .vtime = number, .enq_flags = enq_flags,
	};

	EXPECT(scx_bpf_locked_rq() == scx_bpf_cpu_rq(scx_bpf_task_cpu(p)));
	if (number == ENQUEUES)
		scx_bpf_exit(EXIT_CODE, "%s",
			     moves && peeks && chosen && refusals ? "all was right" : "not all was tried");

	switch (number % 7) {
	case 0:
		scx_bpf_dispatch(p, FIFO, OWN_SLICE, enq_flags);
		break;
	case 1:
		EXPECT(scx_bpf_dsq_insert(p, FIFO, OWN_SLICE, enq_flags));
		break;
	case 2:
		(scx_bpf_dsq_insert)(p, FIFO, OWN_SLICE, enq_flags);
		break;
	case 3:
		scx_bpf_dispatch_vtime(p, BY_VTIME, OWN_SLICE, number, enq_flags);
		break;
	case 4:
		EXPECT(scx_bpf_dsq_insert_vtime(p, BY_VTIME, OWN_SLICE, number, enq_flags));
		break;
	case 5:
		(scx_bpf_dsq_insert_vtime)(p, BY_VTIME, OWN_SLICE, number, enq_flags);
		break;
	default:
		EXPECT(__scx_bpf_dsq_insert_vtime(p, &args));
		break;
	}
	EXPECT(p->scx.slice == OWN_SLICE);
}

/* One task from each queue to the other, or to where it runs, by either generation's names. */
static bool move_one(u64 from, u64 to, bool later)
{
	struct task_struct *p;
	bool moved = false;

	bpf_for_each(scx_dsq, p, from, 0) {
		u64 vtime = p->scx.dsq_vtime + 1;

		if (later) {
			scx_bpf_dsq_move_set_slice(BPF_FOR_EACH_ITER, 2 * OWN_SLICE);
			scx_bpf_dsq_move_set_vtime(BPF_FOR_EACH_ITER, vtime);
			moved = to == BY_VTIME ? scx_bpf_dsq_move_vtime(BPF_FOR_EACH_ITER, p, to, 0)
					       : scx_bpf_dsq_move(BPF_FOR_EACH_ITER, p, to, 0);
		} else {
			scx_bpf_dispatch_from_dsq_set_slice(BPF_FOR_EACH_ITER, 2 * OWN_SLICE);
			scx_bpf_dispatch_from_dsq_set_vtime(BPF_FOR_EACH_ITER, vtime);
			moved = to == BY_VTIME ?
				scx_bpf_dispatch_vtime_from_dsq(BPF_FOR_EACH_ITER, p, to, 0) :
				scx_bpf_dispatch_from_dsq(BPF_FOR_EACH_ITER, p, to, 0);
		}
		break;
	}
	if (moved)
		__sync_fetch_and_add(&moves, 1);
	return moved;
}

void BPF_STRUCT_OPS(both_dispatch, s32 cpu, struct task_struct *prev)
{
	static u64 turns;
	u64 turn = __sync_fetch_and_add(&turns, 1);
	struct task_struct *first = scx_bpf_dsq_peek(FIFO);

	EXPECT(scx_bpf_locked_rq() == scx_bpf_cpu_rq(cpu));
	if (first && first->pid > 0)
		__sync_fetch_and_add(&peeks, 1);
	if (prev && !(prev->scx.flags & SCX_TASK_QUEUED))
		expect_refusal(prev);

	move_one(turn % 2 ? FIFO : BY_VTIME, turn % 2 ? BY_VTIME : FIFO, turn % 4 < 2);
	switch (turn % 3) {
	case 0:
		if (scx_bpf_consume(FIFO) || scx_bpf_consume(BY_VTIME))
			return;
		break;
	case 1:
		if (scx_bpf_dsq_move_to_local(BY_VTIME) || scx_bpf_dsq_move_to_local(FIFO))
			return;
		break;
	default:
		if (scx_bpf_dsq_move_to_local(BY_VTIME, SCX_ENQ_HEAD) ||
		    (scx_bpf_dsq_move_to_local)(FIFO))
			return;
		break;
	}
}

void BPF_STRUCT_OPS(both_running, struct task_struct *p)
{
	u64 before = scx_bpf_now();
	struct task_struct *current = scx_bpf_cpu_curr(scx_bpf_task_cpu(p));

	EXPECT(current);
	EXPECT(!time_before(scx_bpf_now(), before));
	EXPECT(scx_bpf_task_set_slice(p, OWN_SLICE));
	EXPECT(p->scx.slice == OWN_SLICE);
	EXPECT(scx_bpf_task_set_dsq_vtime(p, before));
	EXPECT(p->scx.dsq_vtime == before);
}

void BPF_STRUCT_OPS(both_stopping, struct task_struct *p, bool runnable)
{
	struct scx_event_stats events;

	if (!enqueues || enqueues % 64)
		return;
	scx_bpf_events(&events, sizeof(events));
	/* Loading was one, and over when the first task came to enqueue. */
	EXPECT(scx_read_event(&events, SCX_EV_BYPASS_ACTIVATE) == 1);
	EXPECT(scx_read_event(&events, SCX_EV_BYPASS_DURATION) > 0);
	EXPECT(scx_read_event(&events, SCX_EV_INSERT_NOT_OWNED) >= 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(both_init)
{
	return scx_bpf_create_dsq(FIFO, -1) ?: scx_bpf_create_dsq(BY_VTIME, -1);
}

void BPF_STRUCT_OPS(both_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(both_ops,
	       .select_cpu = (void *)both_select_cpu,
	       .enqueue = (void *)both_enqueue,
	       .dispatch = (void *)both_dispatch,
	       .running = (void *)both_running,
	       .stopping = (void *)both_stopping,
	       .init = (void *)both_init,
	       .exit = (void *)both_exit,
	       .name = "both_names");
