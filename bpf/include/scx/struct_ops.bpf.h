/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a scheduler is spelled: one function per operation it implements, and
 * one table that names them.
 *
 *	s32 BPF_STRUCT_OPS_SLEEPABLE(my_init) { ... }
 *	void BPF_STRUCT_OPS(my_enqueue, struct task_struct *p, u64 flags) { ... }
 *
 *	SCX_OPS_DEFINE(my_ops,
 *		       .enqueue = (void *)my_enqueue,
 *		       .init = (void *)my_init,
 *		       .name = "my");
 */
#ifndef SCX_STRUCT_OPS_BPF_H
#define SCX_STRUCT_OPS_BPF_H

/* The casts of the table's members are needed: the section decides the type. */
#define BPF_STRUCT_OPS(function, args...)	\
	SEC("struct_ops/" #function) BPF_PROG(function, ##args)

/* Only init, exit, init_task, cgroup_{init,exit,prep_move} and cpu_{on,off}line may sleep. */
#define BPF_STRUCT_OPS_SLEEPABLE(function, args...)	\
	SEC("struct_ops.s/" #function) BPF_PROG(function, ##args)

/*
 * The ".link" section makes libbpf attach through a BPF link, so that a user
 * half that dies, however it dies, takes the scheduler down with it.
 */
#define SCX_OPS_DEFINE(table, members...)	\
	SEC(".struct_ops.link") struct sched_ext_ops table = { members }

#endif
