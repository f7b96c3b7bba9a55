// SPDX-License-Identifier: GPL-2.0
/*
 * scx_central: one CPU decides for all, and the others run without ticks.
 *
 * Every task waits in one queue, and only the central CPU takes it out of
 * there: for itself or into the local queue of another CPU. Tasks run with an
 * infinite slice, so that CPUs of nohz_full= need no tick. Their turns are
 * ended by a timer on the central CPU instead: it goes off when the turn of a
 * CPU is over, and while tasks wait the central CPU then sends that CPU one of
 * them, which preempts.
 *
 * `wanting` holds the CPUs that may be sent a task: those without one, and those
 * whose turn is over. It is the only thing that CPUs tell the central one:
 *
 * - A CPU that finds nothing to run enters itself, and wakes the central CPU if
 *   a task waits. It leaves when a turn begins on it.
 * - Whoever queues a task wakes the central CPU if one of those CPUs may run it.
 * - No CPU wakes the central one because of a task that nobody wanting may run,
 *   and the central CPU never wakes itself: it could do so for ever.
 *
 * A CPU may enter itself just while a task is queued, neither seeing the other.
 * The timer, which goes off once in a slice at least, looks after that. So does
 * it after a task that was sent to a CPU which another one reached first.
 *
 * Kernel threads of a single CPU do not wait: others may wait for them.
 */
#include <scx/common.bpf.h>
#include <scx/counts.bpf.h>

char LICENSE[] SEC("license") = "GPL";

enum { WAITING = 0 };

/* Turns that end within so much of each other are ended together. */
enum { SHORTEST_TIMER_NS = 1000000 };

/* A turn that began then is over, whatever the slice. */
enum { LONG_AGO = 1 };

/* Set by the user half before loading. */
const volatile s32 central_cpu;
const volatile s32 preferred_cpu;
const volatile u32 nr_cpus = 1;
const volatile u64 slice_ns = 20000000;

/* Set by the user half's call of start_timer(). */
bool timer_is_pinned;

/* Where the timer went off last. */
s32 timer_cpu = -1;

/* Between init and exit. */
static bool in_force;

/* Counted per CPU; the user half sums them. */
enum counter {
	QUEUED,
	SENT,
	KEPT,
	DECIDED_ELSEWHERE,
	KERNEL_THREADS,
	LOST_RACES,
	TIMER_FIRED,
	TIMER_ELSEWHERE,
	PREEMPTED,
	NR_COUNTERS,
};

SCX_COUNTS(NR_COUNTERS)

struct cpu_state {
	u64 turn_began; /* ns; 0: no task of ours runs */
};

/* An element for each possible CPU: the user half sets the number. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct cpu_state);
} cpu_states SEC(".maps");

struct central_timer {
	struct bpf_timer timer;
};

struct {
	__type(value, struct central_timer);
	__type(key, u32);
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
} timers SEC(".maps");

/* Made by init, and from then on always there. */
static struct bpf_cpumask __kptr *wanting SEC(".data.wanting") __attribute__((aligned(8)));

static void count_decision(u32 what)
{
	count(what);
	if ((s32)bpf_get_smp_processor_id() != central_cpu)
		count(DECIDED_ELSEWHERE);
}

static struct cpu_state *state_of(s32 cpu)
{
	u32 key = (u32)cpu;

	return bpf_map_lookup_elem(&cpu_states, &key);
}

static bool turn_is_over(s32 cpu, u64 now)
{
	struct cpu_state *state = state_of(cpu);
	u64 began = state ? READ_ONCE(state->turn_began) : 0;

	return began && time_delta(now, began) >= (s64)slice_ns;
}

static bool is_runnable(const struct task_struct *p)
{
	return p->scx.flags & SCX_TASK_QUEUED;
}

static bool somebody_waits(void)
{
	return scx_bpf_dsq_nr_queued(WAITING) > 0;
}

/* Its task must stop, or it would not look what there is to do. */
static void wake_central(void)
{
	scx_bpf_kick_cpu(central_cpu, SCX_KICK_PREEMPT);
}

/* As much as possible happens on the central CPU, so that the others are left alone. */
s32 BPF_STRUCT_OPS(central_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return central_cpu;
}

void BPF_STRUCT_OPS(central_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct bpf_cpumask *mask = wanting;

	if ((p->flags & PF_KTHREAD) && p->nr_cpus_allowed == 1) {
		count(KERNEL_THREADS);
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_INF, enq_flags | SCX_ENQ_PREEMPT);
		return;
	}
	count(QUEUED);
	scx_bpf_dsq_insert(p, WAITING, SCX_SLICE_INF, enq_flags);
	if (mask && bpf_cpumask_intersects(cast_mask(mask), p->cpus_ptr))
		wake_central();
}

/* The central CPU sends the first tasks to those who want one and may run them. */
static void send_tasks(struct bpf_cpumask *mask, u64 now)
{
	struct task_struct *p;

	bpf_for_each(scx_dsq, p, WAITING, 0) {
		u32 cpu;
		bool over;

		if (bpf_cpumask_empty(cast_mask(mask)))
			break;
		cpu = bpf_cpumask_any_and_distribute(cast_mask(mask), p->cpus_ptr);
		if (cpu >= nr_cpus || !bpf_cpumask_test_and_clear_cpu(cpu, mask))
			continue;
		over = turn_is_over((s32)cpu, now);
		if (scx_bpf_dsq_move(BPF_FOR_EACH_ITER, p, SCX_DSQ_LOCAL_ON | cpu, over ? SCX_ENQ_PREEMPT : 0)) {
			count_decision(SENT);
			if (over)
				count(PREEMPTED);
		} else {
			/* The task went elsewhere at this moment; the CPU still wants one. */
			bpf_cpumask_set_cpu(cpu, mask);
			count(LOST_RACES);
		}
	}
}

/* After all others: it goes on with its own turn, or takes the next task. */
static void dispatch_centrally(struct task_struct *prev, struct bpf_cpumask *mask)
{
	u64 now = bpf_ktime_get_ns();
	bool goes_on = prev && is_runnable(prev);

	bpf_cpumask_clear_cpu((u32)central_cpu, mask);
	send_tasks(mask, now);
	if (goes_on && !turn_is_over(central_cpu, now)) {
		prev->scx.slice = SCX_SLICE_INF;
		count_decision(KEPT);
		return;
	}
	if (scx_bpf_dsq_move_to_local(WAITING)) {
		count_decision(SENT);
		return;
	}
	if (goes_on)
		prev->scx.slice = SCX_SLICE_INF;
	else
		bpf_cpumask_set_cpu((u32)central_cpu, mask);
}

void BPF_STRUCT_OPS(central_dispatch, s32 cpu, struct task_struct *prev)
{
	struct bpf_cpumask *mask = wanting;

	if (!mask)
		return;
	if (cpu == central_cpu) {
		dispatch_centrally(prev, mask);
		return;
	}
	/* A task that yields goes on until it is sent another one. */
	if (prev && is_runnable(prev)) {
		struct cpu_state *state = state_of(cpu);

		prev->scx.slice = SCX_SLICE_INF;
		if (state)
			WRITE_ONCE(state->turn_began, LONG_AGO);
	}
	bpf_cpumask_set_cpu((u32)cpu, mask);
	if (somebody_waits())
		wake_central();
}

void BPF_STRUCT_OPS(central_running, struct task_struct *p)
{
	s32 cpu = scx_bpf_task_cpu(p);
	struct cpu_state *state = state_of(cpu);
	struct bpf_cpumask *mask = wanting;

	/* From whatever queue it came: a finite slice would bring the tick back. */
	p->scx.slice = SCX_SLICE_INF;
	if (mask)
		bpf_cpumask_clear_cpu((u32)cpu, mask);
	if (state)
		WRITE_ONCE(state->turn_began, bpf_ktime_get_ns());
}

void BPF_STRUCT_OPS(central_stopping, struct task_struct *p, bool runnable)
{
	struct cpu_state *state = state_of(scx_bpf_task_cpu(p));

	if (state)
		WRITE_ONCE(state->turn_began, 0);
}

/* Ends the turns that are over if anybody waits; returns how long until the next one is. */
static u64 end_turns(struct bpf_cpumask *mask, u64 now)
{
	bool waits = somebody_waits(), wake = waits && !bpf_cpumask_empty(cast_mask(mask));
	u64 next = slice_ns;
	s32 cpu;

	bpf_for(cpu, 0, (s32)nr_cpus) {
		struct cpu_state *state = state_of(cpu);
		u64 began = state ? READ_ONCE(state->turn_began) : 0;
		u64 ran = began ? (u64)time_delta(now, began) : 0;

		if (!began)
			continue;
		if (ran < slice_ns) {
			next = slice_ns - ran < next ? slice_ns - ran : next;
			continue;
		}
		/*
		 * Sent here when another task had just begun its turn. It is next: one that is
		 * sent now, to preempt, would overtake it, and so on turn after turn.
		 */
		if (scx_bpf_dsq_nr_queued(SCX_DSQ_LOCAL_ON | (u32)cpu) > 0) {
			scx_bpf_kick_cpu(cpu, SCX_KICK_PREEMPT);
			continue;
		}
		if (!waits)
			continue;
		if (cpu != central_cpu)
			bpf_cpumask_set_cpu((u32)cpu, mask);
		wake = true;
	}
	if (wake)
		wake_central();
	return next;
}

static int timer_fires(void *map, int *key, struct central_timer *timer)
{
	struct bpf_cpumask *mask;
	u64 next = slice_ns;

	count(TIMER_FIRED);
	timer_cpu = (s32)bpf_get_smp_processor_id();
	if (timer_cpu != central_cpu)
		count(TIMER_ELSEWHERE);
	bpf_rcu_read_lock();
	mask = wanting;
	if (in_force && mask)
		next = end_turns(mask, bpf_ktime_get_ns());
	bpf_rcu_read_unlock();
	bpf_timer_start(&timer->timer, next < SHORTEST_TIMER_NS ? SHORTEST_TIMER_NS : next,
			timer_is_pinned ? BPF_F_TIMER_CPU_PIN : 0);
	return 0;
}

/* Called once by the user half, on the central CPU: where a timer is started, there it stays. */
SEC("syscall")
int start_timer(void *context)
{
	u32 only = 0;
	struct central_timer *timer = bpf_map_lookup_elem(&timers, &only);
	long error;

	if (!timer)
		return -ESRCH;
	bpf_timer_init(&timer->timer, &timers, CLOCK_MONOTONIC);
	bpf_timer_set_callback(&timer->timer, timer_fires);
	timer_is_pinned = true;
	error = bpf_timer_start(&timer->timer, slice_ns, BPF_F_TIMER_CPU_PIN);
	/* Kernels before 6.7 cannot pin. */
	if (error == -EINVAL) {
		timer_is_pinned = false;
		error = bpf_timer_start(&timer->timer, slice_ns, 0);
	}
	return (int)error;
}

/* The user half starts again, and makes the CPU central that is preferred if it can. */
static void choose_again(s32 cpu, bool goes)
{
	scx_bpf_exit(SCX_ECODE_RSN_HOTPLUG | SCX_ECODE_ACT_RESTART, "central CPU %d %s", cpu,
		     goes ? "goes" : "is back");
}

void BPF_STRUCT_OPS(central_cpu_online, s32 cpu)
{
	if (cpu == preferred_cpu && cpu != central_cpu)
		choose_again(cpu, false);
}

void BPF_STRUCT_OPS(central_cpu_offline, s32 cpu)
{
	struct bpf_cpumask *mask;

	bpf_rcu_read_lock();
	mask = wanting;
	if (mask)
		bpf_cpumask_clear_cpu((u32)cpu, mask);
	bpf_rcu_read_unlock();
	if (cpu == central_cpu)
		choose_again(cpu, true);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(central_init)
{
	struct bpf_cpumask *made = bpf_cpumask_create(), *old;
	s32 error;

	if (!made)
		return -ENOMEM;
	old = bpf_kptr_xchg(&wanting, made);
	if (old)
		bpf_cpumask_release(old);
	error = scx_bpf_create_dsq(WAITING, -1);
	in_force = !error;
	return error;
}

void BPF_STRUCT_OPS(central_exit, struct scx_exit_info *info)
{
	in_force = false;
	user_exit_record(info);
}

SCX_OPS_DEFINE(central_ops,
	       .select_cpu = (void *)central_select_cpu,
	       .enqueue = (void *)central_enqueue,
	       .dispatch = (void *)central_dispatch,
	       .running = (void *)central_running,
	       .stopping = (void *)central_stopping,
	       .cpu_online = (void *)central_cpu_online,
	       .cpu_offline = (void *)central_cpu_offline,
	       .init = (void *)central_init,
	       .exit = (void *)central_exit,
	       .name = "central");
