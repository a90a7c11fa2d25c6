"""Inputs that atheris finds by coverage, for the harnesses of `benchmarks.fuzz`: `make fuzz-atheris MINUTES=10`.

    python -m benchmarks.guided READER [SECONDS] [SEED]
    python -m benchmarks.guided all [SECONDS] [SEED]

The texts to begin with are those of the harness. Inputs are made by libFuzzer's own mutations, or by edits that know
what a token is, and kept if it reaches new code of siemglot: in `fuzz-corpus/READER`, for the next run. `fuzz-found/`
has what broke: another exception than ours, or over two seconds of CPU. `all` runs the readers one after another in
processes of their own; the exit code is 1 if something was found.
"""

from __future__ import annotations

import hashlib
import importlib
import itertools
import random
import re
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.fuzz import Harness
    from converter.model.rule import Rule

CORPUS = Path(__file__).parent.parent / "fuzz-corpus"
_MOST_SEEDS, _WARM = 300, 10
_LONGEST = 8_192
"""Bytes of an input: longer ones find nothing that shorter ones do not, and take most of the time."""
_DONE = re.compile(r"Done (\d+) runs in (\d+) second")
_COVERAGE = re.compile(r"cov: (\d+) ft: (\d+)")


def _seeded(name: str, seeds: list[str]) -> Path:
    """The folder of a reader's corpus, with the texts to begin with."""
    folder = CORPUS / name
    folder.mkdir(parents=True, exist_ok=True)
    for text in seeds:
        data = text.encode("utf-8", "replace")[:_LONGEST]
        (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
    return folder


def _warm(harness: Harness, rng: random.Random) -> None:
    """Import what the first inputs would, which takes longer than an input may: every module is rewritten."""
    import contextlib

    import converter
    from benchmarks.fuzz import WAYS

    for text in rng.sample(list(harness.seeds), min(_WARM, len(harness.seeds))):
        rules: Sequence[Rule] = ()
        with contextlib.suppress(converter.ConverterError):
            rules = harness.read(text)
        for rule, (target, fields) in itertools.product(rules, WAYS):
            with contextlib.suppress(converter.ConverterError):
                converter.convert(rule, target, fields=fields)


def one(name: str, seconds: int, seed: int) -> None:
    """Run one harness, which never returns."""
    atheris = importlib.import_module("atheris")
    # The imports stay watched: readers, targets and their tables are imported by the first input that needs them.
    atheris.instrument_imports(include=["converter", "backends"]).__enter__()
    from benchmarks.fuzz import EVERY, KEPT, WAYS, TooLongError, harnesses, outcome  # watched from here on

    harness = harnesses()[name]()
    rng = random.Random(seed)  # noqa: S311 - texts, no secrets
    seeds = list(harness.seeds)
    folder = _seeded(name, seeds if len(seeds) <= _MOST_SEEDS else rng.sample(seeds, _MOST_SEEDS))
    _warm(harness, rng)
    inputs = 0

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TooLongError

    def mutate(data: bytes, most: int, number: int) -> bytes:
        if number % 2:
            made: bytes = atheris.Mutate(data, most)
            return made
        return harness.edit(random.Random(number), data.decode("utf-8", "replace")).encode("utf-8", "replace")[:most]  # noqa: S311

    def take(data: bytes) -> None:
        nonlocal inputs
        if not inputs:  # Fuzz() has taken all handlers away
            signal.signal(signal.SIGPROF, stop)
        inputs += 1
        text = data.decode("utf-8", "replace")
        wrong, _ = outcome(harness, text, None if inputs % EVERY else WAYS[inputs // EVERY % len(WAYS)])
        if wrong:
            KEPT.mkdir(exist_ok=True)
            (KEPT / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}.txt").write_bytes(data)
            sys.stdout.write(f"{name}: {wrong}\n{text[:400]!r}\n")
            sys.stdout.flush()

    options = [
        f"-max_total_time={seconds}",
        f"-seed={seed}",
        f"-max_len={_LONGEST}",
        "-timeout=60",
        "-rss_limit_mb=1024",
    ]
    atheris.Setup([sys.argv[0], *options, "-print_final_stats=1", str(folder)], take, custom_mutator=mutate)
    atheris.Fuzz()


def every(seconds: int, seed: int) -> int:
    """Run all harnesses; print their inputs and what they reach; 1 if something was found."""
    from benchmarks.fuzz import harnesses

    whole, found, failed = 0, 0, False
    sys.stdout.write(f"{'reader':10} {'inputs':>10} {'seconds':>8} {'edges':>8} {'features':>9} {'found':>6}\n")
    for name in harnesses():
        command = [sys.executable, "-m", "benchmarks.guided", name, str(seconds), str(seed)]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        ended = _DONE.search(done.stderr)
        edges, features = (_COVERAGE.findall(done.stderr) or [("0", "0")])[-1]
        bad = sum(line.startswith(f"{name}: ") for line in done.stdout.splitlines())
        runs, spent = (int(ended[1]), int(ended[2])) if ended else (0, 0)
        sys.stdout.write(f"{name:10} {runs:10,} {spent:8,} {int(edges):8,} {int(features):9,} {bad:6,}\n{done.stdout}")
        sys.stdout.flush()
        if ended is None:
            sys.stdout.write(f"{name} did not end: {done.stderr[-600:]}\n")
        whole, found, failed = whole + runs, found + bad, failed or ended is None
    sys.stdout.write(f"{'all':10} {whole:10,} {found:34,}\n")
    return 1 if found or failed else 0


def main() -> int:
    """What the arguments say."""
    name, seconds, seed, *_ = (*sys.argv[1:], *("all", "60", "1")[len(sys.argv) - 1 :])
    if name == "all":
        return every(int(seconds), int(seed))
    one(name, int(seconds), int(seed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
