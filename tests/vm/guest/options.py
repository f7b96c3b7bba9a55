# SPDX-License-Identifier: GPL-2.0
"""The command line of tests/vm/run and tests/vm/shell, checked before anything is started."""

import argparse
import dataclasses
import math
import os
import pathlib
import re
import subprocess

from .errors import RunError

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
FLAVOURS = ("hooks", "builtin", "stock", "debug", "rt")
FLAVOURS_WITH_MODULE = ("hooks", "debug", "rt")
# The sanitizers of the debug flavour keep a shadow of all memory and slow the guest down.
DEFAULT_MEMORY = {"debug": "6G"}
DEFAULT_TIMEOUT = {"debug": 1200}
# So slow that by the host's clock it would find each of its CPUs stuck.
COUNTED_FLAVOURS = ("debug",)
# Parameters that a flavour gets unless --append sets them.
DEFAULT_PARAMETERS = {
    # Scans all memory again and again.
    "debug": ("kmemleak=off",),
    # RCU's threads go before a scheduler whose callbacks compute for long, or whoever waits for RCU stands.
    "rt": ("rcutree.kthread_prio=60",),
}
# How many nanoseconds an instruction may take by --icount: QEMU knows powers of two.
INSTRUCTION_TIMES = (1, 2, 4, 8, 16)


@dataclasses.dataclass
class Options:
    """A run as asked for; every path is absolute, every number is in range."""

    flavour: str
    kernel_image: pathlib.Path
    module: pathlib.Path | None
    cpus: int
    topology: str
    numa_nodes: int
    memory_mib: int
    append: list[str]
    icount: bool
    instruction_ns: int
    parallel: bool
    timeout: float
    keep_log: pathlib.Path | None
    shares: list[pathlib.Path]
    environment: dict[str, str]
    expected_ejections: list[str]
    allow: list[str]
    interactive: bool
    command: list[str]


class Parser(argparse.ArgumentParser):
    """Reports a mistake as one line, like every other error of these programs."""

    def error(self, message):
        raise RunError(f"{message} (--help lists the options)")


def build_parser(program: str, interactive: bool) -> Parser:
    usage = f"{program} [OPTION...]" + ("" if interactive else " -- COMMAND [ARGUMENT...]")
    parser = Parser(prog=program, usage=usage, allow_abbrev=False,
                    description="Boot a kernel flavour on this machine's own root and "
                    + ("open a shell in it." if interactive else "run COMMAND in it."))
    add = parser.add_argument
    add("--kernel", choices=FLAVOURS, default="hooks", help="flavour to boot (default hooks)")
    add("--kernel-tree", metavar="DIR", help="boot the kernel built in DIR instead of the cached one")
    add("--cpus", type=int, metavar="N", help="virtual CPUs (default 4)")
    add("--topology", metavar="SPEC", default="", help="for example cores=4,threads=2; one socket unless it says sockets=")
    add("--numa", type=int, metavar="N", default=1, help="NUMA nodes, all on one socket (default 1)")
    add("--memory", metavar="SIZE", help="for example 2G or 1536M (default 2G, more for debug)")
    add("--append", metavar="PARAMS", action="append", default=[], help="more kernel parameters")
    add("--icount", action="store_true", help="the guest's clock counts instructions; repeatable, slower; always so for debug")
    add("--instruction-ns", type=int, choices=INSTRUCTION_TIMES, metavar="N",
        help="with --icount: an instruction takes N ns, 1 (default), 2, 4, 8 or 16: what waits or spins for a time costs less")
    add("--parallel", action="store_true",
        help="a host thread per CPU even on QEMU before 8.1, which then crashes some guests (see machine.py)")
    add("--no-module", action="store_true", help="do not insmod sched_ext.ko")
    add("--module", metavar="FILE", help="insmod FILE instead of build/module/FLAVOUR/sched_ext.ko")
    add("--timeout", type=float, metavar="S", help="seconds the guest may live (default 300, more for debug)")
    add("--keep-log", metavar="FILE", help="keep the kernel log in FILE and the console in FILE.console")
    add("--share", metavar="DIR", action="append", default=[], help="make DIR writable from inside; repeatable")
    add("--env", metavar="NAME=VALUE", action="append", default=[], help="set a variable for COMMAND; repeatable")
    add("--expect-ejection", metavar="[SCHEDULER:]REASON", action="append", default=[],
        help="a scheduler must be ejected for REASON; repeatable; any other ejection fails the run")
    add("--allow", metavar="NAME", action="append", default=[],
        help="exempt the messages of that section of allowed-kernel-messages; repeatable")
    return parser


def parse(program: str, arguments: list[str], interactive: bool = False) -> Options:
    """Turn a command line into Options; RunError names the first thing that is wrong."""
    command: list[str] = []
    if "--" in arguments:
        cut = arguments.index("--")
        arguments, command = arguments[:cut], arguments[cut + 1:]
    given = build_parser(program, interactive).parse_args(arguments)
    if interactive and command:
        raise RunError("a shell takes no command; use tests/vm/run for one")
    if not interactive and not command:
        raise RunError("no command; put it after --, as in: tests/vm/run -- uname -r")
    if command and command[0] == "":
        raise RunError("the command's name is empty")
    if given.icount and given.parallel:
        raise RunError("--icount and --parallel exclude each other")
    given.icount |= given.kernel in COUNTED_FLAVOURS and not given.parallel
    if given.instruction_ns and not given.icount:
        raise RunError("--instruction-ns needs --icount")
    cpus, topology = check_topology(given.cpus, given.topology)
    memory_mib = check_memory(given.memory or DEFAULT_MEMORY.get(given.kernel, "2G"))
    check_numa(given.numa, cpus, memory_mib)
    timeout = given.timeout if given.timeout is not None else DEFAULT_TIMEOUT.get(given.kernel, 300)
    if not (math.isfinite(timeout) and timeout > 0):
        raise RunError(f"--timeout {timeout:g}: must be a positive number of seconds")
    return Options(
        flavour=given.kernel,
        kernel_image=find_kernel(given.kernel, given.kernel_tree),
        module=find_module(given.kernel, given.module, given.no_module),
        cpus=cpus, topology=topology, numa_nodes=given.numa, memory_mib=memory_mib,
        append=with_defaults(given.kernel, given.append),
        icount=given.icount, instruction_ns=given.instruction_ns or 1, parallel=given.parallel, timeout=timeout,
        keep_log=check_log(given.keep_log),
        shares=[check_share(share) for share in given.share],
        environment=dict(check_variable(text) for text in given.env),
        expected_ejections=given.expect_ejection, allow=given.allow,
        interactive=interactive, command=command)


def with_defaults(flavour: str, append: list[str]) -> list[str]:
    """The kernel parameters, those that the flavour has by itself among them."""
    named = {word.partition("=")[0] for parameters in append for word in parameters.split()}
    return [one for one in DEFAULT_PARAMETERS.get(flavour, ()) if one.partition("=")[0] not in named] + append


def check_topology(cpus: int | None, spec: str) -> tuple[int, str]:
    """Return the number of CPUs and a full QEMU topology of as many."""
    if cpus is not None and not 1 <= cpus <= 255:
        raise RunError(f"--cpus {cpus}: must be 1 to 255")
    if not spec:
        cpus = cpus or 4
        return cpus, f"sockets=1,cores={cpus},threads=1"
    levels = {"sockets": 1}
    for part in spec.split(","):
        match = re.fullmatch(r"(sockets|dies|cores|threads)=([1-9][0-9]{0,2})", part)
        if not match:
            raise RunError(f"--topology {spec}: '{part}' is not sockets=, dies=, cores= or threads= with a number")
        levels[match[1]] = int(match[2])
    product = math.prod(levels.values())
    if product > 255:
        raise RunError(f"--topology {spec}: {product} CPUs are more than 255")
    if cpus is not None and cpus != product:
        raise RunError(f"--topology {spec} makes {product} CPUs but --cpus says {cpus}; drop --cpus")
    return product, ",".join(f"{name}={count}" for name, count in levels.items())


def check_memory(size: str) -> int:
    """Return the size in MiB."""
    match = re.fullmatch(r"([1-9][0-9]*)([MG])", size)
    if not match:
        raise RunError(f"--memory {size}: give a number followed by M or G, as in 2G")
    mib = int(match[1]) * (1024 if match[2] == "G" else 1)
    if mib < 256:
        raise RunError(f"--memory {size}: the guest needs at least 256M")
    return mib


def check_numa(nodes: int, cpus: int, memory_mib: int) -> None:
    if not 1 <= nodes <= cpus:
        raise RunError(f"--numa {nodes}: must be 1 to the number of CPUs ({cpus})")
    if memory_mib // nodes < 128:
        raise RunError(f"--numa {nodes}: leaves less than 128M of memory for a node; give more --memory")


def find_kernel(flavour: str, tree: str | None) -> pathlib.Path:
    """The bzImage to boot."""
    if tree is not None:
        directory = pathlib.Path(tree).absolute()
    else:
        build = REPOSITORY / "kernel" / "build"
        if not build.exists():
            raise RunError("kernel/build is missing from this tree; check out the whole project")
        answer = subprocess.run([build, "--path", flavour], capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            lines = (answer.stderr.strip() or answer.stdout.strip()).splitlines()
            raise RunError(lines[-1] if lines else f"no {flavour} kernel is cached; run: kernel/build {flavour}")
        directory = pathlib.Path(answer.stdout.strip())
    image = directory / "arch/x86/boot/bzImage"
    if not image.is_file():
        raise RunError(f"{image} is missing; build it with: kernel/build {flavour}")
    return image


def find_module(flavour: str, file: str | None, no_module: bool) -> pathlib.Path | None:
    if no_module:
        if file is not None:
            raise RunError("--module and --no-module exclude each other")
        return None
    if file is None:
        if flavour not in FLAVOURS_WITH_MODULE:
            return None
        module = REPOSITORY / "build" / "module" / flavour / "sched_ext.ko"
    else:
        module = pathlib.Path(file).absolute()
    if not module.is_file():
        raise RunError(f"{module} is missing; build it with: module/build {flavour} (or say --no-module)")
    return module


def check_log(file: str | None) -> pathlib.Path | None:
    if file is None:
        return None
    log = pathlib.Path(file).absolute()
    if log.is_dir() or not log.parent.is_dir():
        raise RunError(f"--keep-log {file}: not a file in an existing directory")
    return log


def check_share(directory: str) -> pathlib.Path:
    share = pathlib.Path(directory).resolve()
    if not share.is_dir():
        raise RunError(f"--share {directory}: no such directory")
    if not os.access(share, os.W_OK):
        raise RunError(f"--share {directory}: not writable for you")
    return share


def check_variable(text: str) -> tuple[str, str]:
    match = re.fullmatch(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", text, re.DOTALL)
    if not match:
        raise RunError(f"--env {text}: give NAME=VALUE")
    return match[1], match[2]
