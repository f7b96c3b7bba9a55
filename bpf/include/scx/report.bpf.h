/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Printf-like ways to speak to the kernel: end with an error, leave in good
 * order, add a line to the dump. At most 12 arguments.
 */
#ifndef SCX_REPORT_BPF_H
#define SCX_REPORT_BPF_H

/*
 * The verifier wants the format in writable memory (the kfunc takes a plain
 * char pointer), hence static but not const; and it refuses a buffer of no
 * bytes, hence one slot when there is no argument.
 */
#define SCX_WITH_FORMAT(call, text, args...)					\
({										\
	static char format[] = text;						\
	unsigned long long values[___bpf_narg(args) ? ___bpf_narg(args) : 1] = {0}; \
										\
	_Pragma("GCC diagnostic push")						\
	_Pragma("GCC diagnostic ignored \"-Wint-conversion\"")			\
	___bpf_fill(values, args);						\
	_Pragma("GCC diagnostic pop")						\
	call;									\
})

/* Does nothing; lets the compiler check the arguments against the format. */
static __always_inline __attribute__((format(printf, 1, 2)))
void scx_check_format(const char *format, ...)
{
}

/* Ejects this scheduler: SCX_EXIT_ERROR_BPF, with the text as its message. */
#define scx_bpf_error(text, args...)						\
	SCX_WITH_FORMAT(({ scx_check_format(text, ##args);			\
			   scx_bpf_error_bstr(format, values, sizeof(values)); }), \
			text, ##args)

/* Ends this scheduler in good order: SCX_EXIT_UNREG_BPF with a code of its own. */
#define scx_bpf_exit(code, text, args...)					\
	SCX_WITH_FORMAT(({ scx_check_format(text, ##args);			\
			   scx_bpf_exit_bstr(code, format, values, sizeof(values)); }), \
			text, ##args)

/* Adds to the debug dump; only from ops.dump, ops.dump_cpu and ops.dump_task. */
#define scx_bpf_dump(text, args...)						\
	SCX_WITH_FORMAT(({ scx_check_format(text, ##args);			\
			   scx_bpf_dump_bstr(format, values, sizeof(values)); }), \
			text, ##args)

#endif
