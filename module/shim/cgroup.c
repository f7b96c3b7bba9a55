// SPDX-License-Identifier: GPL-2.0
/* Control groups. */
#include <linux/cgroup.h>

#include "internal.h"

struct cgroup *kshim_group_cgroup(struct task_group *tg)
{
	return tg && tg->css.cgroup ? tg->css.cgroup : &cgrp_dfl_root.cgrp;
}

bool kshim_group_has_parent(struct task_group *tg) { return tg->css.parent; }
void kshim_cgroup_get(struct cgroup *cgrp) { cgroup_get(cgrp); }

int kshim_for_each_group(bool parents_first, int (*visit)(struct task_group *tg))
{
	struct cgroup_subsys_state *(*next)(struct cgroup_subsys_state *css,
					    struct cgroup_subsys_state *root) =
		parents_first ? css_next_descendant_pre : css_next_descendant_post;
	struct cgroup_subsys_state *css = NULL;
	int result = 0;

	rcu_read_lock();
	while (!result && (css = next(css, &root_task_group.css))) {
		if (!css_tryget(css))
			continue;
		rcu_read_unlock();
		result = visit(css_tg(css));
		/* Back under RCU first: the walk goes on from here. */
		rcu_read_lock();
		css_put(css);
	}
	rcu_read_unlock();
	return result;
}

int kshim_for_each_moving_task(struct cgroup_taskset *tset,
			       int (*visit)(struct task_struct *p, struct cgroup *to))
{
	struct cgroup_subsys_state *css;
	struct task_struct *p;
	int result;

	cgroup_taskset_for_each(p, css, tset) {
		result = visit(p, css->cgroup);
		if (result)
			return result;
	}
	return 0;
}
