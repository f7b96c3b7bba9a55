// SPDX-License-Identifier: GPL-2.0
/* What a person sees: the kernel log, formatted text, the tracepoint, assertions. */
#include <linux/bpf.h>
#include <linux/uaccess.h>

#include "internal.h"

#define CREATE_TRACE_POINTS
#include <trace/events/sched_ext.h>

/* One line of the caller's format, with @before in front. */
#define PRINT_LINE(print, level, before) do {					\
	struct va_format text = { .fmt = format };				\
	va_list arguments;							\
	va_start(arguments, format);						\
	text.va = &arguments;							\
	print("%s" before "%pV\n", level, &text);				\
	va_end(arguments);							\
} while (0)

#define LEVEL(number)	((char[]){ KERN_SOH_ASCII, '0' + (number), '\0' })

void kshim_print(int level, const char *format, ...)
{
	PRINT_LINE(printk, LEVEL(level), "sched_ext: ");
}

void kshim_print_deferred(int level, const char *format, ...)
{
	PRINT_LINE(printk_deferred, LEVEL(level), "sched_ext: ");
}

void kshim_print_raw(const char *level, const char *format, ...)
{
	PRINT_LINE(printk, level, "");
}

void kshim_print_stack(const unsigned long *frames, u32 count)
{
	for (u32 i = 0; i < count; i++)
		pr_err("  %pS\n", (void *)frames[i]);
}

int kshim_format_cpumask(char *buffer, size_t size, const struct cpumask *mask)
{
	return scnprintf(buffer, size, "%*pb", cpumask_pr_args(mask));
}

int kshim_format_symbol(char *buffer, size_t size, unsigned long address)
{
	return scnprintf(buffer, size, "%pS", (void *)address);
}

void kshim_trace_dump_line(const char *line) { trace_sched_ext_dump(line); }
bool kshim_trace_dump_enabled(void) { return trace_sched_ext_dump_enabled(); }

s32 kshim_format_bpf(char *buffer, size_t size, char *format, unsigned long long *data,
		     u32 data_size, const char **why)
{
	struct bpf_bprintf_data prepared = { .get_bin_args = true };
	u64 arguments[MAX_BPRINTF_VARARGS];
	s32 result;

	*why = "argument size is no multiple of 8, or too large";
	if (data_size % sizeof(u64) || data_size > sizeof(arguments) || (data_size && !data))
		return -EINVAL;
	*why = "arguments cannot be read";
	result = copy_from_kernel_nofault(arguments, data, data_size);
	if (result)
		return result;
	*why = "format and arguments do not match";
	result = bpf_bprintf_prepare(format, U32_MAX, arguments, data_size / sizeof(u64),
				     &prepared);
	if (result)
		return result;
	result = bstr_printf(buffer, size, format, prepared.bin_args);
	bpf_bprintf_cleanup(&prepared);
	return result;
}

void kshim_warn(const char *file, int line, const char *condition)
{
	WARN_ONCE(1, "sched_ext: %s:%d: %s is false\n", file, line, condition);
}

void kshim_bug(const char *file, int line, const char *condition)
{
	pr_emerg("sched_ext: %s:%d: %s is false\n", file, line, condition);
	BUG();
}
