/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The BPF half of the exit report:
 *
 *	UEI_DEFINE(uei);
 *
 *	void BPF_STRUCT_OPS(my_exit, struct scx_exit_info *info)
 *	{
 *		UEI_RECORD(uei, info);
 *	}
 */
#ifndef SCX_USER_EXIT_INFO_BPF_H
#define SCX_USER_EXIT_INFO_BPF_H

#include <scx/user_exit_info_common.h>

/* The dump is apart, because the user half decides how long it is: UEI_SET_SIZE(). */
#define UEI_DEFINE(name)				\
	const volatile u32 name##_dump_len;		\
	char RESIZABLE_ARRAY(data, name##_dump);	\
	struct user_exit_info name SEC(".data")

#define UEI_RECORD(name, info)								\
	scx_record_exit(&(name), (name##_dump), (name##_dump_len), (info))

static __always_inline void scx_record_exit(struct user_exit_info *to, char *dump, u32 dump_size,
					    const struct scx_exit_info *from)
{
	if (bpf_core_field_exists(from->exit_code))
		to->exit_code = from->exit_code;
	bpf_probe_read_kernel_str(dump, dump_size, from->dump);
	bpf_probe_read_kernel_str(to->msg, UEI_MSG_LEN, from->msg);
	bpf_probe_read_kernel_str(to->reason, UEI_REASON_LEN, from->reason);

	/* A full barrier: who sees the kind sees all of the above. */
	__sync_val_compare_and_swap(&to->kind, to->kind, (int)from->kind);
}

#endif
