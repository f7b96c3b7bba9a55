# SPDX-License-Identifier: GPL-2.0
"""Bring about everything that the scheduler `complete` counts, and read its counts.

Usage: complete_of_2023.py LOADER. Runs in a guest with two threads per core. The scheduler itself
looks at what it is given, and ends when that is not as it should be.
"""

import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import every_callback  # noqa: E402

# Only the end has calls of these; a load that fails cancels, see refusal_of_2023.
LATE = {"exit", "disable", "cgroup_exit", "cancel_enable"}


class Loader:
    """The scheduler's user half, and the counts that it said last."""

    def __init__(self, program: str) -> None:
        self.said = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen([program], stdout=subprocess.PIPE, stderr=self.said, text=True)
        self.counts: dict[str, int] = {}
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self) -> None:
        for line in self.process.stdout:
            if line.startswith("counts "):
                self.counts = {name: int(number) for name, number in (word.split("=") for word in line.split()[1:])}

    def missing(self, but: set[str]) -> list[str]:
        return [name for name, number in self.counts.items() if not number and name not in but]

    def end(self) -> str:
        """The last line that it says to standard error."""
        self.process.send_signal(signal.SIGINT)
        self.reader.join()
        self.process.wait()
        self.said.seek(0)
        return "".join(self.said.readlines()[-1:]).rstrip()


def main() -> int:
    loader = Loader(sys.argv[1])
    while not every_callback.enabled() and loader.process.poll() is None:
        time.sleep(0.1)
    for _ in range(every_callback.ROUNDS):
        if loader.process.poll() is not None or not every_callback.enabled():
            break
        every_callback.one_round()
        if loader.counts and not loader.missing(LATE):
            break
    said = loader.end()
    print("INFO " + " ".join(f"{name}={number}" for name, number in loader.counts.items()))
    if said != "EXIT: BPF scheduler unregistered":
        print(f"it ended with: {said}")
        return 1
    if missing := loader.missing({"cancel_enable"}):
        print(f"never called: {' '.join(missing)}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
