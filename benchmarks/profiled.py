"""Where the time goes: `make profile`. Prints the rooms and functions of a conversion by their own time.

    python -m benchmarks.profiled [--every 8] [--to splunk,sentinel,sigma,python] [--lines 40] [PATHS...]

The profiler makes calls dear: look for what is called too often, and measure what came of it with `make bench`.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import converter
from converter.api import catalogue, read_rule
from converter.diagnostics.errors import ConverterError

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("SIEMGLOT_SHARED", ROOT.parent / "shared"))


def convert(paths: Sequence[Path], targets: Sequence[str]) -> None:
    """Every rule for every target, in the platform's own fields."""
    known = catalogue()
    for path in paths:
        try:
            rule = read_rule(path, known)
        except ConverterError:
            continue
        for target in targets:
            converter.convert(rule, target, "native", known=known)


def rooms(found: pstats.Stats) -> Counter[str]:
    """The own time of each module, in seconds."""
    times: Counter[str] = Counter()
    for (file, _, _), (_, _, own, _, _) in found.stats.items():  # type: ignore[attr-defined]
        path = Path(file)
        inside = path.is_relative_to(ROOT) and ".venv" not in path.parts
        times[path.relative_to(ROOT).as_posix() if inside else "the library"] += own
    return times


def main() -> int:
    """Profile and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path, help="rule files; default: some of the shared corpus")
    parser.add_argument("--every", type=int, default=8, help="of the corpus, each so many-th rule")
    parser.add_argument("--to", default="splunk,sentinel,sigma,python")
    parser.add_argument("--lines", type=int, default=40)
    asked = parser.parse_args()
    paths = asked.paths or sorted((SHARED / "corpus").rglob("*.toml"))[:: asked.every]
    if not paths:
        sys.stdout.write(f"No corpus at {SHARED.name}: name rule files, or set SIEMGLOT_SHARED.\n")
        return 1
    profile = cProfile.Profile()
    profile.runcall(convert, paths, asked.to.split(","))
    found = pstats.Stats(profile)
    sys.stdout.write(f"{len(paths)} rules.\n\n")
    for name, seconds in rooms(found).most_common(asked.lines):
        sys.stdout.write(f"{seconds:8.2f} s  {name}\n")
    found.sort_stats("tottime").print_stats(asked.lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
