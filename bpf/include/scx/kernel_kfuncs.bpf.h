/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kfuncs of the kernel itself that schedulers use, and macros around them:
 * objects, lists and trees of BPF's own, tasks, cgroups, CPU masks, RCU.
 */
#ifndef SCX_KERNEL_KFUNCS_BPF_H
#define SCX_KERNEL_KFUNCS_BPF_H

/* Objects, and the graphs made of them. The last two arguments are the verifier's to fill. */
#define __contains(type, member) __attribute__((btf_decl_tag("contains:" #type ":" #member)))
#define private(section) SEC(".data." #section) __hidden __attribute__((aligned(8)))

void *bpf_obj_new_impl(__u64 local_type_id, void *meta) __ksym;
void bpf_obj_drop_impl(void *object, void *meta) __ksym;
void *bpf_refcount_acquire_impl(void *object, void *meta) __ksym;
#define bpf_obj_new(type) ((type *)bpf_obj_new_impl(bpf_core_type_id_local(type), NULL))
#define bpf_obj_drop(object) bpf_obj_drop_impl((object), NULL)
#define bpf_refcount_acquire(object) bpf_refcount_acquire_impl((object), NULL)

int bpf_list_push_front_impl(struct bpf_list_head *list, struct bpf_list_node *node, void *meta,
			     __u64 offset) __ksym;
int bpf_list_push_back_impl(struct bpf_list_head *list, struct bpf_list_node *node, void *meta,
			    __u64 offset) __ksym;
struct bpf_list_node *bpf_list_pop_front(struct bpf_list_head *list) __ksym;
struct bpf_list_node *bpf_list_pop_back(struct bpf_list_head *list) __ksym;
#define bpf_list_push_front(list, node) bpf_list_push_front_impl((list), (node), NULL, 0)
#define bpf_list_push_back(list, node) bpf_list_push_back_impl((list), (node), NULL, 0)

int bpf_rbtree_add_impl(struct bpf_rb_root *tree, struct bpf_rb_node *node,
			bool (less)(struct bpf_rb_node *left, const struct bpf_rb_node *right),
			void *meta, __u64 offset) __ksym;
struct bpf_rb_node *bpf_rbtree_remove(struct bpf_rb_root *tree, struct bpf_rb_node *node) __ksym;
struct bpf_rb_node *bpf_rbtree_first(struct bpf_rb_root *tree) __ksym;
#define bpf_rbtree_add(tree, node, less) bpf_rbtree_add_impl((tree), (node), (less), NULL, 0)

/* Tasks and cgroups: what is acquired must be released. */
struct task_struct *bpf_task_from_pid(s32 pid) __ksym;
struct task_struct *bpf_task_acquire(struct task_struct *p) __ksym;
void bpf_task_release(struct task_struct *p) __ksym;
struct cgroup *bpf_cgroup_from_id(u64 id) __ksym;
struct cgroup *bpf_cgroup_ancestor(struct cgroup *cgrp, int level) __ksym;
struct cgroup *bpf_cgroup_acquire(struct cgroup *cgrp) __ksym;
void bpf_cgroup_release(struct cgroup *cgrp) __ksym;

/* Descendants of a cgroup's state in a controller: bpf_for_each(css, pos, start, flags). */
struct bpf_iter_css;
struct cgroup_subsys_state;
int bpf_iter_css_new(struct bpf_iter_css *it, struct cgroup_subsys_state *start,
		     unsigned int flags) __ksym __weak;
struct cgroup_subsys_state *bpf_iter_css_next(struct bpf_iter_css *it) __ksym __weak;
void bpf_iter_css_destroy(struct bpf_iter_css *it) __ksym __weak;

/* CPU masks. */
struct bpf_cpumask *bpf_cpumask_create(void) __ksym;
struct bpf_cpumask *bpf_cpumask_acquire(struct bpf_cpumask *mask) __ksym;
void bpf_cpumask_release(struct bpf_cpumask *mask) __ksym;

void bpf_cpumask_set_cpu(u32 cpu, struct bpf_cpumask *mask) __ksym;
void bpf_cpumask_clear_cpu(u32 cpu, struct bpf_cpumask *mask) __ksym;
bool bpf_cpumask_test_cpu(u32 cpu, const struct cpumask *mask) __ksym;
bool bpf_cpumask_test_and_set_cpu(u32 cpu, struct bpf_cpumask *mask) __ksym;
bool bpf_cpumask_test_and_clear_cpu(u32 cpu, struct bpf_cpumask *mask) __ksym;

void bpf_cpumask_setall(struct bpf_cpumask *mask) __ksym;
void bpf_cpumask_clear(struct bpf_cpumask *mask) __ksym;
void bpf_cpumask_copy(struct bpf_cpumask *to, const struct cpumask *from) __ksym;
bool bpf_cpumask_and(struct bpf_cpumask *to, const struct cpumask *a,
		     const struct cpumask *b) __ksym;
void bpf_cpumask_or(struct bpf_cpumask *to, const struct cpumask *a, const struct cpumask *b) __ksym;
void bpf_cpumask_xor(struct bpf_cpumask *to, const struct cpumask *a, const struct cpumask *b) __ksym;

bool bpf_cpumask_equal(const struct cpumask *a, const struct cpumask *b) __ksym;
bool bpf_cpumask_intersects(const struct cpumask *a, const struct cpumask *b) __ksym;
bool bpf_cpumask_subset(const struct cpumask *part, const struct cpumask *whole) __ksym;
bool bpf_cpumask_empty(const struct cpumask *mask) __ksym;
bool bpf_cpumask_full(const struct cpumask *mask) __ksym;
u32 bpf_cpumask_weight(const struct cpumask *mask) __ksym;

u32 bpf_cpumask_first(const struct cpumask *mask) __ksym;
u32 bpf_cpumask_first_zero(const struct cpumask *mask) __ksym;
u32 bpf_cpumask_first_and(const struct cpumask *a, const struct cpumask *b) __ksym;
u32 bpf_cpumask_any_distribute(const struct cpumask *mask) __ksym;
u32 bpf_cpumask_any_and_distribute(const struct cpumask *a, const struct cpumask *b) __ksym;

/* Later kernels only. */
int bpf_cpumask_populate(struct bpf_cpumask *to, void *from, size_t from__sz) __ksym __weak;
#define __COMPAT_bpf_cpumask_populate(to, from, size)				\
	(bpf_ksym_exists(bpf_cpumask_populate) ?				\
	 bpf_cpumask_populate((to), (from), (size)) : -EOPNOTSUPP)

/* For functions that only read. */
static __always_inline const struct cpumask *cast_mask(struct bpf_cpumask *mask)
{
	return (const struct cpumask *)mask;
}

/* The set bits of @words words: bpf_for_each(bits, pos, address, words). */
int bpf_iter_bits_new(struct bpf_iter_bits *it, const u64 *unsafe_ptr__ign, u32 nr_words) __ksym __weak;
int *bpf_iter_bits_next(struct bpf_iter_bits *it) __ksym __weak;
void bpf_iter_bits_destroy(struct bpf_iter_bits *it) __ksym __weak;

void bpf_rcu_read_lock(void) __ksym;
void bpf_rcu_read_unlock(void) __ksym;
void bpf_preempt_disable(void) __ksym __weak;
void bpf_preempt_enable(void) __ksym __weak;

#endif
