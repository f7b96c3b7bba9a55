# SPDX-License-Identifier: GPL-2.0
"""Reads BTF: the type information that a kernel and its modules carry about themselves.

Accepts an ELF file with a .BTF section (vmlinux, a module) or a raw BTF blob (/sys/kernel/btf/*).
A module's BTF is split: its ids and strings continue those of the kernel's, given as `base`.
"""

import struct
from dataclasses import dataclass, field

from elf import SHT_NOBITS, Elf, ElfError

KINDS = ("void", "int", "ptr", "array", "struct", "union", "enum", "fwd", "typedef", "volatile",
         "const", "restrict", "func", "func_proto", "var", "datasec", "float", "decl_tag",
         "type_tag", "enum64")

INT_SIGNED, INT_CHAR, INT_BOOL = 1, 2, 4
MAGIC = 0xEB9F


# Of types in a type: many times what a kernel has.
MOST_BELOW, DEEPEST = 100_000, 200


class BtfError(Exception):
    """The file is not what it should be; the text says what and where."""


@dataclass(slots=True)
class Member:
    name: str
    type: int
    bit_offset: int
    bit_size: int  # 0 for anything but a bit-field


@dataclass(slots=True)
class Type:
    id: int
    kind: str
    name: str
    size: int = 0          # bytes, where the kind has a size of its own
    type: int = 0          # the type referred to, where there is one
    flag: bool = False     # struct: bit-fields; fwd: union; enum: signed
    count: int = 0         # array elements
    encoding: int = 0      # int
    members: list = field(default_factory=list)  # Member, (name, value), or parameter (name, type)


def references(entry):
    """The ids of the types that this one names."""
    if entry.kind in ("struct", "union"):
        return [member.type for member in entry.members]
    if entry.kind == "func_proto":
        return [entry.type] + [type_id for _, type_id in entry.members]
    if entry.kind in ("int", "enum", "enum64", "float", "datasec", "fwd", "void"):
        return []
    return [entry.type]


def read_blob(path):
    """The raw BTF of a file that is either ELF or raw BTF."""
    with open(path, "rb") as file:
        start = file.read(4)
        if len(start) >= 2 and struct.unpack_from("<H", start)[0] == MAGIC:
            return start + file.read()
    try:
        elf = Elf(path)
    except ElfError as error:
        raise BtfError(str(error)) from None
    section = elf.section(".BTF")
    if not section or section.type == SHT_NOBITS:
        raise BtfError(f"{path}: no .BTF section")
    return elf.data(section)


class Btf:
    """All types by id. Base ids come first when the BTF is split."""

    def __init__(self, blob, base=None):
        self.base = base
        if len(blob) < 24:
            raise BtfError("the BTF is damaged: its header is cut off")
        magic, version, _, header_size = struct.unpack_from("<HBBI", blob)
        if magic != MAGIC or version != 1:
            raise BtfError("not BTF version 1 of this machine's byte order")
        type_start, type_size, string_start, string_size = struct.unpack_from("<IIII", blob, 8)
        self._strings = bytes(blob[header_size + string_start:
                                   header_size + string_start + string_size])
        self._string_base = base._string_end if base else 0
        self._string_end = self._string_base + string_size
        self.types = list(base.types) if base else [Type(0, "void", "void")]
        self.first_own = len(self.types)
        try:
            self._parse(bytes(blob[header_size + type_start:header_size + type_start + type_size]))
        except (struct.error, ValueError, AttributeError) as error:
            raise BtfError(f"the BTF is damaged: type {len(self.types)} or its name is cut off") from error
        self._check()

    @classmethod
    def load(cls, path, base=None):
        return cls(read_blob(path), base)

    def own(self):
        """The types that are not the base's."""
        return self.types[self.first_own:]

    def string(self, offset):
        if offset < self._string_base:
            return self.base.string(offset)
        start = offset - self._string_base
        return self._strings[start:self._strings.index(b"\0", start)].decode(errors="replace")

    def _parse(self, data):
        position = 0
        string = self.string
        while position < len(data):
            name, info, extra = struct.unpack_from("<III", data, position)
            position += 12
            number = info >> 24 & 0x1F
            count = info & 0xFFFF
            if number >= len(KINDS):
                raise BtfError(f"BTF kind {number} is newer than this tool")
            kind = KINDS[number]
            entry = Type(len(self.types), kind, string(name), flag=bool(info >> 31))
            if kind in ("int", "struct", "union", "enum", "enum64", "float", "datasec"):
                entry.size = extra
            else:
                entry.type = extra
            position = self._parse_tail(entry, data, position, count)
            self.types.append(entry)

    def _parse_tail(self, entry, data, position, count):
        """What follows the common header; returns the position behind it."""
        kind, string = entry.kind, self.string
        if kind == "int":
            entry.encoding = struct.unpack_from("<I", data, position)[0] >> 24
            return position + 4
        if kind == "array":
            entry.type, _, entry.count = struct.unpack_from("<III", data, position)
            return position + 12
        if kind in ("struct", "union"):
            for name, type_id, offset in struct.iter_unpack(
                    "<III", data[position:position + 12 * count]):
                size = offset >> 24 if entry.flag else 0
                entry.members.append(Member(string(name), type_id,
                                            offset & 0xFFFFFF if entry.flag else offset, size))
            return position + 12 * count
        if kind == "enum":
            form = "<Ii" if entry.flag else "<II"
            entry.members = [(string(name), value) for name, value in
                             struct.iter_unpack(form, data[position:position + 8 * count])]
            return position + 8 * count
        if kind == "enum64":
            for name, low, high in struct.iter_unpack("<III", data[position:position + 12 * count]):
                value = high << 32 | low
                if entry.flag and high >> 31:
                    value -= 1 << 64
                entry.members.append((string(name), value))
            return position + 12 * count
        if kind == "func_proto":
            entry.members = [(string(name), type_id) for name, type_id in
                             struct.iter_unpack("<II", data[position:position + 8 * count])]
            return position + 8 * count
        if kind == "datasec":
            return position + 12 * count
        return position + (4 if kind in ("var", "decl_tag") else 0)

    # What C cannot say makes no header either; found here, it is one line and not an endless loop.

    def _check(self):
        for entry in self.own():
            for type_id in references(entry):
                if type_id >= len(self.types):
                    raise BtfError(f"the BTF is damaged: type {entry.id} refers to type {type_id}, "
                                   f"which is none of its {len(self.types)}")
            if entry.kind in ("enum", "enum64") and entry.size not in (1, 2, 4, 8):
                raise BtfError(f"the BTF is damaged: enumeration {entry.id} has {entry.size} bytes")
        # Only through a structure with a name can a type come back to itself...
        self._check_endless(lambda entry: () if entry.name and entry.kind in ("struct", "union")
                            else references(entry))
        # ... and only through a pointer.
        self._check_endless(lambda entry: () if entry.kind in ("ptr", "func_proto")
                            else references(entry))

    def _check_endless(self, below):
        """Refuses a type that contains itself, or so many others that no compiler would take it."""
        size, depth = {}, {}  # of a type with all that is below it
        for entry in self.own():
            stack, open_ids = [entry.id], set()
            while stack:
                type_id = stack[-1]
                if type_id in size:
                    stack.pop()
                    continue
                inner = [id for id in below(self.types[type_id]) if id >= self.first_own]
                missing = [id for id in inner if id not in size]
                if not missing:
                    size[type_id] = 1 + sum(size[id] for id in inner)
                    depth[type_id] = 1 + max((depth[id] for id in inner), default=0)
                    if size[type_id] > MOST_BELOW or depth[type_id] > DEEPEST:
                        raise BtfError(f"the BTF is damaged: type {type_id} has too much in it")
                    open_ids.discard(type_id)
                    stack.pop()
                    continue
                open_ids.add(type_id)
                if not open_ids.isdisjoint(missing):
                    raise BtfError(f"the BTF is damaged: type {type_id} contains itself")
                stack += missing

    def strip(self, type_id, through=("typedef", "volatile", "const", "restrict", "type_tag")):
        """The type behind typedefs and qualifiers."""
        while self.types[type_id].kind in through:
            type_id = self.types[type_id].type
        return self.types[type_id]

    def find_member(self, aggregate, name):
        """(type id, bit offset, bit size) of a member, looked for in unnamed members too."""
        for member in aggregate.members:
            if member.name == name:
                return member.type, member.bit_offset, member.bit_size
            if not member.name:
                inner = self.strip(member.type)
                found = self.find_member(inner, name)
                if found:
                    return found[0], member.bit_offset + found[1], found[2]
        return None

    def find_path(self, aggregate, path):
        """As find_member, for "a.b.c"."""
        offset = 0
        found = None
        for step in path.split("."):
            if aggregate.kind not in ("struct", "union"):
                return None
            found = self.find_member(aggregate, step)
            if not found:
                return None
            offset += found[1]
            aggregate = self.strip(found[0])
        return found[0], offset, found[2]
