"""Measures processes: CPU and wall seconds, peak memory, and instructions where valgrind is installed."""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNS = 5
"""Runs of which the median counts."""

_PEAK = "import resource, subprocess, sys; done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, \
stderr=subprocess.PIPE); assert done.returncode < 2, done.stderr[-500:]; \
r = resource.getrusage(resource.RUSAGE_CHILDREN); \
print(r.ru_utime + r.ru_stime, r.ru_maxrss)"
"""A process of its own, so that the peak is that of one run."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process costs: seconds, and the most memory that one of its processes held, in MiB."""

    cpu: float
    wall: float
    peak: float


def line(what: str, value: str) -> None:
    """One figure."""
    sys.stdout.write(f"{what:<78}{value}\n")


def cost(
    command: Sequence[str | Path],
    runs: int = RUNS,
    *,
    root: Path = ROOT,
    environment: Mapping[str, str] | None = None,
    clear: Path | None = None,
) -> Cost:
    """The medians of some runs of a command, start-up included. The code is that of `root`.

    Nothing is kept from one run to the next but in a cache that the environment names, and not the folder `clear`.
    """
    found = []
    for _ in range(runs):
        if clear is not None:
            shutil.rmtree(clear, ignore_errors=True)
        found.append(_once(command, root, environment or {}))
    return Cost(*(statistics.median(getattr(one, name) for one in found) for name in ("cpu", "wall", "peak")))


def _once(command: Sequence[str | Path], root: Path, environment: Mapping[str, str]) -> Cost:
    start = time.perf_counter()
    wrapped = [sys.executable, "-c", _PEAK, *command]
    done = subprocess.run(
        wrapped, check=True, capture_output=True, text=True, cwd=root, env=_environment(root, environment)
    )
    wall = time.perf_counter() - start
    cpu, peak = done.stdout.split()
    return Cost(float(cpu), wall, float(peak) / 1024)


def _environment(root: Path, more: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": str(root), "SIEMGLOT_CACHE": "off", **more}


def instructions(command: Sequence[str | Path]) -> int | None:
    """The instructions that a command takes, which do not depend on what else the machine does; None: no valgrind."""
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        return None
    wrapped = [valgrind, "--tool=callgrind", "--callgrind-out-file=/dev/null", *command]
    fixed = {"PYTHONHASHSEED": "0"}
    done = subprocess.run(wrapped, check=True, capture_output=True, text=True, cwd=ROOT, env=_environment(ROOT, fixed))
    found = re.search(r"Collected : (\d+)", done.stderr)
    return int(found[1]) if found else None
