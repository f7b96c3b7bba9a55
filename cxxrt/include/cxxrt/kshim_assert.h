/* SPDX-License-Identifier: GPL-2.0 */
/* How a failed assertion reaches the kernel log. The module's shim implements these in C. */
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/* One warning with a backtrace per call site that fails; any context. */
void kshim_warn(const char *file, int line, const char *condition);

/*
 * Logs the condition and stops the machine or the task. Not marked noreturn: objtool checks each
 * object alone on kernels without IBT and cannot know that an outside function does not return.
 */
void kshim_bug(const char *file, int line, const char *condition);

#ifdef __cplusplus
}
#endif
