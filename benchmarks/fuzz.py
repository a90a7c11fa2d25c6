"""Broken inputs for every reader: each gives a value or an error with a code, in time, and nothing else.

    python -m benchmarks.fuzz [MINUTES] [SEED]

Each harness edits texts of its own seed corpus (and of the shared one, where it is at hand): characters, tokens, lines
and values out of place. An input that gives another exception, or takes over two seconds of CPU, is printed and kept in
`fuzz-found/`, and the run ends with 1. Where atheris is installed (`pip install atheris`), `--atheris READER` runs one
harness guided by coverage.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent.parent / "tests")]  # whose generators serve here too

from fuzz.mutation import mutated, mutated_query
from fuzz.rule_text import rule_text
from shared import ROOT, corpus_rules

import converter
from converter.cli.events import read_events
from converter.datasets.reading.load import load_table
from converter.diagnostics.errors import ConverterError
from converter.rulefile.collection import read_collection

SECONDS = 2.0
"""What an input may cost."""
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


def _rule(language: str) -> Callable[[str], object]:
    def run(query: str) -> object:
        kind = "esql" if language == "esql" else ""
        rule = converter.parse_rule(rule_text(query, language, kind=kind), "r.toml")
        return [converter.convert(rule, target, fields="ecs") for target in ("python", "splunk", "sentinel", "sigma")]

    return run


def _filters(text: str) -> object:
    extra = f"filters = {text}" if text.strip() else ""
    return converter.parse_rule(rule_text("a: b", extra=extra), "r.toml")


def _events(text: str) -> object:
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as place:
        place.write(text)
        place.flush()
        return read_events(Path(place.name))


def _read(name: str) -> Callable[[str], object]:
    def run(text: str) -> object:
        found = read_collection(text, name)
        for one in found.rules:
            converter.api.understand(one)
        return found

    return run


def harnesses() -> dict[str, tuple[Callable[[str], object], Sequence[str]]]:
    """Reader -> what reads a text, and texts to begin with."""
    rules = [
        path.read_text("utf-8") for path in (*sorted((ROOT / "rules" / "samples").glob("*.toml")), *corpus_rules())
    ]
    exported = json.dumps({"rule_id": "a", "type": "query", "name": "n", "query": "a: b", "language": "kuery"})
    return {
        **{language: (_rule(language), texts) for language, texts in QUERIES.items()},
        "toml": (_read("r.toml"), rules),
        "ndjson": (_read("r.ndjson"), [exported, f"{exported}\n{exported}\n"]),
        "sigma": (_read("r.yml"), [SIGMA]),
        "tables": (lambda text: load_table(text, "t.yaml"), [TABLE.read_text("utf-8")]),
        "filters": (_filters, ['[{query = {match_phrase = {"a.b" = "x"}}, meta = {negate = true}}]']),
        "events": (_events, ['{"a": {"b": [1, "x", null]}}\n{"a.b": 1.5}\n', "[{}, {}]"]),
    }


def outcome(run: Callable[[str], object], text: str) -> str:
    """What is wrong with how a text is taken; "" for nothing."""
    start = time.process_time()
    try:
        run(text)
    except ConverterError as error:
        if not error.diagnostics or not all(d.message and d.code for d in error.diagnostics):
            return "an error without a code"
    except BaseException as error:  # noqa: BLE001 - anything else is what is looked for
        return f"{type(error).__name__}: {str(error)[:200]}"
    took = time.process_time() - start
    return f"{took:.1f} s" if took > SECONDS else ""


def main(minutes: float, seed: int) -> int:
    """Run every harness for its share of the time; 1 if something was found."""
    rng = random.Random(seed)  # noqa: S311 - texts, no secrets
    found, total = 0, 0
    made = harnesses()
    for name, (run, texts) in made.items():
        number, bad, edit = 0, 0, mutated_query if name in QUERIES else mutated
        until = time.monotonic() + minutes * 60 / len(made)
        while time.monotonic() < until:
            text = rng.choice(texts)
            for _ in range(rng.choice((1, 1, 1, 3, 8))):
                text = edit(rng, text)
            text = "".join(c for c in text if not "\ud800" <= c <= "\udfff")
            number += 1
            wrong = outcome(run, text)
            if wrong:
                bad += 1
                KEPT.mkdir(exist_ok=True)
                (KEPT / f"{name}-{seed}-{number}.txt").write_text(text, "utf-8")
                sys.stdout.write(f"{name}: {wrong}\n{text[:400]!r}\n")
        sys.stdout.write(f"{name:10} {number:9,} inputs, {bad} found\n")
        sys.stdout.flush()
        found, total = found + bad, total + number
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(f"{'all':10} {total:9,} inputs, {found} found, {memory} MiB at most\n")
    return 1 if found else 0


def guided(name: str) -> None:
    """One harness under atheris, which never returns."""
    import importlib

    atheris = importlib.import_module("atheris")
    run, _ = harnesses()[name]

    def one(data: bytes) -> None:
        text = atheris.FuzzedDataProvider(data).ConsumeUnicodeNoSurrogates(len(data))
        wrong = outcome(run, text)
        if wrong:
            raise RuntimeError(wrong)

    atheris.instrument_all()
    atheris.Setup([sys.argv[0], *sys.argv[3:]], one)
    atheris.Fuzz()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--atheris"]:
        guided(sys.argv[2])
    else:
        given = [*map(float, sys.argv[1:]), *(1.0, 1.0)[len(sys.argv) - 1 :]]
        sys.exit(main(given[0], int(given[1])))
