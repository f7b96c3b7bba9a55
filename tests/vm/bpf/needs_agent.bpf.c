// SPDX-License-Identifier: GPL-2.0
/*
 * Lets other tasks run only as often as a process called `agent` lets it, as schedulers do whose
 * decisions are made in user space. Kernel threads go by without.
 */
#include <scx/common.bpf.h>

char LICENSE[] SEC("license") = "GPL";

enum { WAITING = 1, KTHREAD = 0x00200000 /* PF_KTHREAD */ };
/* How many tasks may run each time that the agent has run. */
enum { RATION = 2 };

static s64 ration;
static const char agent[] = "agent";

static bool is_agent(const struct task_struct *p)
{
	return !bpf_strncmp(p->comm, sizeof(agent), agent);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(agent_init)
{
	return scx_bpf_create_dsq(WAITING, -1);
}

s32 BPF_STRUCT_OPS(agent_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(agent_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (p->flags & KTHREAD || is_agent(p)) {
		scx_bpf_dispatch(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, enq_flags | SCX_ENQ_PREEMPT);
		return;
	}
	scx_bpf_dispatch(p, WAITING, SCX_SLICE_DFL, enq_flags);
	scx_bpf_kick_cpu(scx_bpf_task_cpu(p), SCX_KICK_IDLE);
}

void BPF_STRUCT_OPS(agent_dispatch, s32 cpu, struct task_struct *prev)
{
	if (ration > 0 && scx_bpf_consume(WAITING))
		__sync_fetch_and_sub(&ration, 1);
}

void BPF_STRUCT_OPS(agent_running, struct task_struct *p)
{
	s32 cpu;

	if (!is_agent(p))
		return;
	ration = RATION;
	bpf_for(cpu, 0, (s32)scx_bpf_nr_cpu_ids())
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

void BPF_STRUCT_OPS(agent_exit, struct scx_exit_info *info)
{
	user_exit_record(info);
}

SCX_OPS_DEFINE(agent_ops,
	       .init = (void *)agent_init,
	       .select_cpu = (void *)agent_select_cpu,
	       .enqueue = (void *)agent_enqueue,
	       .dispatch = (void *)agent_dispatch,
	       .running = (void *)agent_running,
	       .exit = (void *)agent_exit,
	       .timeout_ms = 30000,
	       .name = "needs_agent");
