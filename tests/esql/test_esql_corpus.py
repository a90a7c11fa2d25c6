"""Every ES|QL rule of the corpus, over the witness scenes that its pipeline asks for, by all engines.

The reference, the Python module, the SPL and Kusto judges and duckdb-kql give the same rows, and Microsoft's parser
takes every query, under Elastic's names and natively. A normal run takes some rules, `-m sweep` all of them; what was
judged is printed (pytest -s).
"""

from __future__ import annotations

import functools
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

import pytest
from duckdb_rows import DuckdbRows
from engines import kusto_parser
from shared import corpus_rule, corpus_rules, needs_shared, some_or_all

import converter
from converter.api import catalogue
from converter.diagnostics import Severity
from converter.model.pipeline import Pipeline
from converter.model.references import metadata_names
from converter.model.rule import Match, Rule, Threshold
from converter.proof import PythonArtifact, Reference, verify
from converter.proof.alerts import expected
from converter.proof.engine import clock_for
from converter.proof.judge import CannotJudgeError
from converter.proof.judges.errors import EngineUnavailable
from converter.proof.judges.spl.reading import READINGS
from converter.proof.panel.sentinel import TABLE, KustoJudge
from converter.proof.panel.splunk import SplJudge
from converter.proof.rows import detection_fields, kusto_columns, nested_paths
from converter.proof.scene import scenes
from converter.proof.staging import Scene
from converter.reference.detection import alerts
from converter.target.artifact import Artifact

pytestmark = needs_shared
EVERY = 29
"""A normal run takes each rule of this number."""


def readable(*, everything: bool) -> Iterator[Rule]:
    """The rules whose detection can be evaluated."""
    found = 0
    for path in corpus_rules():
        rule = corpus_rule(path)
        if rule is None or rule.meta.language != "esql":
            continue
        found += 1
        judged = isinstance(rule.detection, Pipeline | Match | Threshold)
        if judged and not any(d.severity is Severity.ERROR for d in rule.notes) and (everything or found % EVERY == 0):
            yield rule


def own_tables() -> dict[str, dict[str, str]]:
    """Tables that Microsoft's reference does not list, with the columns that ours declare."""
    known, tables = kusto_parser.sentinel_tables(), catalogue()
    places = [p for one in tables.listings for p in tables.table(one.name).places.get("sentinel", ()) if p.columns]
    return {p.header["table"]: dict(p.columns) for p in places if p.header["table"] not in known}


@functools.cache
def staged(everything: bool) -> tuple[tuple[Rule, tuple[Scene, ...]], ...]:
    return tuple(
        (rule, tuple(scenes(rule.detection, window_ms=rule.meta.window.from_ms)))
        for rule in readable(everything=everything)
    )


def over_corpus(
    name: str, judge: Callable[[Rule, Sequence[Scene], Counter[str]], str], *, everything: bool, least: int = 2
) -> None:
    """Judges every rule, prints what was judged, and fails with the first rules that differ."""
    tally: Counter[str] = Counter()
    wrong = []
    for rule, made in staged(everything):
        said = judge(rule, made, tally)
        tally["rules judged"] += bool(said != "-")
        tally["rules that differ"] += said not in ("", "-")
        if said not in ("", "-"):
            wrong.append(f"{rule.source.name}: {said}")
    counts = ", ".join(f"{count} {what}" for what, count in sorted(tally.items()))
    sys.stdout.write(f"\n{name}: {counts}")
    assert not wrong, "\n".join(wrong[:5])
    assert tally["rules judged"] >= (90 if everything and least > 1 else least)
    assert tally["alerts"] > 0


def _counted(tally: Counter[str], scene: Scene, found: int) -> None:
    tally["scenes"] += 1
    tally["events"] += len(scene.events)
    tally["alerts"] += found


def _python(rule: Rule, made: Sequence[Scene], tally: Counter[str]) -> str:
    if converter.convert(rule, "python").status != "exact":
        return "-"
    if not isinstance(rule.detection, Pipeline):
        found = verify(rule, engines=(Reference(), PythonArtifact()))
        tally["alerts"] += sum(row.verdicts[0] is True for row in found.rows)
        tally["events"] += len(found.rows)
        return "" if found.agree else str(found)
    names: dict[str, Callable[..., list[Mapping[str, Sequence[object]]]]] = {}
    exec(compile(converter.convert(rule, "python").text, "artifact", "exec"), names)  # noqa: S102 -- it is what users run
    for scene in made:
        numbers = {id(event): i for i, event in enumerate(scene.events)}
        found_by = alerts(rule.detection, scene.events, clock=clock_for(rule, scene))
        wanted = sorted(tuple(sorted(alert.events)) for alert in found_by)
        rows = names["alerts"](list(scene.events), scene.now)
        given = sorted(tuple(sorted(numbers[id(e)] for e in row["events"])) for row in rows)
        if given != wanted:
            return f"{scene.name}\n{given}\n{wanted}"
        _counted(tally, scene, len(wanted))
    return ""


def _by_judge(judge: SplJudge | KustoJudge | DuckdbRows, rule: Rule, made: Sequence[Scene], tally: Counter[str]) -> str:
    artifact = converter.convert(rule, judge.target, "ecs", bare=True, inline_macros=True)
    if artifact.status != "exact":
        return "-"
    judged = False
    for scene in made:
        try:
            said = _judged(judge, rule, artifact, scene, tally)
        except CannotJudgeError as why:
            tally[f"scenes not judged ({str(why)[:50]})"] += 1
            continue
        if said:
            return f"{scene.name}\n{artifact.text}\n{said}"
        judged = True
    return "" if judged else "-"


def _judged(
    judge: SplJudge | KustoJudge | DuckdbRows, rule: Rule, artifact: Artifact, scene: Scene, tally: Counter[str]
) -> str:
    """What differs in one scene."""
    if isinstance(rule.detection, Match):
        given = judge.run(rule, artifact, scene)
        hits = {alert.events[0] for alert in alerts(rule.detection, scene.events, clock=clock_for(rule, scene))}
        pairs = zip(scene.events, given, strict=True)
        wrong = [event for i, (event, found) in enumerate(pairs) if found is not None and found != (i in hits)]
        _counted(tally, scene, len(hits))
        return f"{wrong[:2]}" if wrong else ""
    wanted = expected(rule, scene, by_event=judge.by_event, without=artifact.left_out)
    answers = judge.answers(rule, artifact, scene)
    if any(found != wanted for found in answers.values()):
        return f"{dict(answers)}\nwanted {wanted}\n{scene.events}"
    _counted(tally, scene, sum(wanted.values()))
    return ""


@some_or_all
def test_python_gives_the_rows(everything: bool) -> None:
    over_corpus("python", _python, everything=everything)


@some_or_all
def test_splunk_gives_the_rows(everything: bool) -> None:
    over_corpus("spl", functools.partial(_by_judge, SplJudge(READINGS[:1])), everything=everything)


@some_or_all
def test_sentinel_gives_the_rows(everything: bool) -> None:
    over_corpus("kusto", functools.partial(_by_judge, KustoJudge()), everything=everything)


@pytest.mark.engine
@some_or_all
def test_duckdb_gives_the_rows(everything: bool) -> None:
    pytest.importorskip("duckdb_kql")
    over_corpus("duckdb", functools.partial(_by_judge, DuckdbRows()), everything=everything, least=1)


@pytest.mark.engine
@some_or_all
def test_microsofts_parser_takes_every_query(everything: bool) -> None:
    """Under Elastic's names against the columns that a rule reads, natively against Sentinel's tables."""
    ecs: dict[str, str] = {}
    native: dict[str, str] = {}
    columns: dict[str, str] = {}
    for rule in readable(everything=everything):
        columns |= kusto_columns(detection_fields(rule.detection), nested_paths(rule.detection))
        columns |= dict.fromkeys(rule.meta.investigation_fields - columns.keys(), "string")
        if isinstance(rule.detection, Pipeline):
            columns |= dict.fromkeys(metadata_names(rule.detection) - columns.keys(), "string")
        for fields, texts in (("ecs", ecs), ("native", native)):
            made = converter.convert(rule, "sentinel", fields, bare=True)
            if made.text:
                texts[rule.source.name] = made.text
    try:
        said = kusto_parser.diagnose(list(ecs.items()), {TABLE: columns}, sentinel=False)
        said_natively = kusto_parser.diagnose(list(native.items()), own_tables())
    except EngineUnavailable as why:
        pytest.skip(str(why))
    sys.stdout.write(f"\nMicrosoft's parser: {len(said)} queries under Elastic's names, {len(said_natively)} native")
    wrong = [f"{name}: {d}" for found in (said, said_natively) for name, d in found.items() if d]
    assert not wrong, "\n".join(wrong[:5])
    assert len(said) > (90 if everything else 2)
