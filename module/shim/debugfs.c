// SPDX-License-Identifier: GPL-2.0
/* /sys/kernel/debug/sched/ext. The directory is the kernel's; without it there is no file. */
#include <linux/debugfs.h>

#include "internal.h"

static struct dentry *file;

static int ext_show(struct seq_file *output, void *unused)
{
	char text[5 * 64 + SCX_OPS_NAME_LEN];

	scx_entry_summary(text, sizeof(text));
	seq_puts(output, text);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(ext);

int shim_debugfs_create(void)
{
	struct dentry *directory = debugfs_lookup("sched", NULL);

	if (directory)
		file = debugfs_create_file("ext", 0444, directory, NULL, &ext_fops);
	dput(directory);
	return 0;
}

void shim_debugfs_remove(void) { debugfs_remove(file); }
