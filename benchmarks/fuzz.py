"""Broken inputs for every reader: each gives a value or an error with a code, in time, and nothing else.

    python -m benchmarks.fuzz [MINUTES] [SEED] [PROCESSES] [READER...]

Each harness edits texts of its own seed corpus (and of the shared one, where it is at hand): characters, tokens, lines
and values out of place. Every input is read; of those that are rules, one in `EVERY` is converted, to each target and
binding in turn. An input that gives another exception, or takes over two seconds of CPU, is printed and kept in
`fuzz-found/`, and the run ends with 1. Readers get the time by `SHARES`. Counts are added to the file of
`benchmarks.totals`, which adds up runs in parts. `benchmarks.guided` runs the same harnesses guided by coverage;
docs/hardening.md keeps what was run.
"""

from __future__ import annotations

import functools
import random
import resource
import signal
import sys
import tempfile
import time
import tomllib
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import FrameType

sys.path[:0] = [str(Path(__file__).parent.parent / "tests")]  # whose generators serve here too

from fuzz.mutation import Cut, cut, edited, mutated, mutated_query
from fuzz.rule_text import rule_text
from fuzz.seeds import OWN
from shared import ROOT, corpus_rules

import converter
from benchmarks import totals
from converter import api, rulefile
from converter.cli.events import read_events
from converter.datasets.reading.load import included_tables, load_table
from converter.diagnostics import Source
from converter.diagnostics.errors import ConverterError, RuleFileError
from converter.model.rule import Rule
from converter.rulefile import sigma
from converter.rulefile.collection import read_collection
from converter.rulefile.exceptions import attached

SECONDS = 2.0
"""What an input may cost, in seconds of CPU; each conversion has as much again."""
EVERY = 50
"""Of so many inputs that are rules, one is converted."""
WAYS = tuple(
    (target, fields) for fields in ("ecs", None) for target in ("python", "splunk", "sentinel", "sigma", "elastic")
)
"""Targets and bindings (None: the target's own) that conversions go through in turn."""
KEPT = ROOT / "fuzz-found"
OWN_SHARE = 0.7
"""Of the inputs, so many come of the short texts of `fuzz.seeds`; the others of files, the shorter the likelier."""
SHARES: Mapping[str, int] = {"esql": 2, "toml": 2, "sigma": 2}
"""Of the time, in parts, where not 1: what is slow to read has more."""


@dataclass(frozen=True, slots=True)
class Harness:
    """One reader: what reads a text and gives the rules in it, texts to begin with, and how a text is edited."""

    read: Callable[[str], Sequence[Rule]]
    own: Sequence[str]
    corpus: Sequence[str] = ()
    edit: Callable[[random.Random, str], str] = mutated

    @property
    def seeds(self) -> Sequence[str]:
        """All texts to begin with."""
        return (*self.own, *self.corpus)


class Editor:
    """Makes inputs of the texts of a harness; each text is cut into its tokens once."""

    def __init__(self, rng: random.Random, harness: Harness) -> None:
        """`rng` decides everything."""
        self._rng = rng
        self._own = [cut(text) for text in harness.own]
        self._corpus = sorted(harness.corpus, key=len)
        self._cut = functools.lru_cache(maxsize=600)(cut)

    def text(self) -> str:
        """The next input."""
        return edited(self._rng, self._pick(), self._pick)

    def _pick(self) -> Cut:
        if not self._corpus or self._rng.random() < OWN_SHARE:
            return self._rng.choice(self._own)
        return self._cut(self._corpus[int(len(self._corpus) * self._rng.random() ** 3)])


def _query(language: str) -> Callable[[str], Sequence[Rule]]:
    """Reads a query in a rule file whose rest was read once."""
    around = rulefile.read_text(rule_text("a: b", language, kind="esql" if language == "esql" else ""), "r.toml")

    def read(query: str) -> Sequence[Rule]:
        meta = replace(around.meta, query=query, query_span=None)
        return (
            api.understand(replace(around, meta=meta, query_source=Source("r.toml (query)", query), query_offset=0)),
        )

    return read


def _file(name: str) -> Callable[[str], Sequence[Rule]]:
    """Reads the rules of a file of a format, with their exceptions and references, as the command line does."""

    def read(text: str) -> Sequence[Rule]:
        found = read_collection(text, name)
        texts = [replace(one, meta=attached(one.meta, found.lists, found.items)) for one in found.rules]
        related = sigma.attached(texts, found.filters)
        if wrong := [d for ds in (*found.broken, *related.broken.values()) for d in ds]:
            raise RuleFileError(wrong)
        return tuple(api.understand(rule) for number, rule in related.rules.items() if number not in related.parts)

    return read


def _filters(text: str) -> Sequence[Rule]:
    extra = f"filters = {text}" if text.strip() else ""
    return (converter.parse_rule(rule_text("a: b", extra=extra), "r.toml"),)


def _events() -> Callable[[str], Sequence[Rule]]:
    """Reads a file of events: one file for all texts, which takes most of the time to make."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
    place = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None)) / "events.json"

    def read(text: str) -> Sequence[Rule]:
        place.write_text(text, encoding="utf-8", newline="")
        read_events(place)
        return ()

    return read


def _tables(text: str) -> Sequence[Rule]:
    load_table(text, "t.yaml", included_tables())
    return ()


def _queries(language: str) -> Iterator[str]:
    """The queries of the shared corpus, of which nothing else is read: a run in parts reads it often."""
    for path in corpus_rules():
        try:
            rule = tomllib.loads(path.read_text("utf-8"))["rule"]
        except (tomllib.TOMLDecodeError, KeyError):
            continue
        if rule.get("language") == language and isinstance(rule.get("query"), str):
            yield rule["query"]


def harnesses() -> dict[str, Callable[[], Harness]]:
    """What makes the harness of each reader."""
    files = (*sorted((ROOT / "rules" / "samples").glob("*.toml")), *corpus_rules())
    tables = sorted((ROOT / "converter" / "datasets" / "tables").glob("[!_]*.yaml"))
    documents = sorted((ROOT / "tests" / "sigma_documents").glob("*.yml"))
    return {
        **{name: partial(_queries_of, name) for name in ("kuery", "eql", "lucene", "esql")},
        "toml": lambda: Harness(_file("r.toml"), OWN["toml"], _texts(files)),
        "ndjson": lambda: Harness(_file("r.ndjson"), OWN["ndjson"]),
        "sigma": lambda: Harness(_file("r.yml"), OWN["sigma"], _texts(documents)),
        "tables": lambda: Harness(_tables, OWN["tables"], [text for text in _texts(tables) if len(text) < SMALL]),
        "filters": lambda: Harness(_filters, OWN["filters"]),
        "events": lambda: Harness(_events(), OWN["events"]),
    }


SMALL = 4_000
"""Characters of a table: the larger ones have nothing that the small ones have not."""


def _texts(paths: Iterable[Path]) -> list[str]:
    return [path.read_text("utf-8") for path in paths]


def _queries_of(language: str) -> Harness:
    return Harness(_query(language), OWN[language], tuple(_queries(language)), mutated_query)


class TooLongError(BaseException):
    """An input used up its time. Not an Exception: no handler takes it for one of its own."""


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise TooLongError


def outcome(harness: Harness, text: str, way: tuple[str, str | None] | None) -> tuple[str, bool]:
    """What is wrong with how a text is taken ("" for nothing), and whether it is one or more rules.

    `way`: the target and the binding that rules are converted to.
    """
    rules: Sequence[Rule] = ()
    try:
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        rules = harness.read(text)
        if way is not None:
            for rule in rules:
                signal.setitimer(signal.ITIMER_PROF, SECONDS)
                converter.convert(rule, way[0], fields=way[1])
    except ConverterError as error:
        coded = bool(error.diagnostics) and all(d.message and d.code for d in error.diagnostics) and bool(str(error))
        return "" if coded else "an error without a code", bool(rules)
    except TooLongError:
        return f"over {SECONDS} s", bool(rules)
    except BaseException as error:  # noqa: BLE001 - anything else is what is looked for
        return f"{type(error).__name__}: {str(error)[:200]}", bool(rules)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return "", bool(rules)


def fuzz(name: str, seconds: float, seed: int) -> Counter[str]:
    """Run one harness for some seconds: how many inputs, how many of them rules, how many converted, what was found."""
    signal.signal(signal.SIGPROF, _stop)
    warnings.simplefilter("error")  # a warning of a library about an input is a surprise to us as well
    harness, rng = harnesses()[name](), random.Random(f"{name} {seed}")  # noqa: S311 - texts, no secrets
    editor = Editor(rng, harness)
    counted: Counter[str] = Counter(inputs=0, rules=0, converted=0, found=0)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        text, way = editor.text(), None
        if counted["rules"] >= EVERY * (counted["converted"] + 1):
            way = WAYS[counted["converted"] % len(WAYS)]
        wrong, read = outcome(harness, text, way)
        counted["inputs"] += 1
        counted["rules"] += read
        counted["converted"] += read and way is not None
        if wrong:
            counted["found"] += 1
            KEPT.mkdir(exist_ok=True)
            (KEPT / f"{name}-{seed}-{counted['inputs']}.txt").write_text(text, "utf-8", newline="")
            sys.stdout.write(f"{name}: {wrong}\n{text[:400]!r}\n")
    counted["MiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    totals.add(f"fuzz {name}", seed, counted)
    return counted


def main(minutes: float = 1.0, seed: int = 1, processes: int = 1, readers: Sequence[str] = ()) -> int:
    """Run every harness for its share of the time, in each process with a seed of its own; 1 if something was found."""
    sums: dict[str, Counter[str]] = {}
    names = list(readers) or list(harnesses())
    parts = sum(SHARES.get(name, 1) for name in names)
    with ProcessPoolExecutor(processes, max_tasks_per_child=1) as pool:
        for name in names:
            share = minutes * 60 * SHARES.get(name, 1) / parts
            done = [pool.submit(fuzz, name, share, seed + number) for number in range(processes)]
            counted = [part.result() for part in done]
            sums[f"fuzz {name}"] = sum(counted, Counter[str]())
            sums[f"fuzz {name}"]["MiB"] = max(one["MiB"] for one in counted)
    sys.stdout.write(totals.table(sums))
    return 1 if any(one["found"] for one in sums.values()) else 0


if __name__ == "__main__":
    given = sys.argv[1:]
    numbers = [*map(int, given[1:3]), *(1, 1)[len(given[1:3]) :]]
    sys.exit(main(float(given[0]) if given else 1.0, numbers[0], numbers[1], given[3:]))
