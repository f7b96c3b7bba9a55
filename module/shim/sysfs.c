// SPDX-License-Identifier: GPL-2.0
/* /sys/kernel/sched_ext, and below it root/ while a scheduler is loaded. */
#include <linux/kobject.h>
#include <linux/sysfs.h>

#include "internal.h"

static struct kset *kset;
static struct kobject *root;

#define READ_ONLY(name, format, value)						\
static ssize_t name##_show(struct kobject *kobj, struct kobj_attribute *file,	\
			   char *buffer)					\
{										\
	return sysfs_emit(buffer, format "\n", value);				\
}										\
static struct kobj_attribute name##_file = __ATTR_RO(name)

READ_ONLY(state, "%s", scx_entry_state_name());
READ_ONLY(switch_all, "%d", scx_entry_switching_all());
READ_ONLY(nr_rejected, "%ld", scx_entry_nr_rejected());
READ_ONLY(hotplug_seq, "%llu", kshim_hotplug_seq());
READ_ONLY(enable_seq, "%ld", scx_entry_enable_seq());
READ_ONLY(ops, "%s", scx_entry_ops_name());

static const struct attribute *const files[] = {
	&state_file.attr, &switch_all_file.attr, &nr_rejected_file.attr,
	&hotplug_seq_file.attr, &enable_seq_file.attr, NULL,
};

static ssize_t events_show(struct kobject *kobj, struct kobj_attribute *file, char *buffer)
{
	return scx_entry_show_events(buffer, PAGE_SIZE);
}
static struct kobj_attribute events_file = __ATTR_RO(events);

static struct attribute *root_attrs[] = { &ops_file.attr, &events_file.attr, NULL };
ATTRIBUTE_GROUPS(root);

static void free_root(struct kobject *kobj) { kfree(kobj); }

static const struct kobj_type root_type = {
	.release = free_root,
	.sysfs_ops = &kobj_sysfs_ops,
	.default_groups = root_groups,
};

static int add_name(const struct kobject *kobj, struct kobj_uevent_env *environment)
{
	return add_uevent_var(environment, "SCXOPS=%s", scx_entry_ops_name());
}

static const struct kset_uevent_ops uevent_ops = { .uevent = add_name };

int shim_sysfs_create(void)
{
	int error;

	kset = kset_create_and_add("sched_ext", &uevent_ops, kernel_kobj);
	if (!kset)
		return -ENOMEM;
	error = sysfs_create_files(&kset->kobj, files);
	if (error)
		kset_unregister(kset);
	return error;
}

void shim_sysfs_remove(void)
{
	sysfs_remove_files(&kset->kobj, files);
	kset_unregister(kset);
}

int kshim_root_create(void)
{
	int error;

	root = kzalloc(sizeof(*root), GFP_KERNEL);
	if (!root)
		return -ENOMEM;
	root->kset = kset;
	error = kobject_init_and_add(root, &root_type, NULL, "root");
	if (error)
		kobject_put(root);
	return error;
}

void kshim_root_announce(void) { kobject_uevent(root, KOBJ_ADD); }

/* The name is free at once, even while somebody holds a file open. */
void kshim_root_remove(void)
{
	kobject_del(root);
	kobject_put(root);
}
