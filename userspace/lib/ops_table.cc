// SPDX-License-Identifier: GPL-2.0
#include "lib/ops_table.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include <cstring>

namespace scx {

bpf_map* find_table(const bpf_object* object)
{
	bpf_map* map = nullptr;
	bpf_object__for_each_map(map, object)
	{
		if (bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS)
			return map;
	}
	return nullptr;
}

// Laid out as the BPF half was compiled: libbpf converts it to the kernel's layout when it loads.
std::uint32_t table_member(const bpf_object* object, const bpf_map* table, std::string_view name)
{
	const btf* types = bpf_object__btf(object);
	const btf_type* type = btf__type_by_id(types, bpf_map__btf_value_type_id(table));
	std::size_t size = 0;
	const auto* content = static_cast<const char*>(bpf_map__initial_value(table, &size));
	if (!type || !btf_is_struct(type) || !content)
		return 0;

	for (std::uint32_t i = 0; i < btf_vlen(type); ++i) {
		const btf_member& member = btf_members(type)[i];
		const std::size_t offset = btf_member_bit_offset(type, i) / 8;
		std::uint32_t value = 0;
		if (name != btf__name_by_offset(types, member.name_off))
			continue;
		if (btf__resolve_size(types, member.type) != sizeof(value) ||
		    offset + sizeof(value) > size)
			return 0;
		std::memcpy(&value, content + offset, sizeof(value));
		return value;
	}
	return 0;
}

} // namespace scx
