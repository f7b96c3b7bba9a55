# SPDX-License-Identifier: GPL-2.0
"""The BTF generator's half of fuzz_btf.cc: any bytes give a header, or one line that refuses them."""

import btf
from cxx_types import Writer
from gen_vmlinux import header_text, named_types, resolve


def one(blob: bytes) -> str:
    """What the generator makes of them; an exception of another kind is what is looked for."""
    try:
        types = btf.Btf(blob)
        writer = Writer(types)
        resolve(types, [])
        named_types(types)
        for entry in types.types:
            if entry.name and entry.kind in ("struct", "union", "enum", "enum64", "typedef"):
                writer.define(entry.id)
        return header_text(writer, [], "HAS_", "fuzz")
    except btf.BtfError as refused:
        line = str(refused)
        if "\n" in line or not line:
            raise AssertionError("not one line") from refused
        return line
