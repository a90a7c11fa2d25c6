"""Expected artifacts, read by a human: `pytest --update-golden` writes them anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from shared import ROOT
from targets.sentinel_cases import ARGS, HOSTS, NAME, PID, SCRIPT, SOURCE, TAGS, emitted

import converter
from converter.model import pattern as patterns
from converter.model.pattern import Case, Pattern, Wild
from converter.model.predicate import (
    Analyzer,
    And,
    Compare,
    Comparison,
    Element,
    Holds,
    InNetwork,
    Like,
    Not,
    OneOf,
    Or,
    Phrase,
    Present,
)
from converter.model.rule import (
    Detection,
    Distinct,
    IndicatorMatch,
    Key,
    Match,
    NewTerms,
    Pair,
    Sample,
    Sequence,
    Step,
    Threshold,
)
from converter.model.value import Call, Field, Function, Instant, Kind, Literal, Now

GOLDEN = Path(__file__).parent / "golden" / "sentinel"
SEED = ROOT / "rules" / "elastic" / "collection_exchange_excessive_mail_items_accessed.toml"
HOST = Field("host.id", Kind.KEYWORD, many=False)
STAMP = Field("@timestamp", Kind.DATE, many=False)
ROLE = Field("bindings.role", Kind.KEYWORD, many=True)
KIND = Field("bindings.kind", Kind.KEYWORD, many=False)


def one(*names: str) -> OneOf:
    return OneOf(NAME, names, Case.SENSITIVE)


EVERY_LEAF = And(
    (
        one("cmd.exe"),
        Not(OneOf(Field("user.name", many=False), ("a", "b"), Case.INSENSITIVE)),
        OneOf(Field("process.title", many=False), ("Éa",), Case.INSENSITIVE),
        Like(
            Field("process.path", many=False),
            (patterns.of("C:\\", Wild.ANY_RUN), patterns.of(Wild.ANY_RUN, "s", Wild.ANY_ONE, "k")),
            Case.SENSITIVE,
        ),
        Compare(PID, Comparison.GE, 5),
        Not(Compare(PID, Comparison.EQ, 7)),
        Compare(NAME, Comparison.LT, "m"),
        Compare(STAMP, Comparison.GT, Instant(1_704_067_200_000)),
        Compare(STAMP, Comparison.LE, Now(-86_400_000, "d")),
        Compare(STAMP, Comparison.LE, Now(0)),
        Not(InNetwork(SOURCE, ("10.0.0.0/8", "192.168.0.0/16", "fe80::/10", "::/0"))),
        InNetwork(SOURCE, ("10.0.0.1/32", "10.0.0.2/32")),
        Or((OneOf(ARGS, ("-enc",), Case.SENSITIVE), Like(ARGS, (patterns.of("-e", Wild.ANY_RUN),), Case.INSENSITIVE))),
        Not(Present(TAGS)),
        Element("bindings", And((OneOf(ROLE, ("owner",), Case.SENSITIVE), Not(OneOf(KIND, ("x",), Case.SENSITIVE))))),
        Phrase(SCRIPT, (Pattern(("invoke-mimikatz",)), Pattern(("now",))), Analyzer.POWERSHELL),
        Holds(Call(Function.GT, (Call(Function.LENGTH, (ARGS,)), Literal(100)))),
        Holds(
            Call(
                Function.ENDS_WITH,
                (NAME, Call(Function.CONCAT, (Literal("\\"), Call(Function.SUBSTRING, (NAME, Literal(-4)))))),
                Case.INSENSITIVE,
            )
        ),
    )
)

TI = Field("threat.indicator.ip", Kind.IP, many=False)
DETECTIONS: dict[str, Detection] = {
    "leaves": Match(EVERY_LEAF),
    "sequence": Sequence(
        (Step(one("a"), (Key(HOST),)), Step(one("b"), (Key(HOST),)), Step(one("c"), (Key(HOST),))), 60_000
    ),
    "sequence_keys": Sequence(
        (Step(one("a"), (Key(HOST), Key(PID))), Step(one("b"), (Key(ARGS), Key(TAGS, optional=True)), runs=2)),
        None,
        Step(one("c"), (Key(HOST), Key(PID))),
    ),
    "sequence_missing": Sequence(
        (
            Step(one("a"), (Key(HOST),), missing=True),
            Step(one("b"), (Key(HOST),)),
            Step(one("c"), (Key(HOST),), missing=True),
            Step(one("d"), (Key(HOST),)),
            Step(one("e"), (Key(HOST),)),
            Step(one("f"), (Key(HOST),), missing=True),
        ),
        300_000,
    ),
    "sample": Sample((Step(one("a"), (Key(HOST),)), Step(one("b"), (Key(HOST),)))),
    "threshold": Threshold(one("a"), (HOST, ARGS), 10, Distinct(SOURCE, 3)),
    "threshold_no_group": Threshold(one("a"), (), 10, Distinct(HOSTS, 3)),
    "new_terms": NewTerms(one("a"), (HOST, ARGS), 7 * 86_400_000),
    "indicator": IndicatorMatch(one("a"), Present(TI), ("logs-ti_*",), ((Pair(SOURCE, TI),), (Pair(HOSTS, TI),))),
}


def compare(name: str, text: str, *, update: bool) -> None:
    path = GOLDEN / name
    if update:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("name", DETECTIONS)
def test_golden_detection(name: str, update_golden: bool) -> None:
    emission = emitted(DETECTIONS[name], form="query")
    told = "".join(f"// {d.severity.value} {d.code}: {d.message}\n" for d in emission.diagnostics)
    compare(f"{name}.kusto", emission.text + told, update=update_golden)


@pytest.mark.parametrize(
    ("fields", "form", "suffix"),
    [("ecs", "", "ecs.kusto"), ("native", "", "kusto"), ("native", "yaml", "yaml"), ("native", "arm", "json")],
)
def test_golden_seed_rule(fields: str, form: str, suffix: str, update_golden: bool) -> None:
    artifact = converter.convert(converter.read_rule(SEED), to="sentinel", fields=fields, format=form)
    assert artifact.status == "exact"
    compare(f"{SEED.stem}.{suffix}", artifact.text, update=update_golden)
