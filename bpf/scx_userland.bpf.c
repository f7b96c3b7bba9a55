// SPDX-License-Identifier: GPL-2.0
/*
 * scx_userland: a process decides who runs; this half only carries its mail.
 *
 * A task that wants to run is reported to the user half, which keeps all that
 * wait in order, and answers with the CPU on which the task shall run. The
 * thread that decides is itself scheduled here, by one rule: it runs on a CPU
 * that has nothing to do while somebody waits, and when it has decided it
 * yields, which hands the CPU to the task that it chose. Until it is needed
 * again it stays off, runnable but in no queue. It says itself that it yields:
 * another CPU that summons it just then may prolong its turn, and it goes on.
 *
 * What it may have to wait for must never wait for it: the other threads of its
 * process, kernel threads and exiting tasks go to their CPU at once.
 *
 * `needed` is set after each message, and cleared by the thread before it reads
 * its mail; so it is never off with mail unread. The other thread of the process
 * sets it too when it runs, which it does several times per second: a task that
 * is off for too long looks starved to the kernel's watchdog, and off it would
 * not even notice that it has been killed. An answer names the stay in the queue
 * that it is about: one that comes too late is dropped.
 *
 * A task that has used up its slice while nobody waits goes on without asking.
 * When the mail overflows, tasks pass by it in a queue of their own. A user
 * half that stops answering is thrown out by the kernel's watchdog.
 */
#include <scx/affinity.bpf.h>
#include <scx/common.bpf.h>
#include <scx/counts.bpf.h>
#include <scx/task_states.bpf.h>
#include <scx/userland.h>

char LICENSE[] SEC("license") = "GPL";

/* Set by the user half before loading. */
const volatile u64 slice_ns = 20000000;

/* Set by the user half before the scheduler is in force. */
u32 decider_thread;
u32 own_process;

/* Shared with the user half while it runs: see above; what each CPU is waiting for, a bit each. */
u32 needed;
u32 decider_yields;
u32 decider_cpu; /* USERLAND_CPUS, by the user half, until it first runs under this scheduler */
u64 idle_cpus[USERLAND_CPUS / 64];
u32 over;

enum {
	OVERFLOW_QUEUE = USERLAND_CPUS, /* after those of CPUs */
	DISPATCH_BATCH = 128,
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} messages SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_USER_RINGBUF);
	__uint(max_entries, 1 << 18);
} decisions SEC(".maps");

struct task_state {
	u64 vtime;
	u64 reported; /* how much of its CPU time */
	u32 stay;
	u32 reported_waiting; /* 1 from the message to the answer */
};

SCX_TASK_STATES(struct task_state)

/* Atomic: messages without an answer. */
static s32 nr_reported;

/* What the user half sums over CPUs. */
enum happening {
	USERLAND_REPORTED, /* a task was reported */
	USERLAND_DECIDED,  /* an answer was carried out */
	USERLAND_STALE,	   /* an answer came too late */
	USERLAND_PASSED,   /* a task that the user half may need went to its CPU at once */
	USERLAND_OVERFLOW, /* the mail was full */
	USERLAND_KEPT,	   /* a task went on because nobody waited */
	USERLAND_RUNS,	   /* the deciding thread ran */
	NR_HAPPENINGS,
};

SCX_COUNTS(NR_HAPPENINGS)

static bool decides(const struct task_struct *p)
{
	return (u32)p->pid == decider_thread;
}

static bool passes_by(const struct task_struct *p)
{
	return (p->flags & PF_KTHREAD) || (u32)p->tgid == own_process;
}

static void mark_idle(s32 cpu, bool idle)
{
	u64 bit = 1ULL << ((u32)cpu % 64);
	u64 *word = &idle_cpus[((u32)cpu / 64) % (USERLAND_CPUS / 64)];

	if (idle && !(*word & bit))
		__sync_fetch_and_or(word, bit);
	else if (!idle && (*word & bit))
		__sync_fetch_and_and(word, ~bit);
}

/* A full barrier: who finds it clear has what is sent before. */
static bool is_needed(void)
{
	return __sync_fetch_and_or(&needed, 0) != 0;
}

/*
 * The CPU of @p, which may not run anywhere: the one at which it woke up, chosen by then; else an idle one, or
 * each of them in turn.
 */
static s32 cpu_to_wait_for(struct task_struct *p, u64 enq_flags)
{
	s32 idle;

	if ((enq_flags & SCX_ENQ_WAKEUP) || must_stay(p))
		return scx_bpf_task_cpu(p);
	idle = wake_idle_cpu_for(p);
	return idle >= 0 ? idle : any_cpu_of(p);
}

/* False if the mail is full. */
static bool report(struct task_struct *p, struct task_state *state, u64 enq_flags)
{
	struct userland_message *message = bpf_ringbuf_reserve(&messages, sizeof(*message), 0);
	u64 total = p->se.sum_exec_runtime;

	if (!message)
		return false;
	state->stay++;
	message->vtime = state->vtime;
	message->ran = total - state->reported;
	message->thread = (u32)p->pid;
	message->stay = state->stay;
	message->weight = p->scx.weight;
	message->cpu = runs_anywhere(p) ? USERLAND_ANY_CPU : cpu_to_wait_for(p, enq_flags);
	message->flags = (enq_flags & SCX_ENQ_WAKEUP ? USERLAND_WOKE : 0) |
		(state->stay == 1 ? USERLAND_NEW : 0);
	message->padding = 0;
	state->reported = total;
	state->reported_waiting = 1;
	__sync_fetch_and_add(&nr_reported, 1);
	bpf_ringbuf_submit(message, BPF_RB_NO_WAKEUP);
	__sync_fetch_and_or(&needed, 1);
	return true;
}

/* It is no longer the user half's. False if it was not. */
static bool end_report(struct task_state *state)
{
	if (!__sync_lock_test_and_set(&state->reported_waiting, 0))
		return false;
	__sync_fetch_and_add(&nr_reported, -1);
	return true;
}

s32 BPF_STRUCT_OPS(userland_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool found_idle = false;
	s32 target = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &found_idle);

	if (found_idle && passes_by(p)) {
		count(USERLAND_PASSED);
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	}
	return target;
}

/* The deciding thread goes on unless it yielded with nothing left to do; else it stays off. */
static void enqueue_decider(struct task_struct *p, u64 enq_flags)
{
	if (READ_ONCE(decider_yields) && !(enq_flags & SCX_ENQ_WAKEUP) && !is_needed())
		return;
	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, enq_flags | SCX_ENQ_PREEMPT);
}

void BPF_STRUCT_OPS(userland_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_state *state = state_of(p);

	if (decides(p)) {
		enqueue_decider(p, enq_flags);
		return;
	}
	if (!state || passes_by(p)) {
		count(USERLAND_PASSED);
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, enq_flags);
		return;
	}
	if (report(p, state, enq_flags)) {
		count(USERLAND_REPORTED);
	} else {
		count(USERLAND_OVERFLOW);
		scx_bpf_dsq_insert(p, OVERFLOW_QUEUE, slice_ns, enq_flags);
	}

	/* A wakeup makes the CPU look for work that was found for it; others have to be told. */
	if (enq_flags & SCX_ENQ_LAST) {
		scx_bpf_kick_cpu(scx_bpf_task_cpu(p), SCX_KICK_IDLE);
	} else if (!(enq_flags & SCX_ENQ_WAKEUP)) {
		wake_idle_cpu_for(p);
	}
}

void BPF_STRUCT_OPS(userland_dequeue, struct task_struct *p, u64 deq_flags)
{
	struct task_state *state = state_of(p);

	if (state)
		end_report(state);
}

/* Carries out one answer. 1 ends the reading: there is no room for more. */
static long take_decision(struct bpf_dynptr *mail, void *context)
{
	struct userland_decision decision;
	struct task_state *state;
	struct task_struct *p;

	if (bpf_dynptr_read(&decision, sizeof(decision), mail, 0, 0))
		return 0;
	p = bpf_task_from_pid((s32)decision.thread);
	if (!p) {
		count(USERLAND_STALE);
		return 0;
	}
	state = state_of(p);
	if (!state || state->stay != decision.stay || !end_report(state)) {
		count(USERLAND_STALE);
	} else {
		count(USERLAND_DECIDED);
		state->vtime = decision.vtime;
		scx_bpf_dsq_insert(p, (u32)decision.cpu % USERLAND_CPUS, decision.slice, 0);
		scx_bpf_kick_cpu(decision.cpu, SCX_KICK_IDLE);
	}
	bpf_task_release(p);
	return !scx_bpf_dispatch_nr_slots();
}

/* Runs the deciding thread here, unless it runs already. */
static void summon_decider(void)
{
	struct task_struct *decider = bpf_task_from_pid((s32)decider_thread);

	if (!decider)
		return;
	scx_bpf_dsq_insert(decider, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	bpf_task_release(decider);
}

void BPF_STRUCT_OPS(userland_dispatch, s32 cpu, struct task_struct *prev)
{
	bool goes_on = prev && (prev->scx.flags & SCX_TASK_QUEUED);

	/* It has not finished: its turn has no end. */
	if (goes_on && decides(prev) && !READ_ONCE(decider_yields)) {
		scx_bpf_task_set_slice(prev, SCX_SLICE_DFL);
		return;
	}

	bpf_user_ringbuf_drain(&decisions, take_decision, NULL, BPF_RB_NO_WAKEUP);
	if (scx_bpf_dsq_move_to_local((u32)cpu) || scx_bpf_dsq_move_to_local(OVERFLOW_QUEUE)) {
		mark_idle(cpu, false);
		return;
	}
	if (is_needed() || nr_reported > 0) {
		mark_idle(cpu, true);
		summon_decider();
		return;
	}
	if (goes_on && !decides(prev)) {
		count(USERLAND_KEPT);
		scx_bpf_task_set_slice(prev, slice_ns);
		return;
	}
	mark_idle(cpu, true);
}

void BPF_STRUCT_OPS(userland_running, struct task_struct *p)
{
	/* What wakes its process, a signal above all, may be meant for it. */
	if (!decides(p)) {
		if ((u32)p->tgid == own_process)
			__sync_fetch_and_or(&needed, 1);
		return;
	}
	count(USERLAND_RUNS);
	decider_cpu = (u32)scx_bpf_task_cpu(p);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(userland_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	struct task_state *state = make_state(p);

	if (!state)
		return -ENOMEM;
	state->reported = p->se.sum_exec_runtime;
	return 0;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(userland_init)
{
	s32 code = scx_bpf_create_dsq(OVERFLOW_QUEUE, -1);
	u32 cpu;

	if (code)
		return code;
	bpf_for(cpu, 0, scx_bpf_nr_cpu_ids()) {
		code = scx_bpf_create_dsq(cpu, -1);
		if (code)
			break;
	}
	return code;
}

void BPF_STRUCT_OPS(userland_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
	over = 1;
}

SCX_OPS_DEFINE(userland_ops,
	       .select_cpu = (void *)userland_select_cpu,
	       .enqueue = (void *)userland_enqueue,
	       .dequeue = (void *)userland_dequeue,
	       .dispatch = (void *)userland_dispatch,
	       .running = (void *)userland_running,
	       .init_task = (void *)userland_init_task,
	       .init = (void *)userland_init,
	       .exit = (void *)userland_exit,
	       .dispatch_max_batch = DISPATCH_BATCH,
	       .flags = SCX_OPS_ENQ_LAST,
	       .timeout_ms = 10000,
	       .name = "userland");
