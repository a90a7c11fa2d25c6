"""What becomes of the shared corpus: `make corpus`. Prints tables in Markdown; `docs/corpus.md` keeps the last ones.

    python -m benchmarks.corpus [--fields native] [--to splunk,sentinel,sigma,python] [--esql] [--quick]
                                [--why CODE] [--rows FILE]

Statuses and their reasons, what the artifacts rest on (row, document, guess), and, where the shared measure of
deployable artifacts is at hand (SIEMGLOT_SHARED), its figures beside the goals.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import converter
from converter.api import catalogue
from converter.datasets.reading.catalogue import Catalogue
from converter.diagnostics import Severity
from converter.diagnostics.errors import ConverterError
from converter.model.rule import Opaque, Rule
from converter.target.account import Ending
from converter.target.artifact import Artifact

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("SIEMGLOT_SHARED", ROOT.parent / "shared"))
RULES = SHARED / "corpus" / "elastic-detection-rules"
_FEW = 3
"""Rules that must use a table entry for it to count as used."""


@dataclass(slots=True)
class Tally:
    """What was counted of one target."""

    statuses: Counter[str] = field(default_factory=Counter)
    by_type: Counter[tuple[str, str]] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    grounds: Counter[str] = field(default_factory=Counter)
    entries: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, rule: Rule, artifact: Artifact) -> None:
        """Count one artifact."""
        status = str(artifact.status)
        self.statuses[status] += 1
        self.by_type[rule.meta.type, status] += 1
        for code in {d.code for d in artifact.diagnostics if d.severity is not Severity.NOTE}:
            self.reasons[status, code] += 1
        used = [line for line in artifact.account if line.entry and line.ending is not Ending.GIVEN_UP]
        if status == "exact" and used:
            self.grounds[max((line.known for line in used), key=("row", "document", "guess").index)] += 1
        for entry, known in {(line.entry, line.known) for line in used}:
            self.entries.setdefault(entry, Counter())[known] += 1

    def rows(self) -> tuple[int, int]:
        """Of the table entries that several rules use: those that a real row shows, and all."""
        used = [kinds for kinds in self.entries.values() if kinds.total() >= _FEW]
        return sum("row" in kinds for kinds in used), len(used)


def rules(*, esql: bool) -> Iterable[tuple[Path, Rule]]:
    """The rules of the corpus that have a query: in ES|QL, or in the other languages."""
    for path in sorted(RULES.rglob("*.toml")):
        try:
            rule = converter.read_rule(path)
        except ConverterError:
            continue
        learned = isinstance(rule.detection, Opaque) and rule.detection.kind == "machine_learning"
        if not learned and (rule.meta.language == "esql") is esql:
            yield path, rule


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table in Markdown."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(map(str, row))} |" for row in rows]
    sys.stdout.write("\n".join(lines) + "\n\n")


def share(part: int, whole: int) -> str:
    """A count and its share."""
    return f"{part} ({100 * part / whole:.1f} %)" if whole else "0"


def statuses(tallies: Mapping[str, Tally]) -> None:
    """How many artifacts are exact, approximate and refused, and what the exact ones rest on."""
    head = (
        "target",
        "exact",
        "approximate",
        "refused",
        "converted",
        "exact by rows",
        "by documents",
        "entries shown by a row",
    )
    rows = []
    for name, tally in tallies.items():
        total = tally.statuses.total()
        exact, approximate = tally.statuses["exact"], tally.statuses["approximate"]
        shown, used = tally.rows()
        rows.append(
            (name, share(exact, total), share(approximate, total), share(tally.statuses["refused"], total),
             share(exact + approximate, total), tally.grounds["row"], tally.grounds["document"], share(shown, used))
        )  # fmt: skip
    table(head, rows)


def by_default(known: Catalogue, targets: Sequence[str], *, esql: bool) -> None:
    """What is converted where `--fields` is not given: a rule that no table serves, over Elastic's names (M010)."""
    counts = {name: Counter[str]() for name in targets}
    for _, rule in rules(esql=esql):
        for name, count in counts.items():
            artifact = converter.convert(rule, name, known=known)
            count[str(artifact.status)] += 1
            count["M010"] += any(d.code == "M010" for d in artifact.diagnostics)
    rows = []
    for name, count in counts.items():
        converted = count["exact"] + count["approximate"]
        total = converted + count["refused"]
        rows.append((name, share(count["exact"], total), share(converted, total), share(count["M010"], total)))
    sys.stdout.write("Without `--fields` (a rule that no table serves is written over Elastic's names, M010):\n\n")
    table(("target", "exact", "converted", "of these over Elastic's names"), rows)


_CASED = re.compile(r"=CASE\(([^()]*)\)")
_LIST = re.compile(r'\bIN \((?:"(?:\\.|[^"\\])*"|[^()"])*\)')


def measured(row: Mapping[str, object]) -> Mapping[str, object]:
    """A row for the measure, CASE() as one value and a list on one line: it cuts at parentheses and ends of lines."""
    if row["target"] != "splunk":
        return row
    text = _CASED.sub(lambda m: f'="CASE {m[1]}"', str(row["text"]))
    return {**row, "text": _LIST.sub(lambda m: re.sub(r"\s+", " ", m[0]), text)}


def reasons(tallies: Mapping[str, Tally]) -> None:
    """Why artifacts are approximate or refused."""
    rows = [(name, status, code, n) for name, t in tallies.items() for (status, code), n in t.reasons.most_common(12)]
    table(("target", "status", "code", "rules"), rows)


def measure(written: list[dict[str, object]]) -> None:
    """The figures of the shared measure, where it is at hand."""
    script = SHARED / "reference" / "native" / "deployable.py"
    if not script.is_file():
        sys.stdout.write(f"No measure of deployable artifacts at {script.parent.name}: set SIEMGLOT_SHARED.\n")
        return
    sys.stdout.write(f"```text\n{_shared(script, written)}\n```\n")
    whole = _shared(script, [measured(row) for row in written if row["target"] == "splunk"])
    twice = re.search(r"duplicate_condition +(.*)", whole)
    if twice:
        sys.stdout.write(f"\nSplunk's conditions twice, each CASE() and each list read whole: {twice[1]}.\n")


def _shared(script: Path, written: Sequence[Mapping[str, object]]) -> str:
    """What the shared measure says of our artifacts."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.json"
        path.write_text(json.dumps(written), encoding="utf-8")
        done = subprocess.run([sys.executable, script, path], capture_output=True, text=True, check=True)
    return done.stdout.partition("== anchor")[0].strip()


def main() -> int:
    """Run over the corpus and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fields", default="native")
    parser.add_argument("--to", default="splunk,sentinel,sigma,python")
    parser.add_argument("--esql", action="store_true", help="the ES|QL rules instead of the others")
    parser.add_argument("--quick", action="store_true", help="without what the default of --fields would convert")
    parser.add_argument("--why", default="", help="show the rules and messages of one code")
    parser.add_argument("--rows", default="", help="write the artifacts to this file, for the shared measure")
    options = parser.parse_args()
    start, known = time.process_time(), catalogue()
    tallies = {name: Tally() for name in options.to.split(",")}
    written: list[dict[str, object]] = []
    for path, rule in rules(esql=options.esql):
        for target, tally in tallies.items():
            artifact = converter.convert(rule, target, options.fields if target != "python" else "ecs", known=known)
            tally.add(rule, artifact)
            written.append(
                {"path": path.relative_to(RULES).as_posix(), "target": target, "status": str(artifact.status),
                 "qlen": len(rule.meta.query), "text": artifact.text, "type": rule.meta.type}
            )  # fmt: skip
            for d in artifact.diagnostics:
                if options.why and d.code == options.why:
                    sys.stdout.write(f"{target} {path.name}: {d.message}\n")
    total = sum(t.statuses.total() for t in tallies.values())
    sys.stdout.write(f"{total} artifacts in {time.process_time() - start:.1f} s of CPU, fields {options.fields}.\n\n")
    statuses(tallies)
    reasons(tallies)
    if options.fields == "native" and not options.quick:
        by_default(known, [name for name in tallies if name != "python"], esql=options.esql)
    measure(written)
    if options.rows:
        Path(options.rows).write_text(json.dumps(written), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
