# SPDX-License-Identifier: GPL-2.0
"""Reads sections, symbols and relocations of 64-bit little-endian ELF files."""

import mmap
import struct
from dataclasses import dataclass

SHT_RELA, SHT_NOBITS, SHT_GROUP = 4, 8, 17
SHF_ALLOC, SHF_EXECINSTR = 2, 4
STT_FUNC, STT_SECTION = 2, 3
STB_WEAK = 2
SHN_UNDEF = 0


class ElfError(Exception):
    """The file is not what it should be; the text says what and where."""


@dataclass(slots=True)
class Section:
    index: int
    name: str
    type: int
    flags: int
    offset: int
    size: int
    link: int
    info: int


@dataclass(slots=True)
class Symbol:
    name: str
    type: int
    binding: int
    section: int
    value: int
    size: int


class Elf:
    def __init__(self, path):
        with open(path, "rb") as file:
            try:
                self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            except ValueError:
                raise ElfError(f"{path}: empty file") from None
        if self._data[:6] != b"\x7fELF\x02\x01":
            raise ElfError(f"{path}: not a 64-bit little-endian ELF file")
        table, = struct.unpack_from("<Q", self._data, 0x28)
        entry_size, count, names_index = struct.unpack_from("<HHH", self._data, 0x3A)
        if count == 0:  # more than 65279 sections: the first header holds the number
            count, = struct.unpack_from("<Q", self._data, table + 0x20)
        headers = [struct.unpack_from("<IIQQQQII", self._data, table + index * entry_size)
                   for index in range(count)]
        names = headers[names_index][4] if headers else 0
        self.sections = [
            Section(index, self._string(names + name), kind, flags, offset, size, link, info)
            for index, (name, kind, flags, _, offset, size, link, info) in enumerate(headers)]

    def _string(self, offset):
        return self._data[offset:self._data.find(b"\0", offset)].decode(errors="replace")

    def section(self, name):
        """The first section of that name, or None."""
        return next((section for section in self.sections if section.name == name), None)

    def data(self, section):
        if section.type == SHT_NOBITS:
            return bytes(section.size)
        return self._data[section.offset:section.offset + section.size]

    def symbols(self):
        table = self.section(".symtab")
        if not table:
            return []
        strings = self.sections[table.link].offset
        found = []
        for name, info, _, index, value, size in struct.iter_unpack("<IBBHQQ", self.data(table)):
            kind = info & 0xF
            text = self.sections[index].name if kind == STT_SECTION and \
                index < len(self.sections) else self._string(strings + name)
            found.append(Symbol(text, kind, info >> 4, index, value, size))
        return found

    def relocations(self, section):
        """(offset, symbol index, addend) of what is to be filled in in the section."""
        for table in self.sections:
            if table.type == SHT_RELA and table.info == section.index:
                for offset, info, addend in struct.iter_unpack("<QQq", self.data(table)):
                    yield offset, info >> 32, addend
