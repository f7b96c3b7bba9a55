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
    # More kernel parameters, names for --allow, and the ejections that must come: "qmap:scx_bpf_error",
    # or ("error", "qmap:scx_bpf_error") if they come from one check, which may not be among those run.
    append: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    ejections: tuple[str | tuple[str, str], ...] = ()
    # The guest's clock counts instructions: shares do not depend on how busy the host is.
    icount: bool = True
    # Only with --long.
    long: bool = False
    # Whether --upstream runs it on upstream's scheduler of the same name too.
    upstream: bool = False
    # Seconds of the host's clock on a busy machine.
    timeout: int = 600


# What every scheduler goes through (every.py), with the options that its proof names as USUAL_OPTIONS.
def with_every_check(boots: tuple[Boot, ...]) -> tuple[Boot, ...]:
    """Its first guest looks at its manners too, and with --long there are ten minutes of mixed load, by
    the host's clock, which is the guest's there."""
    first = dataclasses.replace(boots[0], checks=(*boots[0].checks, "manners"),
                                allow=(*boots[0].allow, "deadline-server-warning"))
    return (first, *boots[1:],
            Boot("soak", ("soak",), cpus=8, icount=False, long=True, timeout=2400,
                 allow=("idle-softirq", "deadline-server-warning", "late-server")))
