// SPDX-License-Identifier: GPL-2.0
/* User dispatch queues by identifier. */
#include <linux/irq_work.h>
#include <linux/rhashtable.h>

#include "internal.h"

static const struct rhashtable_params params = {
	.head_offset = offsetof(struct scx_dispatch_q, hash_node),
	.key_offset = offsetof(struct scx_dispatch_q, id),
	.key_len = sizeof_field(struct scx_dispatch_q, id),
};
static struct rhashtable table;
static LLIST_HEAD(dead_queues);

/* Queues die under scheduler locks, where kfree_rcu() may not be called. */
static void free_dead_queues(struct irq_work *work)
{
	struct scx_dispatch_q *dsq, *next;

	llist_for_each_entry_safe(dsq, next, llist_del_all(&dead_queues), free_node)
		kfree_rcu(dsq, rcu);
}

static DEFINE_IRQ_WORK(free_work, free_dead_queues);

int kshim_dsq_table_init(void) { return rhashtable_init(&table, &params); }

void kshim_dsq_table_destroy(void)
{
	irq_work_sync(&free_work);
	rhashtable_destroy(&table);
}

/* For most callers disabled interrupts are the read side, which lockdep does not know: _fast. */
struct scx_dispatch_q *kshim_dsq_find(u64 id)
{
	return rhashtable_lookup_fast(&table, &id, params);
}

int kshim_dsq_insert(struct scx_dispatch_q *dsq)
{
	return rhashtable_lookup_insert_fast(&table, &dsq->hash_node, params);
}

bool kshim_dsq_remove(struct scx_dispatch_q *dsq)
{
	return !rhashtable_remove_fast(&table, &dsq->hash_node, params);
}

void kshim_dsq_free_later(struct scx_dispatch_q *dsq)
{
	llist_add(&dsq->free_node, &dead_queues);
	irq_work_queue(&free_work);
}

void kshim_dsq_for_each(void (*visit)(struct scx_dispatch_q *dsq))
{
	struct rhashtable_iter walk;
	struct scx_dispatch_q *dsq;

	rhashtable_walk_enter(&table, &walk);
	rhashtable_walk_start(&walk);
	/* An error says that the table was resized and the walk starts over. */
	while ((dsq = rhashtable_walk_next(&walk)))
		if (!IS_ERR(dsq))
			visit(dsq);
	rhashtable_walk_stop(&walk);
	rhashtable_walk_exit(&walk);
}
