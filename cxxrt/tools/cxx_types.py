# SPDX-License-Identifier: GPL-2.0
"""Turns BTF types into C++ declarations with the layout they have in C.

Order: a type is written after the types it holds by value; a structure it only points to is
declared. Structures are always named with their keyword, which keeps C's two name spaces apart.
"""

KEYWORDS = frozenset("""
alignas alignof and and_eq asm auto bitand bitor bool catch char8_t char16_t char32_t class compl
concept const_cast consteval constexpr constinit co_await co_return co_yield decltype delete
dynamic_cast explicit export false friend mutable namespace new noexcept not not_eq nullptr
operator or or_eq private protected public reinterpret_cast requires static_assert static_cast
template this thread_local throw true try typeid typename using virtual wchar_t xor xor_eq
""".split())

POINTER_SIZE = 8


class Writer:
    def __init__(self, btf):
        self.btf = btf
        self.lines = []
        self.layouts = []        # (type as written, its aggregate) for the asserts
        self._written = set()    # ids whose definition or typedef is out
        self._forward = set()    # ids that are declared
        self._names = {}         # id -> name in C++
        self._taken = {}         # name -> id that has it
        self._enumerators = {}   # name -> id of the enumeration that has it
        self._fillers = 0
        self._alignment = {}     # id -> alignment as written, bytes

    @staticmethod
    def identifier(name):
        return name + "_" if name in KEYWORDS else name

    def _name(self, entry):
        """A name of its own for each type: C lets a tag and a typedef, or two files, share one."""
        if entry.id not in self._names:
            base = self.identifier(entry.name)
            name, number = base, 1
            while self._taken.get(name, entry.id) != entry.id:
                other = self.btf.types[self._taken[name]]
                if other.kind == "fwd" or entry.kind == "fwd":
                    break  # the declaration of the structure defined elsewhere
                if (entry.kind, entry.type) == ("typedef", other.id) or \
                        (other.kind, other.type) == ("typedef", entry.id):
                    break  # typedef struct x x: one name in C++
                if entry.kind == other.kind == "typedef" and \
                        self.btf.strip(entry.id) is self.btf.strip(other.id):
                    break  # the same said twice
                number += 1
                name = f"{base}___{number}"
            self._taken.setdefault(name, entry.id)
            self._names[entry.id] = name
        return self._names[entry.id]

    def reference(self, entry):
        """How a use names a type: keyword and name for tags."""
        kind = entry.kind
        if kind == "fwd":
            kind = "union" if entry.flag else "struct"
        if kind == "int":
            return {"_Bool": "bool"}.get(entry.name, entry.name)
        if kind in ("float", "void"):
            return entry.name
        if kind == "typedef" and entry.name == "bool":
            return "bool"
        name = self._name(entry)
        if kind == "typedef":
            return "::" + name
        return f"{'enum' if kind == 'enum64' else kind} {name}"

    # What must be written before a use.

    def define(self, type_id):
        """Writes what a use of the type by value needs."""
        entry = self.btf.types[type_id]
        if entry.kind in ("array", "const", "volatile", "restrict", "type_tag"):
            self.define(entry.type)
        elif entry.kind == "typedef":
            self._typedef(entry)
            self.define(entry.type)
        elif entry.kind in ("struct", "union"):
            self._aggregate(entry)
        elif entry.kind in ("enum", "enum64"):
            self._enum(entry)
        elif entry.kind in ("ptr", "func_proto"):
            self._declare(type_id)

    def _declare(self, type_id):
        """Writes what a pointer to the type, or its use in a prototype, needs."""
        entry = self.btf.types[type_id]
        kind = entry.kind
        if kind in ("ptr", "array", "const", "volatile", "restrict", "type_tag"):
            self._declare(entry.type)
        elif kind == "func_proto":
            self._declare(entry.type)
            for _, parameter in entry.members:
                self._declare(parameter)
        elif kind == "typedef":
            self._typedef(entry)
        elif kind in ("enum", "enum64"):
            self._enum(entry)
        elif kind in ("struct", "union", "fwd"):
            if not entry.name:
                self._members_needed(entry)
            elif entry.id not in self._forward and entry.id not in self._written:
                self._forward.add(entry.id)
                self.lines.append(f"{self.reference(entry)};")

    def _members_needed(self, entry):
        for member in entry.members:
            self.define(member.type)

    # Definitions.

    def _typedef(self, entry):
        if entry.id in self._written:
            return
        self._written.add(entry.id)
        target = self.btf.types[entry.type]
        if entry.name == "bool" or entry.name.startswith("__builtin_"):
            return  # the compiler has these
        if target.kind in ("struct", "union", "enum", "enum64") and not target.name:
            if target.kind.startswith("enum"):
                text = self.declarator(target.id, self._name(entry)) \
                    if target.id in self._written else \
                    f"{self._enum_body(target, '')} {self._name(entry)}"
                self._written.add(target.id)
                self.lines.append(f"typedef {text};")
            else:
                self._members_needed(target)
                body, _ = self._aggregate_body(target, "")
                self.lines.append(f"typedef {body} {self._name(entry)};")
                self.layouts.append((self.reference(entry), target))
            return
        self._declare(entry.type)
        if target.name and self.identifier(target.name) == self._name(entry) and \
                target.kind in ("struct", "union", "enum", "enum64"):
            return
        self.lines.append(f"typedef {self.declarator(entry.type, self._name(entry))};")

    def _enum(self, entry):
        if entry.id in self._written:
            return
        self._written.add(entry.id)
        if entry.name or entry.members:
            self.lines.append(self._enum_body(entry, self._name(entry) if entry.name else "") + ";")

    def _enum_body(self, entry, name):
        sign = "signed" if entry.flag else "unsigned"
        underlying = {1: "char", 2: "short", 4: "int", 8: "long"}[entry.size]
        values = []
        for enumerator, value in entry.members:
            if enumerator in ("true", "false"):
                continue
            enumerator = self.identifier(enumerator)
            if self._enumerators.setdefault(enumerator, entry.id) != entry.id:
                enumerator = f"{enumerator}___{entry.id}"
            suffix = "" if entry.flag else "U"
            literal = f"{value}{suffix}" if entry.size <= 4 else f"{value}{suffix}L"
            if value == -(1 << 63):
                literal = f"({value + 1}L - 1)"
            values.append(f"{enumerator} = {literal}")
        return f"enum {name + ' ' if name else ''}: {sign} {underlying} {{ {', '.join(values)} }}"

    def _aggregate(self, entry):
        if entry.id in self._written:
            return
        self._written.add(entry.id)
        self._members_needed(entry)
        if not entry.name:
            return
        body, _ = self._aggregate_body(entry, self._name(entry))
        self.lines.append(f"{body};")
        self.layouts.append((self.reference(entry), entry))

    def _aggregate_body(self, entry, name):
        """The text of a struct or union, and the alignment it has as written."""
        natural = [self._member_alignment(member) for member in entry.members]
        alignment = max(natural, default=1)
        packed = bool(entry.size % alignment) or any(
            not member.bit_size and member.bit_offset // 8 % own
            for member, own in zip(entry.members, natural))
        if packed:
            alignment = 1
        text = [f"{entry.kind}{' ' + name if name else ''} {{"]
        position = 0  # bits laid out so far
        for member in entry.members:
            if entry.kind == "struct" and member.bit_offset > position:
                text += self._padding(position, member.bit_offset, alignment, member)
            text.append(self._member_text(member))
            position = max(position, member.bit_offset +
                           (member.bit_size or 8 * self.size_of(member.type)))
        if entry.kind == "struct" and entry.members:
            text += self._padding(position, entry.size * 8, alignment, None)
        elif entry.size > (position + 7) // 8:
            text.append(f"char {self._filler('padding')}[{entry.size}];")
        if not entry.members and entry.size == 0:
            text.append(f"char {self._filler('zero_size')}[0];")
        self._alignment[entry.id] = alignment
        attribute = " __attribute__((packed))" if packed else ""
        return "\n\t".join(text) + "\n}" + attribute, alignment

    def _filler(self, purpose):
        """A member name of its own: unnamed structures share the name space around them."""
        self._fillers += 1
        return f"{purpose}_{self._fillers}_"

    def _padding(self, position, target, alignment, member):
        """Members that take up the bits from `position` to `target`, as far as C++ would not."""
        if member is not None:
            own = 1 if alignment == 1 else self._member_alignment(member)
            if not member.bit_size and -(-position // (8 * own)) * 8 * own == target:
                return []
        elif -(-position // (8 * alignment)) * 8 * alignment == target:
            return []
        text = []
        if position % 8 and target > position:
            bits = min(8 - position % 8, target - position)
            text.append(f"unsigned char : {bits};")
            position += bits
        if target - position >= 8:
            text.append(f"char {self._filler('padding')}[{(target - position) // 8}];")
            position += (target - position) // 8 * 8
        if target > position:
            text.append(f"unsigned char : {target - position};")
        return text

    def _member_text(self, member):
        name = self.identifier(member.name)
        target = self.btf.types[member.type]
        while target.kind in ("const", "volatile"):  # the layout is the same, and objects can be made
            target = self.btf.types[target.type]
        if member.bit_size:
            return f"{self.declarator(target.id, name)} : {member.bit_size};"
        return f"{self.declarator(target.id, name)};"

    # Sizes and alignments, as written.

    def size_of(self, type_id):
        entry = self.btf.strip(type_id)
        if entry.kind == "ptr":
            return POINTER_SIZE
        if entry.kind == "array":
            return entry.count * self.size_of(entry.type)
        return entry.size

    def _member_alignment(self, member):
        if member.bit_size:
            return self._align_of(member.type) if member.name else 1
        return self._align_of(member.type)

    def _align_of(self, type_id):
        entry = self.btf.strip(type_id)
        while entry.kind == "array":
            entry = self.btf.strip(entry.type)
        if entry.kind == "ptr":
            return POINTER_SIZE
        if entry.kind in ("struct", "union"):
            if entry.id not in self._alignment:
                self._aggregate_body(entry, "")
            return self._alignment[entry.id]
        return max(1, min(entry.size, 16))

    # Declarators: C's inside-out syntax.

    def declarator(self, type_id, inner):
        entry = self.btf.types[type_id]
        if entry.kind == "ptr":
            target = self.btf.types[entry.type]
            while target.kind == "type_tag":
                target = self.btf.types[target.type]
            pointer = f"*{inner}"
            if target.kind in ("array", "func_proto"):
                pointer = f"({pointer})"
            return self.declarator(target.id, pointer)
        if entry.kind == "array":
            return self.declarator(entry.type, f"{inner}[{entry.count}]")
        if entry.kind == "func_proto":
            parameters = [self.declarator(kind, "") if kind else "..." for _, kind in entry.members]
            return self.declarator(entry.type, f"{inner}({', '.join(parameters)})")
        if entry.kind in ("const", "volatile"):
            target = self.btf.types[entry.type]
            if target.kind in ("ptr", "restrict"):
                while target.kind == "restrict":
                    target = self.btf.types[target.type]
                if target.kind == "ptr":
                    pointee = self.btf.types[target.type]
                    pointer = f"* {entry.kind} {inner}"
                    if pointee.kind in ("array", "func_proto"):
                        pointer = f"({pointer})"
                    return self.declarator(target.type, pointer)
            if target.kind == "array":  # a qualified array is an array of the qualified
                return self._qualified_array(entry.kind, target, inner)
            return f"{entry.kind} {self.declarator(entry.type, inner)}"
        if entry.kind in ("restrict", "type_tag"):
            return self.declarator(entry.type, inner)
        if entry.kind in ("struct", "union") and not entry.name:
            body, _ = self._aggregate_body(entry, "")
            return f"{body} {inner}".rstrip()
        if entry.kind in ("enum", "enum64") and not entry.name:
            # Its enumerators are out already; a use needs only the width.
            sign = "" if entry.flag else "unsigned "
            return f"{sign}{ {1: 'char', 2: 'short', 4: 'int', 8: 'long'}[entry.size] } {inner}"
        return f"{self.reference(entry)} {inner}".rstrip()

    def _qualified_array(self, qualifier, array, inner):
        inner = f"{inner}[{array.count}]"
        element = self.btf.types[array.type]
        if element.kind == "array":
            return self._qualified_array(qualifier, element, inner)
        if element.kind == "ptr":
            return self.declarator(array.type, f"{qualifier} {inner}")
        return f"{qualifier} {self.declarator(array.type, inner)}"
