/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The program that the document of 2023 shows, as it stands there, with what
 * it leaves out: the header, the two globals and the license. Not to be
 * changed, nor tidied: that it compiles and works is the test.
 */
#include "scx_common.bpf.h"

char _license[] SEC("license") = "GPL";

const volatile bool switch_partial;
u32 exit_type;

s32 BPF_STRUCT_OPS(simple_init)
{
        if (!switch_partial)
                scx_bpf_switch_all();
        return 0;
}

void BPF_STRUCT_OPS(simple_enqueue, struct task_struct *p, u64 enq_flags)
{
        if (enq_flags & SCX_ENQ_LOCAL)
                scx_bpf_dispatch(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, enq_flags);
        else
                scx_bpf_dispatch(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(simple_exit, struct scx_exit_info *ei)
{
        exit_type = ei->type;
}

SEC(".struct_ops")
struct sched_ext_ops simple_ops = {
        .enqueue                = (void *)simple_enqueue,
        .init                   = (void *)simple_init,
        .exit                   = (void *)simple_exit,
        .name                   = "simple",
};
