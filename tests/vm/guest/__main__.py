# SPDX-License-Identifier: GPL-2.0
"""Boot a kernel flavour on this machine's own root and run a command in it; see README.md."""

import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from guest import options, session  # noqa: E402
from guest.errors import RunError  # noqa: E402

STATUS_OWN_ERROR = 125


def main() -> int:
    program = "tests/vm/run"
    try:
        return session.run(program, options.parse(program, sys.argv[1:]))
    except RunError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return STATUS_OWN_ERROR
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
