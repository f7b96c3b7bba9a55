# SPDX-License-Identifier: GPL-2.0
"""One life of a guest: started, relayed, bounded in time, judged, cleaned up."""

import contextlib
import fcntl
import os
import pathlib
import selectors
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time
import tty

from . import kernel_log, machine
from .errors import BrokenOutput, RunError
from .options import Options

HERE = pathlib.Path(__file__).resolve().parents[1]
ALLOWED_MESSAGES = HERE / "allowed-kernel-messages"
STATUS_TIMEOUT = 124
POWER_OFF_SECONDS = 15.0  # From the guest's last line to the end of QEMU.
CHUNK = 65536


class Interrupted(Exception):
    """A signal asks us to end; carries its number."""


def run(program: str, options: Options) -> int:
    """Boot, run the command, judge; returns the exit status for the caller's shell."""
    try:
        allowed = kernel_log.parse_allowed(ALLOWED_MESSAGES)
        kernel_log.allow_on_request(allowed, options.allow)
    except kernel_log.FormatError as error:
        raise RunError(str(error)) from error
    try:
        with temporary_directory() as directory, Session(options, directory) as session:
            try:
                session.start()
                session.relay()
            finally:
                session.stop()
                session.keep_log()
            return session.conclude(program, allowed)
    except Interrupted as interruption:
        return 128 + interruption.args[0]
    except BrokenOutput:
        return 128 + signal.SIGPIPE


@contextlib.contextmanager
def temporary_directory():
    """A directory of this run alone; signals that end us pass through its removal."""
    ending = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def interrupt(number, _frame):
        for other in ending:
            signal.signal(other, signal.SIG_IGN)  # The cleanup is short and must be whole.
        raise Interrupted(number)

    for number in ending:
        signal.signal(number, interrupt)
    directory = pathlib.Path(os.path.realpath(tempfile.mkdtemp(prefix="sched-ext-vm.")))
    try:
        if not str(directory).isprintable() or '"' in str(directory):
            raise RunError(f"TMPDIR: {directory} has a character that a kernel parameter cannot carry")
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


class Session:
    """The host's side of a guest. start, relay, stop, conclude, in this order."""

    def __init__(self, options: Options, directory: pathlib.Path):
        self.options_ = options
        self.directory_ = directory
        self.qemu_ = None
        self.ports_: dict[int, socket.socket] = {}
        self.kernel_log_ = bytearray()
        self.control_ = bytearray()
        self.started_ = self.finished_ = self.timed_out_ = False
        self.status_: int | None = None
        self.error_: str | None = None
        self.unload_failure_: str | None = None
        self.leaks_: list[tuple[str, str]] = []
        self.module_range_: tuple[int, int] | None = None
        self.terminal_settings_ = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    # Before the guest

    def start(self) -> None:
        self.write_run_directory()
        guest_ends = {}
        for port in self.port_numbers():
            ours, theirs = socket.socketpair()
            self.ports_[port] = ours
            guest_ends[port] = theirs
        descriptors = {port: end.fileno() for port, end in guest_ends.items()}
        try:
            command = machine.command_line(self.options_, self.directory_, descriptors)
            # A session of its own: a terminal's Ctrl-C is for us to act on.
            self.qemu_ = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=(self.directory_ / "qemu-errors").open("wb"),
                pass_fds=tuple(descriptors.values()), start_new_session=True)
        except FileNotFoundError as error:
            raise RunError(f"{error.filename} is not installed; run packaging/need-packages") from error
        finally:
            for end in guest_ends.values():
                end.close()
        self.deadline_ = time.monotonic() + self.options_.timeout
        if self.options_.interactive:
            self.terminal_settings_ = termios.tcgetattr(0)
            tty.setraw(0)

    def port_numbers(self) -> list[int]:
        ports = [machine.PORT_CONTROL, machine.PORT_KERNEL_LOG, machine.PORT_OUTPUT, machine.PORT_ERROR]
        return [machine.PORT_TERMINAL, *ports] if self.options_.interactive else ports

    @staticmethod
    def one_output() -> bool:
        """Whether both outputs go to one place: then one stream keeps their order."""
        try:
            output, error = os.fstat(1), os.fstat(2)
        except OSError:
            return False
        return (output.st_dev, output.st_ino) == (error.st_dev, error.st_ino)

    def write_run_directory(self) -> None:
        options, directory = self.options_, self.directory_
        shutil.copy(HERE / "init", directory / "init")
        directory.joinpath("fstab").write_text(machine.mount_table(options))
        lists = {"argv": options.command, "cwd": [os.getcwd()],
                 "environment": [f"{name}={value}" for name, value in options.environment.items()]}
        for name, words in lists.items():
            directory.joinpath(name).write_bytes(b"".join(os.fsencode(word) + b"\0" for word in words))
        rows, columns = 24, 80
        if options.interactive:
            rows, columns, _, _ = struct.unpack("HHHH", fcntl.ioctl(0, termios.TIOCGWINSZ, b"\0" * 8))
        settings = {
            "MODULE": str(options.module or ""), "FLAVOUR": options.flavour,
            "INTERACTIVE": "yes" if options.interactive else "",
            "ONE_OUTPUT": "yes" if self.one_output() else "",
            "TERMINAL": os.environ.get("TERM", "dumb") if options.interactive else "dumb",
            "ROWS": str(rows or 24), "COLUMNS_WIDE": str(columns or 80),
            "START_MARK": kernel_log.START_MARK, "END_MARK": kernel_log.END_MARK,
        }
        text = "".join(f"{name}={shlex.quote(value)}\n" for name, value in settings.items())
        text += "SHARES=(" + " ".join(shlex.quote(str(share)) for share in options.shares) + ")\n"
        directory.joinpath("settings").write_text(text)

    # While it lives

    def relay(self) -> None:
        """Pass on what the guest says until it is gone or its time is up."""
        handlers = {machine.PORT_CONTROL: self.take_control, machine.PORT_KERNEL_LOG: self.kernel_log_.extend,
                    machine.PORT_OUTPUT: lambda data: write_all(1, data),
                    machine.PORT_ERROR: lambda data: write_all(2, data),
                    machine.PORT_TERMINAL: lambda data: write_all(1, data)}
        with selectors.DefaultSelector() as selector:
            for number, port in self.ports_.items():
                selector.register(port, selectors.EVENT_READ, handlers[number])
            if self.options_.interactive:
                terminal = self.ports_[machine.PORT_TERMINAL]
                selector.register(0, selectors.EVENT_READ, terminal.sendall)
            open_ports = len(self.ports_)
            while open_ports:
                events = selector.select(max(0.0, self.deadline_ - time.monotonic()))
                if not events:
                    self.timed_out_ = not self.finished_
                    return
                for key, _ in events:
                    data = read_some(key.fd)
                    if data:
                        key.data(data)
                    else:
                        selector.unregister(key.fileobj)
                        open_ports -= key.fd != 0

    def take_control(self, data: bytes) -> None:
        self.control_ += data
        while b"\n" in self.control_:
            line, _, rest = self.control_.partition(b"\n")
            self.control_ = bytearray(rest)
            self.take_control_line(line.decode(errors="replace"))

    def take_control_line(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        if word == "started":
            self.started_ = True
        elif word == "error":
            self.error_ = rest
        elif word == "status":
            self.status_ = int(rest)
        elif word == "module":
            address, size = rest.split()
            self.module_range_ = (int(address, 16), int(address, 16) + int(size))
        elif word == "leak":
            when, _, text = rest.partition(" ")
            self.leaks_.append((when, text))
        elif word == "unload-failed":
            self.unload_failure_ = rest
        elif word == "finished":
            self.finished_ = True
            self.deadline_ = time.monotonic() + POWER_OFF_SECONDS

    # Afterwards

    def stop(self) -> None:
        """End the guest if it still lives, give the terminal back; may be called twice."""
        if self.terminal_settings_ is not None:
            termios.tcsetattr(0, termios.TCSADRAIN, self.terminal_settings_)
            self.terminal_settings_ = None
        if self.qemu_ is not None and self.qemu_.poll() is None:
            self.qemu_.kill()
        if self.qemu_ is not None:
            self.qemu_.wait()
        for port in self.ports_.values():
            port.close()

    def console(self) -> str:
        path = self.directory_ / "console"
        return path.read_text(errors="replace") if path.exists() else ""

    def keep_log(self) -> None:
        if self.options_.keep_log is None:
            return
        try:
            self.options_.keep_log.write_bytes(self.kernel_log_)
            pathlib.Path(f"{self.options_.keep_log}.console").write_text(self.console())
        except OSError as error:
            raise RunError(f"--keep-log: {error.strerror}: {error.filename}") from error

    def conclude(self, program: str, allowed: dict) -> int:
        if self.error_ is not None:
            raise RunError(self.error_)
        if not self.started_ and not self.timed_out_:
            raise RunError(self.describe_failed_boot())
        ended_itself = self.finished_ and not self.timed_out_
        try:
            # A guest that was ended may leave half a line.
            whole, _, _ = self.kernel_log_.rpartition(b"\n")
            records = kernel_log.parse_records(whole.decode(errors="replace"))
        except kernel_log.FormatError as error:
            raise RunError(f"kernel log: {error}") from error
        failures = kernel_log.judge(records, self.console(), allowed,
                                    self.options_.expected_ejections, complete=not self.timed_out_)
        failures += kernel_log.judge_leaks(self.leaks_, self.module_range_)
        if self.unload_failure_:
            failures.append(f"(the module could not be unloaded: {self.unload_failure_})")
        if failures:
            say(program, "the kernel log has what must not be there:")
            for line in failures:
                say(program, f"  {line}")
        if self.timed_out_:
            say(program, f"timed out: the guest was ended after {self.options_.timeout:g} s")
            return STATUS_TIMEOUT
        if self.status_ is None or not ended_itself:
            say(program, "the guest died before the run was over")
            if not any(kernel_log.ALARM.search(line) for line in failures):
                for line in self.console().splitlines()[-20:]:
                    say(program, f"  {line}")
        if failures or self.status_ is None:
            return self.status_ or 1
        return self.status_

    def describe_failed_boot(self) -> str:
        errors = (self.directory_ / "qemu-errors").read_text(errors="replace").strip().splitlines()
        console = [line for line in self.console().splitlines() if line.strip()]
        last = (errors or console or ["it said nothing"])[-1].strip()
        return f"the guest did not start: {last} (--keep-log FILE keeps the whole story)"


def say(program: str, text: str) -> None:
    print(f"{program}: {text}", file=sys.stderr, flush=True)


def read_some(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, CHUNK)
    except ConnectionResetError:
        return b""
    except OSError:
        if descriptor == 0:
            return b""
        raise


def write_all(descriptor: int, data: bytes) -> None:
    try:
        while data:
            data = data[os.write(descriptor, data):]
    except BrokenPipeError as error:
        raise BrokenOutput from error
