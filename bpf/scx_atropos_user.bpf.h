/* SPDX-License-Identifier: GPL-2.0 */
/* What the user half of scx_atropos calls: it reads what tasks weigh, and says where it wants them. */
#ifndef SCX_ATROPOS_USER_BPF_H
#define SCX_ATROPOS_USER_BPF_H

/* Below this part of a CPU, 1/512, a task makes no difference to any domain. */
enum { DUTY_WORTH_TELLING = (ATROPOS_WHOLE_DUTY << DECAYING_AVERAGE_SHIFT) / 512 };

/* Read through a link: a struct atropos_task for each task that is worth it. */
SEC("iter/task")
int report_tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *p = ctx->task;
	struct atropos_task report = {};
	struct decaying_average duty;
	struct task_state *task;

	if (!p)
		return 0;
	task = bpf_task_storage_get(&task_states, p, NULL, 0);
	if (!task || !task->enabled)
		return 0;
	/* Not locked: what is half written is off by a moment's change. */
	duty = task->duty;
	decaying_average_advance(&duty, decaying_average_loss(bpf_ktime_get_ns() - task->duty_at,
							      load_half_life_ns));
	if (duty.average < DUTY_WORTH_TELLING)
		return 0;

	report.domains = task->domains;
	report.duty = (u64)duty.average;
	report.tid = p->pid;
	report.weight = task->weight;
	report.domain = (u8)task->domain;
	report.wanted = (u8)READ_ONCE(task->wanted);
	report.kworker = !!(p->flags & PF_WQ_WORKER);
	bpf_seq_write(ctx->meta->seq, &report, sizeof(report));
	return 0;
}

/* The task follows when it is enqueued next. */
SEC("syscall")
int move_task(struct atropos_move *move)
{
	struct task_struct *p = bpf_task_from_pid(move->tid);
	struct task_state *task;
	int answer = -ESRCH;

	if (!p)
		return answer;
	task = bpf_task_storage_get(&task_states, p, NULL, 0);
	if (task && task->enabled && may_use(task, move->domain)) {
		WRITE_ONCE(task->wanted, move->domain);
		answer = 0;
	}
	bpf_task_release(p);
	return answer;
}

#endif
