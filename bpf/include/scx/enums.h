/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Filling in the enumerators that a BPF half declared with SCX_ENUM_AT_LOAD(),
 * or in any other way as a read-only u64 called __SCX_something: by the types
 * of the running kernel and module, before loading.
 *
 * Included through common.h.
 */
#ifndef SCX_ENUMS_H
#define SCX_ENUMS_H

/* Of whatever enumeration; 0 if there is none. */
static inline u64 scx_any_enumerator(const char *name)
{
	u32 id, count;
	u64 value;

	__COMPAT_load_vmlinux_btf();
	count = btf__type_cnt(__COMPAT_vmlinux_btf);
	/* Backwards: the module's come last. */
	for (id = count - 1; id; id--)
		if (scx_find_enumerator(btf__type_by_id(__COMPAT_vmlinux_btf, id), name, &value))
			return value;
	return 0;
}

static inline void scx_init_enumerators(struct bpf_object *object)
{
	static const char prefix[] = "__SCX_";
	const struct btf *types = bpf_object__btf(object);
	s32 id = btf__find_by_name_kind(types, ".rodata", BTF_KIND_DATASEC);
	const struct btf_type *section;
	struct bpf_map *map;
	char *memory = NULL;
	size_t size;
	int i;

	/* A map is called after its object too: its name ends in the section's. */
	bpf_object__for_each_map(map, object) {
		const char *name = bpf_map__name(map);
		size_t length = strlen(name);

		if (length >= 7 && !strcmp(name + length - 7, ".rodata"))
			memory = (char *)bpf_map__initial_value(map, &size);
	}
	if (id <= 0 || !memory)
		return;
	section = btf__type_by_id(types, id);
	for (i = 0; i < btf_vlen(section); i++) {
		const struct btf_var_secinfo *place = &btf_var_secinfos(section)[i];
		const struct btf_type *variable = btf__type_by_id(types, place->type);
		const char *name = btf__str_by_offset(types, variable->name_off);
		u64 value;

		if (strncmp(name, prefix, strlen(prefix)) || place->size != sizeof(value))
			continue;
		value = scx_any_enumerator(name + strlen("__"));
		memcpy(memory + place->offset, &value, sizeof(value));
	}
}

#define SCX_ENUM_INIT(skel) scx_init_enumerators((skel)->obj)

#endif
