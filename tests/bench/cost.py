# SPDX-License-Identifier: GPL-2.0
"""What the benchmarks share: the same operation on several kernels, counted in instructions.

Each figure is the median of three in a guest whose clock counts instructions, so that it does not
depend on this machine or its load.
"""

import argparse
import dataclasses
import pathlib
import re
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
STATUS_SKIPPED = 77


class Skipped(Exception):
    """What is missing and the command that makes it."""


@dataclasses.dataclass(frozen=True)
class Row:
    """One figure, and the row that it is compared with."""

    name: str
    flavour: str
    scheduler: pathlib.Path | None = None
    reference: str | None = None
    limit: float | None = None
    module: bool = True


def need_kernels(flavours: tuple[str, ...]) -> None:
    """The kernels, and the module for ours."""
    for flavour in flavours:
        answer = subprocess.run([ROOT / "kernel/build", "--path", flavour], capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            raise Skipped(answer.stderr.strip().splitlines()[-1])
    if not (ROOT / "build/module/hooks/sched_ext.ko").is_file():
        raise Skipped("no module: run module/build hooks")


def upstream_scheduler() -> pathlib.Path:
    """One binary for all kernels: compiled against ours, which has every type the other has."""
    answer = subprocess.run([ROOT / "tests/vm/upstream-build", "--kernel", "hooks"],
                            stdout=subprocess.PIPE, text=True, check=False)
    if answer.returncode != 0:
        raise Skipped("upstream's programs could not be built: run tests/vm/upstream-build")
    return pathlib.Path(answer.stdout.strip()) / "bin" / "scx_simple"


def parse(description: str) -> list[str]:
    """The kernel parameters that every guest gets."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter,
                                     allow_abbrev=False)
    parser.add_argument("--append", action="append", default=[], metavar="PARAMS",
                        help="kernel parameters for every guest, for example mitigations=off")
    return parser.parse_args().append


def measure(row: Row, program: list[pathlib.Path], append: list[str]) -> float | None:
    """Thousands of instructions per operation; None when the run failed (it has said why)."""
    command = [ROOT / "tests/vm/run", "--kernel", row.flavour, "--cpus", "2", "--icount", "--timeout", "600"]
    if not row.module:
        command.append("--no-module")
    for parameters in append:
        command += ["--append", parameters]
    command += ["--", *program, *([row.scheduler] if row.scheduler else [])]
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    figures = [float(text) for text in re.findall(r"^thousand-instructions-per-operation ([0-9.]+)$", run.stdout, re.M)]
    if run.returncode != 0 or len(figures) != 3:
        print(f"{sys.argv[0]}: '{row.name}' failed with status {run.returncode}", file=sys.stderr)
        return None
    return statistics.median(figures)


def table(operation: str, rows: list[Row], program: list[pathlib.Path], append: list[str]) -> int:
    """Measures and prints the rows. 0: all are within their limits, 1: not, or one failed."""
    print(f"thousands of instructions per {operation}, median of three")
    figures: dict[str, float] = {}
    failed = False
    for row in rows:
        figure = measure(row, program, append)
        if figure is None:
            failed = True
            continue
        figures[row.name] = figure
        line = f"{row.name:<42}{figure:9.3f}"
        if row.reference in figures:
            ratio = figure / figures[row.reference]
            line += f"   {ratio:.4f} of {row.reference}"
            if row.limit is not None:
                over = ratio > row.limit
                failed = failed or over
                line += f", limit {row.limit}: {'OVER' if over else 'met'}"
        print(line, flush=True)
    return 1 if failed else 0
