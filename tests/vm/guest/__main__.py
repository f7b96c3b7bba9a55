# SPDX-License-Identifier: GPL-2.0
"""Boot a kernel flavour on this machine's own root and run a command in it; see README.md."""

import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from guest import options, session  # noqa: E402
from guest.errors import RunError  # noqa: E402

STATUS_OWN_ERROR = 125
TOP = pathlib.Path(__file__).resolve().parents[3]
PACKAGES = ("qemu-system-x86", "iproute2", "kmod", "procps")


def need_packages() -> None:
    """Only once it is known that a guest will be started: bad arguments install nothing."""
    command = ["bash", "-c", '. packaging/need-packages && need_packages "$@"', "bash", *PACKAGES]
    if subprocess.run(command, cwd=TOP, stdout=sys.stderr, check=False).returncode != 0:
        raise RunError(f"packages are missing: {' '.join(PACKAGES)}")


def main() -> int:
    program = "tests/vm/run"
    try:
        given = options.parse(program, sys.argv[1:])
        need_packages()
        return session.run(program, given)
    except RunError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return STATUS_OWN_ERROR
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
