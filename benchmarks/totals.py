"""What the runs of `benchmarks.fuzz` and `benchmarks.judge` come to: each adds its counts to a file, line by line.

    python -m benchmarks.totals [FILE]

A line is a JSON object: what ran (`fuzz kuery`, `judge`), with which seed, and the counts. Runs in parts, in several
processes or of several days add up. The file is that of SIEMGLOT_TOTALS, or `fuzz-found/totals.jsonl`.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

PLACE = Path(os.environ.get("SIEMGLOT_TOTALS", Path(__file__).parent.parent / "fuzz-found" / "totals.jsonl"))
_LARGEST = "MiB"
"""The count of which the largest is kept: the others add up."""


def add(what: str, seed: int, counts: Mapping[str, int], place: Path = PLACE) -> None:
    """Write down what a part of a run did. Raises OSError."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("a", encoding="utf-8") as lines:  # a line at once: processes share the file
        lines.write(json.dumps({"what": what, "seed": seed, **counts}) + "\n")


def summed(lines: Iterable[str]) -> dict[str, Counter[str]]:
    """The sums by what ran; `parts` counts the lines, and a last line that was cut short is left out."""
    sums: dict[str, Counter[str]] = {}
    for line in lines:
        try:
            counts = json.loads(line)
        except ValueError:
            continue
        what, most = sums.setdefault(counts.pop("what"), Counter()), counts.pop(_LARGEST, 0)
        counts.pop("seed", None)
        what.update(counts, parts=1)
        what[_LARGEST] = max(what[_LARGEST], most)
    return sums


def table(sums: Mapping[str, Counter[str]]) -> str:
    """The sums, those of the readers in columns."""
    columns = ("inputs", "rules", "converted", "found", "MiB")
    out = [f"{'reader':10}" + "".join(f"{column:>13}" for column in columns)]
    readers = {what.removeprefix("fuzz "): counts for what, counts in sums.items() if what.startswith("fuzz ")}
    whole: Counter[str] = Counter()
    for name, counts in readers.items():
        out.append(f"{name:10}" + "".join(f"{counts[column]:13,}" for column in columns))
        largest = max(whole[_LARGEST], counts[_LARGEST])
        whole.update(counts)
        whole[_LARGEST] = largest
    out.append(f"{'all':10}" + "".join(f"{whole[column]:13,}" for column in columns))
    for what, counts in sums.items():
        if not what.startswith("fuzz "):
            out += ["", what, *(f"  {name:24} {count:13,}" for name, count in counts.items() if name != _LARGEST)]
    return "\n".join(out) + "\n"


if __name__ == "__main__":
    given = Path(sys.argv[1]) if len(sys.argv) > 1 else PLACE
    sys.stdout.write(table(summed(given.read_text("utf-8").splitlines())))
