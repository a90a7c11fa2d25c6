"""Every rule of the shared corpus in Splunk, under Elastic's field names."""

from __future__ import annotations

import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from golden import check_golden
from shared import ROOT, corpus_rule, corpus_rules, needs_shared, some_or_all

import converter
from converter.model.pipeline import Pipeline
from converter.model.rule import Opaque, Rule
from converter.proof.judges.spl.run import run

pytestmark = needs_shared

# The reader cannot say these, whatever the target.
READER_CODES = {"E020", "K011", "L010", "L047"}
FEW = 7
"""Of so many rules a normal run takes one."""
UNSAID = 18
"""Pipes of ES|QL that Splunk refuses today, at most; only ever lowered."""


@cache
def rules(*, everything: bool) -> tuple[tuple[str, Rule], ...]:
    found = []
    for path in corpus_rules(1 if everything else FEW):
        rule = corpus_rule(path)
        if rule is not None and not isinstance(rule.detection, Opaque):
            found.append((path.name, rule))
    return tuple(found)


@some_or_all
def test_every_rule_is_exact_under_ecs(everything: bool, capsys: pytest.CaptureFixture[str]) -> None:
    """What is not exact is so for a reason of the reader, never of this target, but for a few pipes of ES|QL."""
    counts: Counter[tuple[str, str]] = Counter()
    unsaid = []
    for name, rule in rules(everything=everything):
        artifact = converter.convert(rule, "splunk", "ecs")
        counts[type(rule.detection).__name__, artifact.status] += 1
        codes = {d.code for d in artifact.diagnostics if d.severity.value != "note"}
        if "T006" in codes and isinstance(rule.detection, Pipeline):
            unsaid.append(name)
            continue
        assert {c for c in codes if c[0] != "Q"} <= READER_CODES | {"T229"}, name
    with capsys.disabled():
        sys.stdout.write(f"\nsplunk, ecs: {dict(sorted(counts.items()))}\n")
    assert sum(counts.values()) > (1_000 if everything else 1_000 // FEW)
    assert len(unsaid) <= UNSAID, unsaid


@some_or_all
@pytest.mark.parametrize("form", ["", "search"])
def test_every_search_can_be_read(form: str, everything: bool) -> None:
    """The interpreter takes every search of the corpus."""
    for name, rule in rules(everything=everything):
        text = converter.convert(rule, "splunk", "ecs", format=form, inline_macros=True).text
        if not text:
            continue
        lookups: dict[str, list[dict[str, str]]] = {
            word: [] for line in text.splitlines() if line.startswith("| lookup ") for word in [line.split()[2]]
        }
        assert run(text, [{"@timestamp": 0, "a": "b"}], lookups=lookups) is not None, name


def test_conversion_is_deterministic() -> None:
    for _, rule in rules(everything=False)[::6]:
        first = converter.convert(rule, "splunk", "ecs", format="savedsearches")
        assert converter.convert(rule, "splunk", "ecs", format="savedsearches").text == first.text


def test_seed_rule_reads_as_a_splunk_user_expects(update_golden: bool) -> None:
    rule = converter.read_rule(ROOT / "rules" / "elastic" / "collection_exchange_excessive_mail_items_accessed.toml")
    artifact = converter.convert(rule, "splunk", "native", format="search")
    assert artifact.status == "exact"
    check_golden(Path(__file__).parent / "golden" / "splunk" / "seed_native.spl", artifact.text, update=update_golden)
