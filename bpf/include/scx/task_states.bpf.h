/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a scheduler knows about each task: a value of its own type, made in
 * ops.init_task and freed with the task or the scheduler.
 *
 *	struct task_state { u64 vtime; };
 *	SCX_TASK_STATES(struct task_state)
 *
 * make_state() gives zeroes the first time, and NULL where there is no memory;
 * state_of() gives NULL for a task that has none.
 */
#ifndef SCX_TASK_STATES_BPF_H
#define SCX_TASK_STATES_BPF_H

#define SCX_TASK_STATES(state_type)						\
struct {									\
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);				\
	__uint(map_flags, BPF_F_NO_PREALLOC);					\
	__type(key, int);							\
	__type(value, state_type);						\
} task_states SEC(".maps");							\
										\
static inline state_type *make_state(struct task_struct *p)			\
{										\
	return bpf_task_storage_get(&task_states, p, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE); \
}										\
										\
static inline state_type *state_of(struct task_struct *p)			\
{										\
	return bpf_task_storage_get(&task_states, p, NULL, 0);			\
}

#endif
