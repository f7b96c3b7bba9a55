// SPDX-License-Identifier: GPL-2.0
/*
 * scx_qmap: five queues, one for each level of weight, served in turn.
 *
 * A task waits at the end of the queue of its level. Each CPU goes round the
 * levels and takes up to 1, 2, 4, 8 and 16 tasks from them, so that a busy
 * level gets twice the turns of the one below it. Within a level the first
 * comes first. What is taken passes through one dispatch queue, because a
 * CPU may take what only another one can run.
 *
 * The queues are BPF queue maps, which nothing can be removed from. Each place
 * in one therefore carries a number, and is void unless its task still waits
 * under that number: one that left and came back is behind those who stayed.
 *
 * Bounds: a queue holds QUEUE_CAPACITY places; what does not fit goes to the
 * dispatch queue at once. One dispatch looks at MAX_STEPS places at most.
 *
 * It also fails on request, in the ways that the kernel must catch.
 */
#include <scx/common.bpf.h>
#include <scx/counts.bpf.h>
#include <scx/task_states.bpf.h>

char LICENSE[] SEC("license") = "GPL";

enum {
	NR_LEVELS = 5,
	QUEUE_CAPACITY = 4096,
	MAX_STEPS = 256,
};

enum dispatch_queue {
	SHARED_QUEUE = 0,
	URGENT_QUEUE = 1,
};

/* The weight of nice -20, in the units of p->scx.weight. */
enum { WEIGHT_OF_NICE_MINUS_20 = 8668 };

/* Set by the user half before loading. */
const volatile u64 slice_ns = 20000000;
const volatile u32 batch = 1;
const volatile bool boost;
const volatile bool print_shared;
const volatile bool suppress_dump;
const volatile s32 disallowed_tgid;

/* Counted per CPU; the user half sums them. */
enum counter {
	ENQUEUED,
	DISPATCHED,
	DEQUEUED,
	TO_IDLE,
	OVERFLOWED,
	REQUEUED,
	VOID_PLACES,
	BOOSTED,
	STALLED,
	CORE_SCHED_ASKED,
	CORE_SCHED_TAKEN,
	LEVEL_TAKEN, /* and one for each level */
	NR_COUNTERS = LEVEL_TAKEN + NR_LEVELS,
};

SCX_COUNTS(NR_COUNTERS)

struct place {
	s32 pid;
	u32 number;
};

struct level_queue {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, QUEUE_CAPACITY);
	__type(value, struct place);
} queue0 SEC(".maps"), queue1 SEC(".maps"), queue2 SEC(".maps"), queue3 SEC(".maps"), queue4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, NR_LEVELS);
	__type(key, u32);
	__array(values, struct level_queue);
} queues SEC(".maps") = {
	.values = { &queue0, &queue1, &queue2, &queue3, &queue4 },
};

/* The next number to give, and the last one taken plus one, of each level. */
static u32 next_number[NR_LEVELS];
static u32 taken_number[NR_LEVELS];

struct task_state {
	u32 level;
	u32 number;
	bool waits; /* in a queue of ours */
	bool to_idle_cpu;
};

SCX_TASK_STATES(struct task_state)

/* Where a CPU is on its way round the levels. */
struct cpu_state {
	u32 level;
	u32 turns; /* that it still takes from this level */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct cpu_state);
} cpu_states SEC(".maps");

#include "scx_qmap_faults.bpf.h"

static struct task_state *state_that_must_be(struct task_struct *p)
{
	struct task_state *state = state_of(p);

	if (!state)
		scx_bpf_error("%s[%d] has no state", p->comm, p->pid);
	return state;
}

/* Nice 0 weighs 100, and each level begins at about twice the weight of the one below. */
static u32 level_of(const struct task_struct *p)
{
	u32 weight = p->scx.weight;

	if (weight <= 25)
		return 0;
	if (weight <= 50)
		return 1;
	if (weight < 200)
		return 2;
	return weight < 400 ? 3 : 4;
}

s32 BPF_STRUCT_OPS(qmap_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	struct task_state *state = state_that_must_be(p);
	bool found_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &found_idle);

	if (state)
		state->to_idle_cpu = found_idle;
	return cpu;
}

/* The CPU that goes idle next finds it anyway; one that is idle already must be told. */
static void wake_idle_cpu_for(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

void BPF_STRUCT_OPS(qmap_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_state *state = state_that_must_be(p);
	u32 level = level_of(p);
	u32 *next = MEMBER_VPTR(next_number, [level]);
	struct place place;
	void *queue;

	if (!state || !next)
		return;
	count(ENQUEUED);
	if (is_time_for_error()) {
		scx_bpf_error("test triggering error");
		return;
	}
	if (is_to_stall(p)) {
		count(STALLED);
		return;
	}

	/* A higher class took its CPU before its turn or during it: that is still its turn. */
	if (enq_flags & SCX_ENQ_REENQ) {
		scx_bpf_dsq_insert(p, SHARED_QUEUE, p->scx.slice ?: slice_ns, enq_flags | SCX_ENQ_HEAD);
		wake_idle_cpu_for(p);
		return;
	}

	place.pid = p->pid;
	place.number = __sync_fetch_and_add(next, 1);
	state->level = level;
	state->number = place.number;
	if (state->to_idle_cpu) {
		state->to_idle_cpu = false;
		count(TO_IDLE);
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, slice_ns, enq_flags);
		return;
	}

	state->waits = true;
	queue = bpf_map_lookup_elem(&queues, &level);
	if (!queue || bpf_map_push_elem(queue, &place, 0)) {
		state->waits = false;
		count(OVERFLOWED);
		scx_bpf_dsq_insert(p, SHARED_QUEUE, slice_ns, enq_flags);
	}
	wake_idle_cpu_for(p);
}

/* Its place in a queue is void from now on. */
void BPF_STRUCT_OPS(qmap_dequeue, struct task_struct *p, u64 deq_flags)
{
	struct task_state *state = state_that_must_be(p);

	count(DEQUEUED);
	if (deq_flags & SCX_DEQ_CORE_SCHED_EXEC)
		count(CORE_SCHED_TAKEN);
	if (state)
		state->waits = false;
}

/*
 * Gives the task of a place to the shared queue. 1 if this CPU can run it, 0 if
 * only others can, negative if the place is void. If the task leaves at this
 * moment, the kernel drops the verdict by itself.
 *
 * Until this dispatch ends the task is in no queue. A CPU that it woke may find
 * nothing meanwhile, so one is woken again unless the task is for this CPU.
 */
static int dispatch_place(s32 cpu, u32 level, const struct place *place, bool has_one)
{
	struct task_struct *p = bpf_task_from_pid(place->pid);
	struct task_state *state;
	int runs_here = -1;

	if (!p)
		return -1;
	state = bpf_task_storage_get(&task_states, p, NULL, 0);
	if (state && state->waits && state->level == level && state->number == place->number) {
		state->waits = false;
		runs_here = bpf_cpumask_test_cpu((u32)cpu, p->cpus_ptr);
		scx_bpf_dsq_insert(p, SHARED_QUEUE, slice_ns, 0);
		count(DISPATCHED);
		if (!runs_here || has_one)
			wake_idle_cpu_for(p);
	}
	bpf_task_release(p);
	return runs_here;
}

/* Takes up to `batch` tasks that this CPU can run, and those before them, from the levels. */
static void take_from_levels(s32 cpu, struct cpu_state *at)
{
	u32 wanted = batch, empty = 0, step;

	bpf_for(step, 0, MAX_STEPS) {
		u32 level = at->level;
		struct place place;
		u32 *taken;
		void *queue;
		int runs_here;

		if (!wanted || empty == NR_LEVELS || !scx_bpf_dispatch_nr_slots())
			break;
		if (level >= NR_LEVELS || !at->turns) {
			level = level + 1 < NR_LEVELS ? level + 1 : 0;
			at->level = level;
			at->turns = 1 << level;
		}
		queue = bpf_map_lookup_elem(&queues, &level);
		if (!queue || bpf_map_pop_elem(queue, &place)) {
			at->turns = 0;
			empty++;
			continue;
		}
		empty = 0;
		/* Two CPUs may write out of order: worth a wrong guess of core scheduling. */
		taken = MEMBER_VPTR(taken_number, [level]);
		if (taken)
			*taken = place.number + 1;
		runs_here = dispatch_place(cpu, level, &place, wanted < batch);
		if (runs_here < 0) {
			count(VOID_PLACES);
			continue;
		}
		count(LEVEL_TAKEN + level);
		at->turns--;
		if (runs_here)
			wanted--;
	}
}

/* Tasks of nice -20 leave the shared queue, in their order, for one that goes before it. */
static void boost_highest(void)
{
	struct task_struct *p;

	bpf_for_each(scx_dsq, p, SHARED_QUEUE, 0) {
		if (p->scx.weight >= WEIGHT_OF_NICE_MINUS_20 &&
		    scx_bpf_dsq_move(BPF_FOR_EACH_ITER, p, URGENT_QUEUE, 0))
			count(BOOSTED);
	}
}

static bool take_shared(void)
{
	if (boost) {
		boost_highest();
		if (scx_bpf_dsq_move_to_local(URGENT_QUEUE))
			return true;
	}
	return scx_bpf_dsq_move_to_local(SHARED_QUEUE);
}

void BPF_STRUCT_OPS(qmap_dispatch, s32 cpu, struct task_struct *prev)
{
	struct cpu_state *at;
	u32 only = 0;

	if (dispatch_badly() || take_shared())
		return;
	at = bpf_map_lookup_elem(&cpu_states, &only);
	if (!at)
		return;
	take_from_levels(cpu, at);
	take_shared();
}

/*
 * How many rounds of its level a task is away from its turn, in sixteenths.
 * Tasks that have had it are behind the mark: negative.
 */
static s64 distance(struct task_struct *p)
{
	struct task_state *state = bpf_task_storage_get(&task_states, p, NULL, 0);
	u32 level = state ? state->level : 0;
	u32 *taken = MEMBER_VPTR(taken_number, [level]);

	if (!state || !taken)
		return 0;
	return (s64)(s32)(state->number - *taken) << (NR_LEVELS - 1 - level);
}

/* Of tasks that share a core: who is nearer to its turn goes first. */
bool BPF_STRUCT_OPS(qmap_core_sched_before, struct task_struct *a, struct task_struct *b)
{
	count(CORE_SCHED_ASKED);
	return distance(a) < distance(b);
}

/* A higher class took the CPU: what waits on it locally is for others to take, before all else. */
void BPF_STRUCT_OPS(qmap_cpu_release, s32 cpu, struct scx_cpu_release_args *args)
{
	count_times(REQUEUED, scx_bpf_reenqueue_local());
}

/* Nothing depends on which CPUs there are; these tell the kernel so. */
void BPF_STRUCT_OPS(qmap_cpu_online, s32 cpu)
{
}

void BPF_STRUCT_OPS(qmap_cpu_offline, s32 cpu)
{
}

/* May sleep, so the storage need not come out of the reserves. */
s32 BPF_STRUCT_OPS_SLEEPABLE(qmap_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	if (disallowed_tgid && p->tgid == disallowed_tgid && !args->fork)
		p->scx.disallow = true;
	return make_state(p) ? 0 : -ENOMEM;
}

void BPF_STRUCT_OPS(qmap_dump, struct scx_dump_ctx *context)
{
	u32 level;

	if (suppress_dump)
		return;
	bpf_for(level, 0, NR_LEVELS)
		scx_bpf_dump("level %u: %d waiting or void\n", level, next_number[level] - taken_number[level]);
}

void BPF_STRUCT_OPS(qmap_dump_cpu, struct scx_dump_ctx *context, s32 cpu, bool idle)
{
	u32 only = 0;
	struct cpu_state *at;

	if (suppress_dump || idle)
		return;
	at = bpf_map_lookup_percpu_elem(&cpu_states, &only, (u32)cpu);
	if (at)
		scx_bpf_dump("at level %u, %u turns left", at->level, at->turns);
}

void BPF_STRUCT_OPS(qmap_dump_task, struct scx_dump_ctx *context, struct task_struct *p)
{
	struct task_state *state;

	if (suppress_dump)
		return;
	state = bpf_task_storage_get(&task_states, p, NULL, 0);
	if (state)
		scx_bpf_dump("level %u, number %u%s", state->level, state->number, state->waits ? ", waits" : "");
}

struct printer {
	struct bpf_timer timer;
};

struct {
	__type(value, struct printer);
	__type(key, u32);
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
} printers SEC(".maps");

enum { PRINT_INTERVAL_NS = 1000000000 };

/* The shared queue into the kernel's trace, for those who want to see it filling. */
static int print_and_rearm(void *map, int *key, struct printer *printer)
{
	struct task_struct *p;
	u32 waiting = 0;

	bpf_rcu_read_lock();
	bpf_for_each(scx_dsq, p, SHARED_QUEUE, 0)
		bpf_printk("shared queue: %u: %s[%d] weight %u", waiting++, p->comm, p->pid, p->scx.weight);
	bpf_rcu_read_unlock();
	bpf_printk("shared queue: %u waiting", waiting);
	bpf_timer_start(&printer->timer, PRINT_INTERVAL_NS, 0);
	return 0;
}

static s32 start_printing(void)
{
	u32 only = 0;
	struct printer *printer = bpf_map_lookup_elem(&printers, &only);

	if (!printer)
		return -ESRCH;
	bpf_timer_init(&printer->timer, &printers, CLOCK_MONOTONIC);
	bpf_timer_set_callback(&printer->timer, print_and_rearm);
	return (s32)bpf_timer_start(&printer->timer, PRINT_INTERVAL_NS, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(qmap_init)
{
	s32 error = scx_bpf_create_dsq(SHARED_QUEUE, -1);

	if (!error)
		error = scx_bpf_create_dsq(URGENT_QUEUE, -1);
	if (!error && print_shared)
		error = start_printing();
	return error;
}

void BPF_STRUCT_OPS(qmap_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(qmap_ops,
	       .select_cpu = (void *)qmap_select_cpu,
	       .enqueue = (void *)qmap_enqueue,
	       .dequeue = (void *)qmap_dequeue,
	       .dispatch = (void *)qmap_dispatch,
	       .core_sched_before = (void *)qmap_core_sched_before,
	       .cpu_release = (void *)qmap_cpu_release,
	       .cpu_online = (void *)qmap_cpu_online,
	       .cpu_offline = (void *)qmap_cpu_offline,
	       .init_task = (void *)qmap_init_task,
	       .dump = (void *)qmap_dump,
	       .dump_cpu = (void *)qmap_dump_cpu,
	       .dump_task = (void *)qmap_dump_task,
	       .init = (void *)qmap_init,
	       .exit = (void *)qmap_exit,
	       .timeout_ms = 5000,
	       .name = "qmap");
