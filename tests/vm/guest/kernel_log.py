# SPDX-License-Identifier: GPL-2.0
"""Judges the kernel log of a run: which messages make it fail.

Input is what /dev/kmsg gives, record by record, between the marks that init writes, and the
serial console, which has the last words of a kernel that died. A message fails the run when
its level is warning or above after the start mark, or when it reads like a report of a broken
kernel anywhere. Exempt is what tests/vm/allowed-kernel-messages describes, nothing else.
"""

import collections
import dataclasses
import pathlib
import re

START_MARK = "sched-ext tests: the run starts"
END_MARK = "sched-ext tests: the run ends"
WARNING = 4  # Kernel log levels: the smaller the worse.
MAX_BACKTRACE_LINES = 64  # As many as an exit report holds.

ALARM = re.compile(
    r"\bBUG:|\bWARNING:|\bKASAN:|\bUBSAN:|\bKCSAN:|\bOops\b|Kernel panic|possible circular locking"
    r"|possible recursive locking|inconsistent lock state|suspicious RCU usage"
    r"|detected (expedited )?stalls?|self-detected stall|soft lockup|hard LOCKUP|blocked for more than"
    r"|general protection fault|refcount_t:|scheduling while atomic|sleeping function called")


class FormatError(Exception):
    """A log or a list of exemptions that cannot be read; says where."""


@dataclasses.dataclass(frozen=True)
class Record:
    """One message. Level 0 to 7; facility 0 is the kernel itself, others are user space."""

    level: int
    facility: int
    sequence: int
    text: str


def decode(text: str) -> str:
    """Undo /dev/kmsg's escapes."""
    return re.sub(r"\\x([0-9a-f]{2})", lambda match: chr(int(match[1], 16)), text)


def parse_records(log: str) -> list[Record]:
    """In order of their numbers, each once: a reader that starts over repeats some."""
    records = {}
    for number, line in enumerate(log.splitlines(), 1):
        if line.startswith(" ") or not line:
            continue  # Properties of the record before.
        match = re.match(r"(\d+),(\d+),[^;]*;(.*)", line)
        if not match:
            raise FormatError(f"line {number} is not a /dev/kmsg record: {line[:60]}")
        priority, sequence = int(match[1]), int(match[2])
        records[sequence] = Record(priority & 7, priority >> 3, sequence, decode(match[3]))
    return [records[sequence] for sequence in sorted(records)]


SECTIONS = ("always", "boot", "ejection announcement", "ejection message", "ejection backtrace")
ON_REQUEST = "with --allow "  # Begins the sections that a run must name to have.


def parse_allowed(path: pathlib.Path) -> dict[str, list[re.Pattern]]:
    """The exemptions by section; every pattern must follow a comment that gives its reason."""
    allowed = {section: [] for section in SECTIONS}
    section, reason = None, False
    for number, line in enumerate(path.read_text().splitlines(), 1):
        where = f"{path.name}:{number}"
        if not line.strip():
            reason = False
        elif line.startswith("#"):
            reason = True
        elif match := re.fullmatch(r"\[(.+)\]", line):
            section = match[1]
            if section.startswith(ON_REQUEST):
                allowed.setdefault(section, [])
            elif section not in allowed:
                raise FormatError(f"{where}: no section is called '{section}'")
        elif section is None or not reason:
            raise FormatError(f"{where}: a pattern needs a section above and a # reason on the line before")
        else:
            try:
                allowed[section].append(re.compile(line))
            except re.error as error:
                raise FormatError(f"{where}: not a regular expression: {error}") from error
            reason = False
    for pattern in allowed["ejection announcement"]:
        if not {"scheduler", "reason"} <= set(pattern.groupindex):
            raise FormatError(f"{path.name}: an ejection announcement needs the groups 'scheduler' and 'reason'")
    for pattern in allowed["ejection message"]:
        if "scheduler" not in pattern.groupindex:
            raise FormatError(f"{path.name}: an ejection message needs the group 'scheduler'")
    return allowed


def allow_on_request(allowed: dict[str, list[re.Pattern]], names: list[str]) -> None:
    """Make the named sections count always."""
    for name in names:
        if ON_REQUEST + name not in allowed:
            known = [section.removeprefix(ON_REQUEST) for section in allowed if section.startswith(ON_REQUEST)]
            raise FormatError(f"--allow {name}: there is only {', '.join(known)}")
        allowed["always"] = allowed["always"] + allowed[ON_REQUEST + name]


def match_any(patterns: list[re.Pattern], text: str) -> re.Match | None:
    for pattern in patterns:
        if match := pattern.fullmatch(text):
            return match
    return None


class Ejections:
    """Recognises the report of an ejected scheduler: announcement, message, backtrace.

    Message and backtrace count only after an announcement that was expected. Expectations read
    REASON or SCHEDULER:REASON; each allows any number of ejections and demands at least one.
    """

    def __init__(self, allowed: dict[str, list[re.Pattern]], expected: list[str]):
        self.allowed_ = allowed
        self.missing_ = collections.OrderedDict.fromkeys(expected)
        self.expected_ = set(expected)
        self.message_from_ = None
        self.backtrace_lines_ = 0

    def accepts(self, text: str) -> bool:
        if match := match_any(self.allowed_["ejection announcement"], text):
            wanted = self.expected_ & {match["reason"], f"{match['scheduler']}:{match['reason']}"}
            for expectation in wanted:
                self.missing_.pop(expectation, None)
            self.message_from_ = match["scheduler"] if wanted else None
            self.backtrace_lines_ = MAX_BACKTRACE_LINES if wanted else 0
            return bool(wanted)
        if match := match_any(self.allowed_["ejection message"], text):
            if match["scheduler"] == self.message_from_:
                self.message_from_ = None
                return True
        elif self.backtrace_lines_ and match_any(self.allowed_["ejection backtrace"], text):
            self.backtrace_lines_ -= 1
            return True
        return False

    def missing(self) -> list[str]:
        return list(self.missing_)


def judge(records: list[Record], console: str, allowed: dict[str, list[re.Pattern]],
          expected_ejections: list[str], complete: bool = True) -> list[str]:
    """The lines that make the run fail, each for a person to read; empty when all is well.

    `complete` is False for a guest that was ended from outside: then the end of the log and
    the ejections still to come are not asked for.
    """
    failures = []
    ejections = Ejections(allowed, expected_ejections)
    started = ended = False
    previous = None
    for record in records:
        if record.facility != 0:
            started = started or record.text == START_MARK
            ended = ended or record.text == END_MARK
        if started and previous is not None and record.sequence != previous + 1:
            failures.append(f"({record.sequence - previous - 1} kernel messages were lost here)")
        previous = record.sequence
        alarm = ALARM.search(record.text)
        if record.facility != 0 or not (alarm or (started and record.level <= WARNING)):
            continue
        if match_any(allowed["always"], record.text):
            continue
        if not started and match_any(allowed["boot"], record.text):
            continue
        if started and ejections.accepts(record.text):
            continue
        failures.append(record.text)
    failures += judge_console(console, records, allowed)
    if complete:
        if not started:
            failures.append("(the kernel log has no start mark: the guest did not get as far as the command)")
        elif not ended:
            failures.append("(the kernel log has no end mark: the guest died before the run was over)")
        failures += [f"(expected ejection did not come: {reason})" for reason in ejections.missing()]
    return failures


def judge_console(console: str, records: list[Record], allowed: dict[str, list[re.Pattern]]) -> list[str]:
    """Alarms on the console that the log does not have: from the first on, all that follows."""
    known = {line.strip() for record in records for line in record.text.splitlines()}
    failures = []
    for line in console.splitlines():
        text = re.sub(r"^(\[ *[0-9.]+\])?(\[ *[TC][0-9]+\])? ?", "", line.rstrip())
        if text.strip() in known or not text.strip():
            continue
        if match_any(allowed["always"], text) or match_any(allowed["boot"], text):
            continue
        if failures or ALARM.search(text):
            failures.append(text)
    return failures


def judge_leaks(report: list[tuple[str, str]], module_range: tuple[int, int] | None) -> list[str]:
    """kmemleak blocks that name the module: (when, line) pairs in, lines for a person out."""
    blocks: list[list[str]] = []
    for when, line in report:
        if line.startswith("unreferenced object"):
            blocks.append([f"leak, module {when}: {line}"])
        elif blocks:
            blocks[-1].append(line)
    return [line for block in blocks if names_module(block, module_range) for line in block]


def names_module(block: list[str], module_range: tuple[int, int] | None) -> bool:
    text = "\n".join(block)
    if re.search(r"\[sched_ext\]|sched_ext|\bscx_", text):
        return True
    if module_range is None:
        return False
    start, end = module_range
    return any(start <= int(address, 16) < end for address in re.findall(r"0x[0-9a-f]{16}", text))
