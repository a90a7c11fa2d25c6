"""How fast events are evaluated: `python -m benchmarks.evaluate 100000`, part of `make bench`.

Every figure is CPU time of the same events in the same run: contenders take turns over pieces of 250 lines, so that
what else the machine does falls on all of them. Compare ratios, not seconds. Needs the shared corpus.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.bench import SHARED
from benchmarks.events import events
from benchmarks.measure import ROOT
from converter import api
from converter.diagnostics.errors import ConverterError
from converter.engine import Engine
from converter.engine.judging import judged
from converter.engine.sources.decode import decode
from converter.engine.sources.files import batches
from converter.model.rule import Match, Rule
from converter.reference import matches

PIECE = 250
WARM = 6000
"""Events after which every contender has made its plan."""

Contender = Callable[[bytes], object]


def line(what: str, value: str) -> None:
    """One figure."""
    sys.stdout.write(f"{what:<78}{value}\n")


def rules_of_corpus() -> list[Rule]:
    """The rules of single events."""
    found = []
    for path in sorted((SHARED / "corpus").rglob("*.toml")):
        try:
            rule = api.read_rule(path)
        except ConverterError:
            continue
        if isinstance(rule.detection, Match) and not api.errors_of(rule):
            found.append(rule)
    return found


def evaluating(rules: Sequence[Rule], parse: Callable[[bytes], Mapping[str, object]]) -> Contender:
    """Parse a line and hold all rules against it."""
    match = Engine(rules).match
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
        contenders[f"msgspec, {len(kuery)} kuery rules"] = evaluating(kuery, decode)
        contenders[f"msgspec, {len(rules)} event rules"] = evaluating(rules, decode)
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


def _with_msgspec(contenders: Mapping[str, Contender]) -> list[str]:
    return [name for name in contenders if name.startswith("msgspec, ") and "rules" in name]


def others(rules: Sequence[Rule], lines: Sequence[bytes]) -> None:
    """What evaluates rule by rule, on fewer events."""
    kuery = [rule for rule in rules if rule.meta.language == "kuery"]
    found = measured({"the reference, kuery rules": reference(kuery)}, lines[:40])
    found |= measured({"the Python artifacts, kuery rules": artifacts(kuery)}, lines[:100])
    show(found, {})
    for package, what in (("kql", "Elastic's Python evaluator"), ("zargunlite", "zargunlite (SQLite)")):
        if importlib.util.find_spec(package) is None:
            line(f"{what} is not installed", "")


def processes(folder: Path, rules: Sequence[Rule], lines: Sequence[bytes]) -> None:
    """Batches of a file in one process and in two, with plans that are made; and the memory of a long stream."""
    path = folder / "events.ndjson"
    path.write_bytes(b"\n".join(lines) + b"\n")
    engine = Engine(rules)
    found = []
    walls = []
    for jobs in (1, 1, 2):  # the first makes the plan
        start = time.perf_counter()
        pairs = judged(engine, batches(str(path), lambda _: None), jobs)
        found.append([hit.hits for _, done in pairs for hit in done.hits])
        walls.append(time.perf_counter() - start)
    line(f"{len(rules)} event rules, one process (wall)", f"{len(lines) / walls[1]:10,.0f} events/s")
    line("the same, two processes (wall)", f"{len(lines) / walls[2]:10,.0f} events/s   {walls[1] / walls[2]:5.2f} x")
    line("both find the same", str(found[1] == found[2]))
    options = ["-e", str(path), "-q", "-o", str(folder / "alerts")]
    command = [sys.executable, "-m", "converter", "evaluate", str(ROOT / "rules" / "samples"), *options]
    subprocess.run(command, check=False, cwd=ROOT, capture_output=True)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    line("memory of the command over the stream, or of a worker, whichever is more", f"{peak:10,} MiB")


def main() -> int:
    """All of it."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    rules = rules_of_corpus()
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
    with tempfile.TemporaryDirectory() as folder:
        processes(Path(folder), rules, lines[:20_000])
    return 0


if __name__ == "__main__":
    sys.exit(main())
