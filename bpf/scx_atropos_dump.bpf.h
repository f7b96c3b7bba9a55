/* SPDX-License-Identifier: GPL-2.0 */
/* What scx_atropos adds to the kernel's dump, after an ejection or SysRq-D. */
#ifndef SCX_ATROPOS_DUMP_BPF_H
#define SCX_ATROPOS_DUMP_BPF_H

void BPF_STRUCT_OPS(atropos_dump, struct scx_dump_ctx *context)
{
	u32 i;

	bpf_for(i, 0, nr_domains) {
		struct domain *domain = domain_at(i);
		u32 *part = MEMBER_VPTR(lent_parts, [i]);

		if (domain && part)
			scx_bpf_dump("domain %u: %d waiting, clock %llu, lends %u of %u\n", i,
				     scx_bpf_dsq_nr_queued(i), domain->clock, *part,
				     ATROPOS_WHOLE_PART);
	}
}

void BPF_STRUCT_OPS(atropos_dump_task, struct scx_dump_ctx *context, struct task_struct *p)
{
	struct task_state *task = state_of(p);
	struct domain *domain = task ? domain_at(task->domain) : NULL;

	if (domain)
		scx_bpf_dump("  domain %u, wanted in %u, may use 0x%llx, %lld ns behind its clock\n",
			     task->domain, task->wanted, task->domains,
			     domain->clock - p->scx.dsq_vtime);
}

#endif
