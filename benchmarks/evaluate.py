"""How fast events are evaluated: `python -m benchmarks.evaluate 100000`, part of `make bench`.

Every figure is CPU time of the same events in the same run: contenders take turns over pieces of 250 lines, so that
what else the machine does falls on all of them. Compare ratios, not seconds. Needs the shared corpus.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.bench import SHARED
from benchmarks.cluster import compare
from benchmarks.events import events
from benchmarks.measure import ROOT, cost, line
from benchmarks.parallel import processes
from benchmarks.rivals import rivals
from benchmarks.rules import rules_of_corpus
from converter import api
from converter.engine import Engine
from converter.model.pipeline import Pipeline
from converter.model.rule import Match, NewTerms, Rule, Sample, Threshold
from converter.model.rule import Sequence as Sequenced
from converter.reference import matches

PIECE = 250
WARM = 6000
"""Events after which every contender has made its plan."""

Contender = Callable[[bytes], object]


def evaluating(rules: Sequence[Rule], parse: Callable[[bytes], Mapping[str, object]] | None = None) -> Contender:
    """Parse a line and hold all rules against it; without a parser as the command does with what is installed."""
    engine = Engine(rules)
    if parse is None:
        return engine.matcher.match_line
    match = engine.match
    return lambda text: match(parse(text))


def reference(rules: Sequence[Rule]) -> Contender:
    """The meaning itself, rule by rule."""
    wheres = [rule.detection.where for rule in rules if isinstance(rule.detection, Match)]

    def run(text: bytes) -> object:
        event = json.loads(text)
        return [matches(where, event) for where in wheres]

    return run


def artifacts(rules: Sequence[Rule]) -> Contender:
    """The Python artifacts of the rules, each a module of its own."""
    functions: list[Callable[[object], bool]] = []
    for rule in rules:
        space: dict[str, object] = {}
        exec(api.convert(rule, "python").text, space)  # noqa: S102 - our own artifact
        functions.append(space["matches"])  # type: ignore[arg-type]  # what the module is for

    def run(text: bytes) -> object:
        event = json.loads(text)
        return [function(event) for function in functions]

    return run


def pieces(lines: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """The lines in pieces."""
    for start in range(0, len(lines), PIECE):
        yield lines[start : start + PIECE]


def measured(contenders: Mapping[str, Contender], lines: Sequence[bytes]) -> dict[str, float]:
    """Microseconds of CPU an event, each contender in turn over each piece."""
    spent = dict.fromkeys(contenders, 0.0)
    for name, run in contenders.items():
        for text in lines[:WARM] if len(lines) > WARM else ():
            run(text)
        spent[name] = 0.0
    for piece in pieces(lines):
        for name, run in contenders.items():
            start = time.process_time()
            for text in piece:
                run(text)
            spent[name] += time.process_time() - start
    return {name: 1e6 * seconds / len(lines) for name, seconds in spent.items()}


def show(found: Mapping[str, float], base: Mapping[str, str]) -> None:
    """Each figure, and its ratio to the one it is to be compared with."""
    for name, micros in found.items():
        other = base.get(name)
        ratio = f"   {found[other] / micros:5.2f} of {other}" if other else ""
        line(name, f"{micros:10.1f} us/event {1e6 / micros:10,.0f} events/s{ratio}")


def throughput(rules: Sequence[Rule], lines: Sequence[bytes]) -> None:
    """All rules at once beside parsing alone."""
    kuery = [rule for rule in rules if rule.meta.language == "kuery"]
    contenders: dict[str, Contender] = {"json, parsing alone": json.loads}
    base = {}
    for name, chosen in (
        ("100 rules", rules[:100]),
        (f"{len(kuery)} kuery rules", kuery),
        (f"{len(rules)} event rules", rules),
    ):
        contenders[f"json, {name}"] = evaluating(chosen, json.loads)
        base[f"json, {name}"] = "json, parsing alone"
    if importlib.util.find_spec("msgspec"):
        import msgspec

        quick = msgspec.json.Decoder().decode
        contenders |= {"msgspec, parsing alone": quick}
        contenders[f"msgspec, {len(kuery)} kuery rules"] = evaluating(kuery)
        contenders[f"msgspec, {len(rules)} event rules"] = evaluating(rules)
        base |= {
            name: "msgspec, parsing alone" for name in contenders if name.startswith("msgspec, ") and "rules" in name
        }
    if importlib.util.find_spec("orjson"):
        import orjson

        contenders["orjson, parsing alone"] = orjson.loads
        base |= {
            name: "orjson, parsing alone" for name in contenders if name.startswith("msgspec, ") and "rules" in name
        }
    show(measured(contenders, lines), base)


def others(rules: Sequence[Rule], lines: Sequence[bytes]) -> None:
    """What evaluates rule by rule, on fewer events."""
    kuery = [rule for rule in rules if rule.meta.language == "kuery"]
    found = measured({"the reference, kuery rules": reference(kuery)}, lines[:40])
    found |= measured({"the Python artifacts, kuery rules": artifacts(kuery)}, lines[:100])
    show(found, {})
    rivals(rules, lines[:2000])


def stateful(rules: Sequence[Rule], events: Sequence[Mapping[str, object]]) -> None:
    """Streams of rules over several events, kind by kind and all at once, after the plan is made."""
    kinds = {
        "sequences and samples": (Sequenced, Sample),
        "thresholds": (Threshold,),
        "new terms": (NewTerms,),
        "ES|QL over several events": (Pipeline,),
        "all, those of single events included": (object,),
    }
    warm = len(events) // 2
    for name, types in kinds.items():
        chosen = [rule for rule in rules if isinstance(rule.detection, types)]
        session = Engine(chosen).session()
        for event in events[:warm]:
            session.push(event)
        start = time.process_time()
        for event in events[warm:]:
            session.push(event)
        spent = time.process_time() - start
        rate = (len(events) - warm) / spent
        line(f"stream, {len(chosen)} rules: {name}", f"{1e6 / rate:10.1f} us/event {rate:10,.0f} events/s")
        line("", f"{session.size:10,} remembered at the end")


def memory(path: Path) -> None:
    """The most memory that the command holds over a long stream."""
    for name, given in (("samples", ROOT / "rules" / "samples"), ("corpus", SHARED / "corpus")):
        options = ["-e", str(path), "-q", "-o", str(path.with_name("alerts"))]
        command = [sys.executable, "-m", "converter", "evaluate", str(given), *options]
        line(f"memory of the command over the stream, rules of the {name}", f"{cost(command, 1).peak:10,.0f} MiB")


def main() -> int:
    """All of it."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    every = rules_of_corpus()
    rules = [rule for rule in every if isinstance(rule.detection, Match)]
    if not rules:
        line(f"no corpus at {SHARED}: set SIEMGLOT_SHARED", "")
        return 1
    lines = [json.dumps(event, separators=(",", ":")).encode() for event in events(count)]
    line(
        f"{len(lines):,} events of {sum(map(len, lines)) // len(lines):,} bytes, {len(rules)} rules of single events",
        "",
    )
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 20)  # as the command does
    throughput(rules, lines)
    others(rules, lines)
    stateful(every, [json.loads(text) for text in lines[:10_000]])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.ndjson"
        path.write_bytes(b"\n".join(lines[:20_000]) + b"\n")
        memory(path)
        processes(path, rules)
    compare(2 * count, rules)  # a pass of Spark costs a second before the first event
    return 0


if __name__ == "__main__":
    sys.exit(main())
