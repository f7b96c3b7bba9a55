/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The domains of scx_atropos: which CPUs they have, how far their clocks are, what load is theirs.
 *
 * Which CPU belongs to which domain is fixed while the scheduler is loaded. A task belongs to one
 * domain, whose queue it waits in and whose clock its virtual time is measured by, wherever it runs.
 */
#ifndef SCX_ATROPOS_DOMAINS_BPF_H
#define SCX_ATROPOS_DOMAINS_BPF_H

/* Set by the user half before loading. */
const volatile u32 nr_domains = 1;
const volatile s32 nr_cpus = 1;
const volatile u8 cpu_domain[ATROPOS_MAX_CPUS];
const volatile u8 domain_node[ATROPOS_MAX_DOMAINS];
const volatile bool several_nodes;
const volatile u64 load_half_life_ns = 1000000000;
const volatile u64 slice_ns = 20000000;

struct domain {
	struct bpf_cpumask __kptr *cpus;
	/* The largest virtual time that has started to run here; written without a lock, see scx_simple. */
	u64 clock;
	u64 pace;	/* by how much it went on in the last second that was looked at */
	u64 pace_clock;	/* when this second began */
	u64 pace_at;
	u64 apart[11];	/* clocks of domains share no cache line */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, ATROPOS_MAX_DOMAINS);
	__type(key, u32);
	__type(value, struct domain);
} domains SEC(".maps");

/*
 * A CPU adds what it sees of a domain's tasks to its own part, whose sum over all CPUs counts: a task
 * that wakes up here and sleeps there makes the one part larger and the other one smaller. So no lock
 * is needed, and no cache line shared.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, ATROPOS_MAX_DOMAINS);
	__type(key, u32);
	__type(value, struct atropos_load);
} loads SEC(".maps");

static bool has_cpu(const struct cpumask *mask, s32 cpu)
{
	return bpf_cpumask_test_cpu((u32)cpu, mask);
}

static struct domain *domain_at(u32 index)
{
	return bpf_map_lookup_elem(&domains, &index);
}

static void advance_clock(struct domain *domain, u64 vtime)
{
	if (vtime_before(domain->clock, vtime))
		domain->clock = vtime;
}

enum {
	PACE_PERIOD_NS = 1000000000,
	/* Half as long as the kernel waits, and less, before it ejects who lets a task wait. */
	LONGEST_WAIT_PERIODS = 8,
};

/* Called often: at a tick of each CPU. What another CPU writes at the same time is as good. */
static void measure_pace(struct domain *domain)
{
	u64 now = bpf_ktime_get_ns(), passed = now - domain->pace_at;

	if (passed < PACE_PERIOD_NS)
		return;
	/* After a rest nobody knows. */
	domain->pace = passed < 2 * PACE_PERIOD_NS ? domain->clock - domain->pace_clock : ~0ULL;
	domain->pace_clock = domain->clock;
	domain->pace_at = now;
}

/*
 * How far ahead in virtual time a task may wait. Beside a task of nice -20 the clock hardly goes on, and
 * one of nice 19 that had its turn would wait for minutes: it gets more than its share then, a turn
 * every few seconds.
 */
static u64 longest_wait(const struct domain *domain)
{
	u64 pace = domain->pace;

	/* Nothing that a turn can cost is as long as that. */
	if (pace > 1ULL << 50)
		pace = 1ULL << 50;
	return pace * LONGEST_WAIT_PERIODS;
}

/* ATROPOS_NO_DOMAIN for a CPU that was not there when the scheduler was loaded. */
static u32 domain_of_cpu(s32 cpu)
{
	const volatile u8 *domain = MEMBER_VPTR(cpu_domain, [cpu]);

	return domain ? *domain : ATROPOS_NO_DOMAIN;
}

/*
 * The neighbours of a domain in the order in which to ask them, @step from 1 to 2 * nr_domains - 1:
 * first those of its NUMA node, then the others; ATROPOS_NO_DOMAIN where a step has none. Each domain
 * starts after itself, so that not all ask the same one first.
 */
static u32 neighbour(u32 own, u32 step)
{
	const bool far = step >= nr_domains;
	u32 other = own + step - (far ? nr_domains : 0);
	const volatile u8 *own_node, *node;

	if (other >= nr_domains)
		other -= nr_domains;
	if (other == own || other >= nr_domains)
		return ATROPOS_NO_DOMAIN;
	if (!several_nodes)
		return far ? ATROPOS_NO_DOMAIN : other;
	own_node = MEMBER_VPTR(domain_node, [own]);
	node = MEMBER_VPTR(domain_node, [other]);
	return own_node && node && (*own_node != *node) == far ? other : ATROPOS_NO_DOMAIN;
}

#define nr_neighbour_steps() ((several_nodes ? 2 : 1) * nr_domains)

/* What runnable tasks weigh more, or less, from now on; and what they have been, in units of averages. */
struct atropos_change {
	s64 weight, duty;
	s64 past_weight, past_duty;
};

/* Interrupts must be off: this CPU's part has one writer. */
static void account(u32 domain, u64 now, const struct atropos_change *change)
{
	struct atropos_load *load = bpf_map_lookup_elem(&loads, &domain);
	u64 loss;

	if (!load)
		return;
	loss = decaying_average_loss(now - load->at, load_half_life_ns);
	WRITE_ONCE(load->version_before, load->version_before + 1);
	barrier();
	load->at = now;
	decaying_average_advance(&load->weights, loss);
	decaying_average_advance(&load->duties, loss);
	load->weights.value += change->weight;
	load->weights.average += change->past_weight;
	load->duties.value += change->duty;
	load->duties.average += change->past_duty;
	barrier();
	WRITE_ONCE(load->version_after, load->version_after + 1);
}

/* In ops.init(): its CPUs and its queue. */
static s32 make_domain(u32 index)
{
	struct domain *domain = domain_at(index);
	struct bpf_cpumask *cpus;
	s32 cpu;

	if (!domain)
		return -EINVAL;
	cpus = bpf_cpumask_create();
	if (!cpus)
		return -ENOMEM;
	bpf_for(cpu, 0, nr_cpus)
		if (domain_of_cpu(cpu) == index)
			bpf_cpumask_set_cpu((u32)cpu, cpus);
	cpus = bpf_kptr_xchg(&domain->cpus, cpus);
	if (cpus)
		bpf_cpumask_release(cpus);
	return scx_bpf_create_dsq(index, -1);
}

#endif
