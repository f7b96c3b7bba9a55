# SPDX-License-Identifier: GPL-2.0
"""What a proof says about the guests it wants. Read by the host, and harmless to import there."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Boot:
    """One guest: `checks` are functions of the proof, run in this order; each bounds its own time."""

    name: str
    checks: tuple[str, ...]
    # A boot that does not depend on its CPUs takes those of the command line.
    cpus: int = 4
    topology: str = ""
    fixed: bool = False
    # More kernel parameters, names for --allow, and ejections that must come, as "qmap:scx_bpf_error".
    append: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    ejections: tuple[str, ...] = ()
    # The guest's clock counts instructions: shares do not depend on how busy the host is.
    icount: bool = True
    # Only with --long.
    long: bool = False
    # Whether --upstream runs it on upstream's scheduler of the same name too.
    upstream: bool = False
    # Seconds of the host's clock on a busy machine.
    timeout: int = 600


# What every scheduler goes through with --long: ten minutes of mixed load, by the host's clock, which
# is the guest's there.
def soak(seconds: int = 600) -> Boot:
    return Boot("soak", ("soak",), cpus=8, icount=False, long=True, timeout=seconds * 2 + 600,
                allow=("idle-softirq", "deadline-server-warning"))
