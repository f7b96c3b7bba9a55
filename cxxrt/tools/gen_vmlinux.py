#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Writes a kernel's types as C++: vmlinux.hpp out of the kernel's BTF.

The list files name what the C++ code touches, one item a line ("#" starts a comment):

    header linux/sched.h       the items below are defined there (for the C twin of the asserts);
                               headers are included in the order of their lines
    task_struct scx.dsq_list   a member that must exist
    task_struct                a type that must exist
    ? rq core_cookie           a member that may be missing: if not, <PREFIX>rq__core_cookie is defined

A type is a struct, union, enum or typedef. Written are these types and what they contain by
value; what they merely point to is declared only, so touching an unlisted type does not compile.
With --all every type of the kernel is written.

The size of every type written and the offset of every member in it are asserted. Empty structures
take no room in C and one byte in C++, so they get a member of no size; padding is explicit.
BTF does not tell alignment attributes: objects of these types belong to the kernel, and the C++
side must not create over-aligned ones itself. pahole writes arrays of several dimensions as one.
"""

import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from btf import Btf, BtfError  # noqa: E402
from cxx_types import Writer  # noqa: E402

BASIC = ("u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "size_t", "ssize_t")


class Item:
    """One line of a list file."""

    def __init__(self, place, header, optional, name, member):
        self.place, self.header, self.optional = place, header, optional
        self.name, self.member = name, member
        self.type = None
        self.offset = None  # bytes

    def feature(self):
        name = f"{self.name}__{self.member}" if self.member else self.name
        return name.replace(".", "_")


def read_list(path, headers):
    """The items of a list file; appends the headers it names."""
    items, header = [], None
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            words = line.split("#")[0].split()
            if not words:
                continue
            place = f"{path}:{number}"
            if words[0] == "header" and len(words) == 2:
                header = words[1]
                headers.append(header)
                continue
            optional = words[0] == "?"
            words = words[1:] if optional else words
            if words and words[0] in ("struct", "union", "enum"):
                words = words[1:]
            if not 1 <= len(words) <= 2:
                raise BtfError(f"{place}: expected TYPE [MEMBER], `? TYPE [MEMBER]` or `header FILE`")
            items.append(Item(place, header, optional, words[0], (words + [""])[1]))
    return items


def named_types(btf):
    """The definitions by name: a tag wins over a typedef of the same name."""
    found = {}
    for entry in btf.types:
        if entry.name and entry.kind in ("typedef", "struct", "union", "enum", "enum64"):
            if entry.name not in found or found[entry.name].kind == "typedef":
                found[entry.name] = entry
    return found


def resolve(btf, items):
    """Finds each item's type and offset; returns all problems, one line each."""
    names, problems = named_types(btf), []
    for item in items:
        entry = names.get(item.name)
        found = None
        if entry and item.member:
            aggregate = btf.strip(entry.id)
            found = btf.find_path(aggregate, item.member)
            if found and (found[2] or found[1] % 8):
                problems.append(f"{item.place}: {item.name}.{item.member} is a bit-field, which has "
                                "no address: read it through a shim")
                continue
            if found:
                item.offset = found[1] // 8
        if entry and (found or not item.member):
            item.type = entry
        elif not item.optional:
            what = f"member {item.member} in {item.name}" if entry else f"type {item.name}"
            problems.append(f"{item.place}: this kernel has no {what}")
    return problems


def cxx_name(entry):
    kind = {"enum64": "enum"}.get(entry.kind, entry.kind)
    return entry.name if kind == "typedef" else f"{kind} {entry.name}"


def member_offsets(writer, aggregate, prefix="", base=0):
    """(path, byte offset) of each member with an address, those of unnamed types inside too."""
    for member in aggregate.members:
        if member.bit_size:
            continue
        offset = base + member.bit_offset // 8
        path = prefix + writer.identifier(member.name)
        if member.name:
            yield path, offset
        inner = writer.btf.types[member.type]
        if inner.kind in ("struct", "union") and not inner.name:
            yield from member_offsets(writer, inner, path + "." if member.name else prefix, offset)


def header_text(writer, items, prefix, source):
    lines = ["// SPDX-License-Identifier: GPL-2.0",
             f"// Generated by gen_vmlinux.py from the BTF of {source}; do not edit.",
             "#pragma once", "#pragma GCC system_header", ""]
    lines += writer.lines
    lines.append("")
    for expression, aggregate in writer.layouts:
        lines.append(f"static_assert(sizeof({expression}) == {aggregate.size});")
        for path, offset in member_offsets(writer, aggregate):
            lines.append(f"static_assert(__builtin_offsetof({expression}, {path}) == {offset});")
    lines.append("")
    lines += [f"#define {prefix}{item.feature()} 1" for item in items
              if item.optional and item.type]
    return "\n".join(lines) + "\n"


def layout_check_text(btf, items, headers):
    """C: the same asserts against the kernel's headers, where the list names one."""
    lines = ["// SPDX-License-Identifier: GPL-2.0",
             "// Generated by gen_vmlinux.py: the headers this module's C files see must describe",
             "// the same kernel as the BTF its C++ files were built from."]
    lines += [f"#include <{header}>" if "/" in header else f'#include "{header}"'
              for header in dict.fromkeys(headers)]
    lines.append("#include <linux/stddef.h>")
    seen = set()
    for item in items:
        if not item.header or not item.type:
            continue
        c_name = cxx_name(item.type)
        size = btf.strip(item.type.id).size
        message = f"{item.header} and the kernel's BTF differ"
        if c_name not in seen and size:
            seen.add(c_name)
            lines.append(f'_Static_assert(sizeof({c_name}) == {size}, "{message}");')
        if item.member:
            lines.append(f"_Static_assert(__builtin_offsetof({c_name}, {item.member}) == "
                         f'{item.offset}, "{message}");')
    return "\n".join(lines) + "\n"


def write_if_changed(path, text):
    try:
        with open(path, encoding="utf-8") as file:
            if file.read() == text:
                os.utime(path)
                return
    except FileNotFoundError:
        pass
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--btf", required=True, help="vmlinux, or raw BTF")
    parser.add_argument("--members", action="append", default=[], help="list file; repeatable")
    parser.add_argument("--all", action="store_true", help="write every type")
    parser.add_argument("--output", required=True, help="the C++ header to write")
    parser.add_argument("--layout-check", help="the C file with the same asserts to write")
    parser.add_argument("--feature-prefix", default="KERNEL_HAS_")
    arguments = parser.parse_args()

    btf = Btf.load(arguments.btf)
    headers = []
    items = [item for path in arguments.members for item in read_list(path, headers)]
    problems = resolve(btf, items)
    if problems:
        raise BtfError("\n".join(problems))

    writer = Writer(btf)
    names = named_types(btf)
    for name in BASIC:
        if name in names:
            writer.define(names[name].id)
    for item in items:
        if item.type:
            writer.define(item.type.id)
    if arguments.all:
        for entry in btf.types:
            if entry.name and entry.kind in ("struct", "union", "enum", "enum64", "typedef"):
                writer.define(entry.id)
    write_if_changed(arguments.output, header_text(writer, items, arguments.feature_prefix,
                                                   os.path.basename(arguments.btf)))
    if arguments.layout_check:
        write_if_changed(arguments.layout_check, layout_check_text(btf, items, headers))


if __name__ == "__main__":
    try:
        main()
    except (BtfError, OSError) as error:
        sys.exit(f"gen_vmlinux: {error}")
