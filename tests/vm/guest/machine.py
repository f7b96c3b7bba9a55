# SPDX-License-Identifier: GPL-2.0
"""The virtual machine: which QEMU arguments and kernel parameters a run turns into.

The guest's root is this machine's own, exported read-only over 9p; the init script puts a
writable overlay above it. One 9p export per --share is writable. Four virtio ports carry what
must not mix with the console: control lines, kernel log records, the command's two outputs.
"""

import os
import pathlib
import re
import subprocess

from .options import Options

# Port numbers of the one virtio-serial device; /dev/vportDpN in the guest. Number 0 is reserved
# by the device for a console, which tests/vm/shell uses.
PORT_CONTROL, PORT_KERNEL_LOG, PORT_OUTPUT, PORT_ERROR = 1, 2, 3, 4
PORT_TERMINAL = 0

NEW_ROOT = "/mnt/root"


def escape_mount_point(path: pathlib.Path | str) -> str:
    """As fstab wants it."""
    return str(path).translate({ord(c): f"\\{ord(c):03o}" for c in " \t\n\\"})


def kernel_parameters(options: Options, directory: pathlib.Path) -> str:
    parameters = [
        "console=ttyS0", "quiet", "panic=-1",
        "root=root", "rootfstype=9p", "ro",
        "rootflags=trans=virtio,version=9p2000.L,msize=262144,cache=loose",
        # Records a test writes to the log are evidence: never thin them out, never overwrite them.
        "printk.devkmsg=on", "log_buf_len=4M",
        "random.trust_cpu=on",
        # Measuring the delay loop takes long and fails on a busy host; for emulated devices any will do.
        "lpj=4000000",
        # A host that is late makes clocks look wrong, though all processors read the same one.
        "tsc=reliable", "no_timer_check",
        # QEMU knows translated code by its virtual address: programs that are always at the same ones are
        # translated once, not once a process. A third of the time of what forks and executes much.
        "norandmaps",
    ]
    if options.icount:
        parameters.append("nokaslr")
    parameters += options.append
    # Last, so that --append cannot end the value early.
    parameters.append(f'init="{directory}/init"')
    return " ".join(parameters)


def runs_processors_in_parallel(options: Options) -> bool:
    """Before 8.1, QEMU translates code without a lock on it: with a thread per virtual CPU, one
    that translates while another patches a static key keeps the breakpoint of the patching, and
    the guest dies of `Oops: int3`. Seen here in the upstream selftests; one thread never does it.
    """
    if options.icount:
        return False
    if options.parallel:
        return True
    version = subprocess.run(["qemu-system-x86_64", "--version"], capture_output=True, text=True, check=False)
    match = re.search(r"version (\d+)\.(\d+)", version.stdout)
    return match is not None and (int(match[1]), int(match[2])) >= (8, 1) and (os.cpu_count() or 1) > 1


def acceleration(options: Options) -> list[str]:
    thread = "multi" if runs_processors_in_parallel(options) else "single"
    arguments = ["-accel", f"tcg,thread={thread}"]
    if options.icount:
        shift = options.instruction_ns.bit_length() - 1
        arguments += ["-icount", f"shift={shift},sleep=off", "-seed", "1", "-rtc", "base=2024-01-01T00:00:00,clock=vm"]
    return arguments


def processors(options: Options) -> list[str]:
    # KASAN cannot follow the switch to five levels of page tables early in a boot.
    arguments = ["-cpu", "max,la57=off", "-smp", f"{options.cpus},{options.topology}", "-m", f"{options.memory_mib}M"]
    if options.numa_nodes == 1:
        return arguments
    memory = options.memory_mib // options.numa_nodes
    first_memory = options.memory_mib - memory * (options.numa_nodes - 1)
    for node in range(options.numa_nodes):
        first = options.cpus * node // options.numa_nodes
        last = options.cpus * (node + 1) // options.numa_nodes - 1
        arguments += ["-object", f"memory-backend-ram,id=memory{node},size={memory if node else first_memory}M",
                      "-numa", f"node,nodeid={node},memdev=memory{node},cpus={first}-{last}"]
    return arguments


def exports(options: Options) -> list[str]:
    arguments = ["-virtfs", "local,path=/,mount_tag=root,security_model=none,readonly=on,multidevs=remap"]
    for index, share in enumerate(options.shares):
        # A comma in an option's value is written twice.
        path = str(share).replace(",", ",,")
        arguments += ["-virtfs", f"local,path={path},mount_tag=share{index},security_model=none,multidevs=remap"]
    return arguments


def ports(sockets: dict[int, int]) -> list[str]:
    """A device per port; sockets maps a port number to the inherited descriptor behind it."""
    arguments = ["-device", "virtio-serial-pci"]
    for port, descriptor in sorted(sockets.items()):
        kind = "virtconsole" if port == PORT_TERMINAL else "virtserialport"
        arguments += ["-chardev", f"socket,id=port{port},fd={descriptor}",
                      "-device", f"{kind},chardev=port{port},nr={port}"]
    return arguments


def command_line(options: Options, directory: pathlib.Path, sockets: dict[int, int]) -> list[str]:
    """The whole command; setpriv ties QEMU's life to ours even if we are killed outright."""
    return ["setpriv", "--pdeathsig", "KILL", "--", "qemu-system-x86_64",
            "-machine", "q35", "-bios", "qboot.rom", "-nodefaults", "-display", "none", "-no-reboot",
            *acceleration(options), *processors(options),
            "-serial", f"file:{str(directory / 'console').replace(',', ',,')}",
            *exports(options), *ports(sockets),
            "-kernel", str(options.kernel_image), "-append", kernel_parameters(options, directory)]


def mount_table(options: Options) -> str:
    """What init mounts below its new root (which it has at NEW_ROOT then), in fstab's format."""
    rows = [
        ("proc", "/proc", "proc", "defaults"),
        ("sysfs", "/sys", "sysfs", "defaults"),
        ("devtmpfs", "/dev", "devtmpfs", "defaults"),
        ("devpts", "/dev/pts", "devpts", "mode=620,ptmxmode=666,X-mount.mkdir"),
        ("tmpfs", "/dev/shm", "tmpfs", "mode=1777,X-mount.mkdir"),
        ("cgroup2", "/sys/fs/cgroup", "cgroup2", "defaults"),
        ("debugfs", "/sys/kernel/debug", "debugfs", "defaults"),
        ("tracefs", "/sys/kernel/tracing", "tracefs", "defaults"),
        ("bpf", "/sys/fs/bpf", "bpf", "defaults"),
    ]
    for index, share in enumerate(options.shares):
        rows.append((f"share{index}", str(share), "9p",
                     "trans=virtio,version=9p2000.L,msize=262144,cache=mmap,X-mount.mkdir"))
    return "".join(f"{source} {escape_mount_point(NEW_ROOT + point)} {kind} {flags} 0 0\n"
                   for source, point, kind, flags in rows)
