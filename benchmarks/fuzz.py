"""Broken inputs for every reader: each gives a value or an error with a code, in time, and nothing else.

    python -m benchmarks.fuzz [MINUTES] [SEED] [PROCESSES]

Each harness edits texts of its own seed corpus (and of the shared one, where it is at hand): characters, tokens, lines
and values out of place. Every input is read; of the rules that come of it, one in `EVERY` is converted to every target.
An input that gives another exception, or takes over two seconds of CPU, is printed and kept in `fuzz-found/`, and the
run ends with 1. `benchmarks.guided` runs the same harnesses guided by coverage; docs/hardening.md keeps what was run.
"""

from __future__ import annotations

import itertools
import json
import random
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import FrameType

sys.path[:0] = [str(Path(__file__).parent.parent / "tests")]  # whose generators serve here too

from fuzz.mutation import mutated, mutated_query
from fuzz.rule_text import rule_text
from shared import ROOT, corpus_rules

import converter
from converter import api, rulefile
from converter.cli.events import read_events
from converter.datasets.reading.load import load_table
from converter.diagnostics import Source
from converter.diagnostics.errors import ConverterError
from converter.model.rule import Rule
from converter.rulefile.collection import read_collection

SECONDS = 2.0
"""What an input may cost, in seconds of CPU; each conversion has as much again."""
EVERY = 50
"""Of so many inputs, one is converted where it is a rule."""
TARGETS = ("python", "splunk", "sentinel", "sigma", "elastic")
KEPT = ROOT / "fuzz-found"

QUERIES: Mapping[str, Sequence[str]] = {
    "kuery": (
        'process.name: (cmd.exe or "a b" or *x*) and not user.id: S-1-5-* and source.port >= 1024',
        "nested: { a: 1 and b: (x or y) } or @timestamp > now-5m/d",
    ),
    "eql": (
        'process where process.name : ("a*", "b?") and length(process.args) > 2 and not process.parent.name in~ ("c")',
        "sequence by host.id with maxspan=1m [process where true] by user.id with runs=2 ![file where file.size > 3]",
        'sequence [any where a == 1] by b [network where cidrmatch(source.ip, "10.0.0.0/8")] by c until [a where true]',
    ),
    "lucene": ('a:(x OR "y z"~2) AND NOT b:/[a-c]+d{2,3}/ AND c:[1 TO 5} AND _exists_:d AND e:f*g?',),
    "esql": (
        'FROM logs-* METADATA _id | WHERE a == "x" AND b RLIKE "c.*" | EVAL d = CASE(e > 1, "f", null) | KEEP d, a*',
        'FROM logs-* | GROK g "%{IP:h} %{WORD:i}" | STATS n = COUNT_DISTINCT(i), v = VALUES(g) BY h | LIMIT 9',
        "FROM logs-* | STATS n = COUNT(*) WHERE a > 1 BY k = DATE_TRUNC(1 hour, @timestamp), b | SORT n DESC | DROP k",
    ),
}
SIGMA = """title: A
logsource: {category: process_creation, product: windows}
detection:
  one: {Image|endswith: ['\\\\a.exe', 'b*'], CommandLine|contains|all: [x, '?'], Hash|re|i: 'a(b|c)'}
  two: [{User|cidr: 10.0.0.0/8}, keyword]
  condition: 1 of o* and not all of t*
level: high
"""
TABLE = next(iter(sorted((ROOT / "converter" / "datasets" / "tables").glob("[!_]*.yaml"))))


@dataclass(frozen=True, slots=True)
class Harness:
    """One reader: what reads a text and gives the rules in it, texts to begin with, and how a text is edited."""

    read: Callable[[str], Sequence[Rule]]
    seeds: Sequence[str]
    edit: Callable[[random.Random, str], str] = mutated


def _query(language: str) -> Callable[[str], Sequence[Rule]]:
    """Reads a query in a rule file whose rest was read once."""
    around = rulefile.read_text(rule_text("a: b", language, kind="esql" if language == "esql" else ""), "r.toml")

    def read(query: str) -> Sequence[Rule]:
        meta = replace(around.meta, query=query, query_span=None)
        return (api.understand(replace(around, meta=meta, query_source=Source("r.toml (query)", query))),)

    return read


def _file(name: str) -> Callable[[str], Sequence[Rule]]:
    """Reads a rule file of a format."""
    return lambda text: tuple(map(api.understand, read_collection(text, name).rules))


def _filters(text: str) -> Sequence[Rule]:
    extra = f"filters = {text}" if text.strip() else ""
    return (converter.parse_rule(rule_text("a: b", extra=extra), "r.toml"),)


def _events(text: str) -> Sequence[Rule]:
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as place:
        place.write(text)
        place.flush()
        read_events(Path(place.name))
    return ()


def _tables(text: str) -> Sequence[Rule]:
    load_table(text, "t.yaml")
    return ()


def _queries(language: str) -> Iterator[str]:
    """The queries of the shared corpus."""
    for path in corpus_rules():
        try:
            meta = rulefile.read_path(path).meta
        except ConverterError:
            continue
        if meta.language == language:
            yield meta.query


def harnesses() -> dict[str, Callable[[], Harness]]:
    """What makes the harness of each reader."""
    files = (*sorted((ROOT / "rules" / "samples").glob("*.toml")), *corpus_rules())
    exported = json.dumps({"rule_id": "a", "type": "query", "name": "n", "query": "a: b", "language": "kuery"})
    return {
        **{name: partial(_queries_of, name, own) for name, own in QUERIES.items()},
        "toml": lambda: Harness(_file("r.toml"), [path.read_text("utf-8") for path in files]),
        "ndjson": lambda: Harness(_file("r.ndjson"), (exported, f"{exported}\n{exported}\n")),
        "sigma": lambda: Harness(_file("r.yml"), (SIGMA,)),
        "tables": lambda: Harness(_tables, (TABLE.read_text("utf-8"),)),
        "filters": lambda: Harness(_filters, ('[{query = {match_phrase = {"a.b" = "x"}}, meta = {negate = true}}]',)),
        "events": lambda: Harness(_events, ('{"a": {"b": [1, "x", null]}}\n{"a.b": 1.5}\n', "[{}, {}]")),
    }


def _queries_of(language: str, own: Sequence[str]) -> Harness:
    return Harness(_query(language), (*own, *_queries(language)), mutated_query)


class TooLongError(BaseException):
    """An input used up its time. Not an Exception: no handler takes it for one of its own."""


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise TooLongError


def outcome(harness: Harness, text: str, *, convert: bool) -> tuple[str, bool]:
    """What is wrong with how a text is taken ("" for nothing), and whether it is one or more rules."""
    rules: Sequence[Rule] = ()
    try:
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        rules = harness.read(text)
        for target, rule in itertools.product(TARGETS, rules) if convert else ():
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            converter.convert(rule, target, fields="ecs")
    except ConverterError as error:
        coded = bool(error.diagnostics) and all(d.message and d.code for d in error.diagnostics)
        return "" if coded else "an error without a code", bool(rules)
    except TooLongError:
        return f"over {SECONDS} s", bool(rules)
    except BaseException as error:  # noqa: BLE001 - anything else is what is looked for
        return f"{type(error).__name__}: {str(error)[:200]}", bool(rules)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return "", bool(rules)


def edited(rng: random.Random, harness: Harness) -> str:
    """A text of the seed corpus after one to eight edits."""
    text = rng.choice(harness.seeds)
    for _ in range(rng.choice((1, 1, 1, 3, 8))):
        text = harness.edit(rng, text)
    return "".join(c for c in text if not "\ud800" <= c <= "\udfff")


def fuzz(name: str, seconds: float, seed: int) -> Counter[str]:
    """Run one harness for some seconds: how many inputs, how many of them rules, how many converted, what was found."""
    signal.signal(signal.SIGPROF, _stop)
    harness, rng = harnesses()[name](), random.Random(f"{name} {seed}")  # noqa: S311 - texts, no secrets
    counted: Counter[str] = Counter()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        text, convert = edited(rng, harness), counted["inputs"] % EVERY == 0
        wrong, read = outcome(harness, text, convert=convert)
        counted.update(inputs=1, rules=read, converted=read and convert, found=bool(wrong))
        if wrong:
            KEPT.mkdir(exist_ok=True)
            (KEPT / f"{name}-{seed}-{counted['inputs']}.txt").write_text(text, "utf-8")
            sys.stdout.write(f"{name}: {wrong}\n{text[:400]!r}\n")
    counted["MiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return counted


def main(minutes: float = 1.0, seed: int = 1, processes: int = 1) -> int:
    """Run every harness for its share of the time, in each process with a seed of its own; 1 if something was found."""
    whole: Counter[str] = Counter()
    sys.stdout.write(f"{'reader':10} {'inputs':>12} {'rules':>12} {'converted':>10} {'found':>6}\n")
    with ProcessPoolExecutor(processes, max_tasks_per_child=1) as pool:
        for name in harnesses():
            share = minutes * 60 / len(harnesses())
            parts = [pool.submit(fuzz, name, share, seed + number) for number in range(processes)]
            counted = sum((part.result() for part in parts), Counter[str]())
            counted["MiB"] = max(part.result()["MiB"] for part in parts)
            _say(name, counted)
            whole, most = whole + counted, max(whole["MiB"], counted["MiB"])
            whole["MiB"] = most
    _say("all", whole)
    sys.stdout.write(f"at most {whole['MiB']} MiB a process\n")
    return 1 if whole["found"] else 0


def _say(name: str, counted: Counter[str]) -> None:
    inputs, rules, converted, found = (counted[key] for key in ("inputs", "rules", "converted", "found"))
    sys.stdout.write(f"{name:10} {inputs:12,} {rules:12,} {converted:10,} {found:6,}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    given = sys.argv[1:]
    sys.exit(main(float(given[0]) if given else 1.0, *map(int, given[1:])))
