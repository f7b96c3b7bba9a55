/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the running kernel has, asked of its types (BTF) when the program runs;
 * and loading a scheduler. Where sched_ext is a module, its types are asked,
 * which stand upon the kernel's own.
 *
 * Included through common.h.
 */
#ifndef SCX_COMPAT_H
#define SCX_COMPAT_H

#include <bpf/btf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

/* One of all objects that are linked together. A program may set it first. */
struct btf *__COMPAT_vmlinux_btf __attribute__((weak));

static inline void __COMPAT_load_vmlinux_btf(void)
{
	struct btf *module;

	if (__COMPAT_vmlinux_btf)
		return;
	__COMPAT_vmlinux_btf = btf__load_vmlinux_btf();
	SCX_BUG_ON(!__COMPAT_vmlinux_btf, "cannot read this kernel's types (BTF)");
	if (access("/sys/kernel/btf/sched_ext", F_OK))
		return;
	module = btf__load_module_btf("sched_ext", __COMPAT_vmlinux_btf);
	SCX_BUG_ON(!module, "cannot read the types (BTF) of the module sched_ext");
	__COMPAT_vmlinux_btf = module;
}

/* True and *value if @type is an enumeration with a member of this name. */
static inline bool scx_find_enumerator(const struct btf_type *type, const char *name, u64 *value)
{
	const struct btf *btf = __COMPAT_vmlinux_btf;
	int i;

	for (i = 0; btf_is_enum(type) && i < btf_vlen(type); i++)
		if (!strcmp(btf__str_by_offset(btf, btf_enum(type)[i].name_off), name)) {
			*value = btf_enum(type)[i].val;
			return true;
		}
	for (i = 0; btf_is_enum64(type) && i < btf_vlen(type); i++)
		if (!strcmp(btf__str_by_offset(btf, btf_enum64(type)[i].name_off), name)) {
			*value = btf_enum64_value(&btf_enum64(type)[i]);
			return true;
		}
	return false;
}

/* The same by the enumeration's name. */
static inline bool __COMPAT_read_enum(const char *type, const char *name, u64 *value)
{
	s32 id;

	__COMPAT_load_vmlinux_btf();
	id = btf__find_by_name(__COMPAT_vmlinux_btf, type);
	return id > 0 && scx_find_enumerator(btf__type_by_id(__COMPAT_vmlinux_btf, id), name, value);
}

#define __COMPAT_ENUM_OR_ZERO(type, name)						\
	({ u64 value_ = 0; (void)__COMPAT_read_enum((type), (name), &value_); value_; })

/* Whether a kfunc, or another name of the kernel's, exists. */
static inline bool __COMPAT_has_ksym(const char *name)
{
	__COMPAT_load_vmlinux_btf();
	return btf__find_by_name(__COMPAT_vmlinux_btf, name) > 0;
}

static inline bool __COMPAT_struct_has_field(const char *structure, const char *field)
{
	const struct btf_type *type;
	s32 id;
	int i;

	__COMPAT_load_vmlinux_btf();
	id = btf__find_by_name_kind(__COMPAT_vmlinux_btf, structure, BTF_KIND_STRUCT);
	if (id <= 0)
		return false;
	type = btf__type_by_id(__COMPAT_vmlinux_btf, id);
	for (i = 0; i < btf_vlen(type); i++)
		if (!strcmp(btf__str_by_offset(__COMPAT_vmlinux_btf, btf_members(type)[i].name_off),
			    field))
			return true;
	return false;
}

/* Flags for ops.flags and for picking CPUs: 0 where the running kernel does not know them. */
#define SCX_OPS_FLAG(name) __COMPAT_ENUM_OR_ZERO("scx_ops_flags", #name)
#define SCX_OPS_KEEP_BUILTIN_IDLE	SCX_OPS_FLAG(SCX_OPS_KEEP_BUILTIN_IDLE)
#define SCX_OPS_ENQ_LAST		SCX_OPS_FLAG(SCX_OPS_ENQ_LAST)
#define SCX_OPS_ENQ_EXITING		SCX_OPS_FLAG(SCX_OPS_ENQ_EXITING)
#define SCX_OPS_SWITCH_PARTIAL		SCX_OPS_FLAG(SCX_OPS_SWITCH_PARTIAL)
#define SCX_OPS_ENQ_MIGRATION_DISABLED	SCX_OPS_FLAG(SCX_OPS_ENQ_MIGRATION_DISABLED)
#define SCX_OPS_ALLOW_QUEUED_WAKEUP	SCX_OPS_FLAG(SCX_OPS_ALLOW_QUEUED_WAKEUP)
#define SCX_OPS_BUILTIN_IDLE_PER_NODE	SCX_OPS_FLAG(SCX_OPS_BUILTIN_IDLE_PER_NODE)

#define SCX_PICK_IDLE_FLAG(name) __COMPAT_ENUM_OR_ZERO("scx_pick_idle_cpu_flags", #name)
#define SCX_PICK_IDLE_CORE		SCX_PICK_IDLE_FLAG(SCX_PICK_IDLE_CORE)
#define SCX_PICK_IDLE_IN_NODE		SCX_PICK_IDLE_FLAG(SCX_PICK_IDLE_IN_NODE)

/* Times that CPUs came or went since boot, or a negative error number. */
static inline long scx_hotplug_seq(void)
{
	char text[32] = "";
	int file = open("/sys/kernel/sched_ext/hotplug_seq", O_RDONLY | O_CLOEXEC);
	ssize_t length;

	if (file < 0)
		return -ENOENT;
	length = read(file, text, sizeof(text) - 1);
	close(file);
	SCX_BUG_ON(length <= 0, "cannot read hotplug_seq");
	return (long)strtoul(text, NULL, 10);
}

/*
 * From a skeleton to a scheduler in force: open, set what is to be set, load,
 * attach. @skeleton is the name that bpftool gave it, @ops that of the table.
 * A CPU that comes or goes after SCX_OPS_OPEN() makes the loading fail, with
 * an exit code that asks for another try.
 */
#define SCX_OPS_OPEN(ops, skeleton)							\
({											\
	struct skeleton *opened_;							\
											\
	SCX_BUG_ON(!__COMPAT_struct_has_field("sched_ext_ops", "dump"),			\
		   "this kernel has no sched_ext, or one older than 6.12; "		\
		   "or the module sched_ext is not loaded");				\
	opened_ = skeleton##__open();							\
	SCX_BUG_ON(!opened_, "cannot open " #skeleton);					\
	SCX_ENUM_INIT(opened_);								\
	opened_->struct_ops.ops->hotplug_seq = scx_hotplug_seq();			\
	opened_;									\
})

#define SCX_OPS_LOAD(skel, ops, skeleton, uei) do {					\
	UEI_SET_SIZE((skel), ops, uei);							\
	SCX_BUG_ON(skeleton##__load(skel), "cannot load " #skeleton);			\
} while (0)

/* From 1.5 on libbpf attaches the table with the programs, and a second time would fail. */
#if LIBBPF_MAJOR_VERSION > 1 || LIBBPF_MINOR_VERSION >= 5
#define __scx_attach_once(map) bpf_map__set_autoattach((map), false)
#else
#define __scx_attach_once(map) ((void)(map))
#endif

#define SCX_OPS_ATTACH(skel, ops, skeleton)						\
({											\
	struct bpf_map *table_ = (skel)->maps.ops;					\
	struct bpf_link *link_;								\
											\
	__scx_attach_once(table_);							\
	SCX_BUG_ON(skeleton##__attach(skel), "cannot attach the programs of " #skeleton); \
	link_ = bpf_map__attach_struct_ops(table_);					\
	SCX_BUG_ON(!link_, "cannot put " #ops " in force");				\
	link_;										\
})

#endif
