# SPDX-License-Identifier: GPL-2.0
"""Runs inside the guest: the checks of a proof one after the other. tests/vm/schedulers starts it."""

import functools
import importlib
import os
import pathlib
import signal
import sys
import traceback

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import common  # noqa: E402
import every  # noqa: E402

# What does not end by then hangs, and the line says so. Seconds of the guest's clock.
LIMIT = 1800


def limit_reached(_number, _frame):
    raise common.Failure(f"did not end within {LIMIT} s")


def run(function) -> str | None:
    """None, or why the check failed."""
    try:
        function()
        return None
    except common.Skip:
        raise
    except common.Failure as failure:
        return str(failure)
    except Exception as error:  # pylint: disable=broad-except
        traceback.print_exc()
        return f"{type(error).__name__}: {error}"


def clean_up() -> str | None:
    """None, or what could not be undone."""
    try:
        common.reap()
    except (common.Failure, OSError) as error:
        return f"cannot clean up: {error}"
    if common.read(common.STATE / "state") == "disabled":
        return None
    pathlib.Path("/proc/sysrq-trigger").write_text("S")
    return "left a scheduler loaded"


def main(name: str, checks: list[str]) -> int:
    # Above every scheduler on trial, so that it cannot be starved; its children are ordinary.
    os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(1))
    signal.signal(signal.SIGALRM, limit_reached)
    proof = importlib.import_module(name)
    failed = 0
    for check in checks:
        function = getattr(proof, check, None)
        if function is None and hasattr(every, check):
            function = functools.partial(getattr(every, check), name, getattr(proof, "USUAL_OPTIONS", ()))
        pathlib.Path("/dev/kmsg").write_text(f"check {name}.{check}\n")
        common.figures.clear()
        signal.alarm(LIMIT)
        try:
            wrong = run(function)
        except common.Skip as reason:
            wrong = None
            skipped = str(reason)
        else:
            skipped = ""
        signal.alarm(0)
        wrong = clean_up() if wrong is None else (clean_up(), wrong)[1]
        figures = ", ".join(common.figures)
        if skipped and wrong is None:
            print(f"SKIP {name}.{check}: {skipped}", flush=True)
        elif wrong is None:
            print(f"PASS {name}.{check}: {figures}", flush=True)
        else:
            failed += 1
            print(f"FAIL {name}.{check}: {wrong}{f' [{figures}]' if figures else ''}", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
