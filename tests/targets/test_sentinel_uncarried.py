"""What a rule file says beside its query: worded once for queries, and for analytics rules what they make of it."""

from __future__ import annotations

from typing import Any

import pytest
from targets.sentinel_cases import emitted

from converter.model.metadata import ExceptionList, RiskMapping, SeverityMapping, Suppression, Window
from converter.model.predicate import Constant
from converter.model.rule import Match, NewTerms, Sequence, Step
from converter.model.value import Field

ANY = Match(Constant(value=True))
PAIR = Sequence((Step(Constant(value=True)), Step(Constant(value=True))))
CODES = {"T337", "T341", "T372", "T375", "T376", "T378", "T379", "T380", "T381", "T382"}
QUIET: dict[str, Any] = {"window": Window(300_000, 0, 300_000)}


def said(form: str, detection: Any = ANY, **meta: Any) -> list[str]:
    return [d.code for d in emitted(detection, form=form, **{**QUIET, **meta}).diagnostics if d.code in CODES]


@pytest.mark.parametrize(
    ("meta", "query", "rule"),
    [
        ({}, [], []),
        ({"exceptions_list": (ExceptionList("1", "l", "", ""),)}, ["T382"], []),
        ({"timestamp_override": "event.created"}, ["T337"], []),
        ({"window": Window(540_000, 0, 300_000)}, [], ["T378"]),
        ({"window": Window(540_000, 240_000, 300_000)}, [], ["T372"]),
        ({"alert_suppression": Suppression(("user.name",), 60_000)}, [], ["T379"]),
        ({"severity_mapping": (SeverityMapping("a", "equals", "b", "high"),)}, [], ["T380"]),
        ({"severity_mapping": (SeverityMapping("a", "equals", "", "high"),)}, [], []),
        ({"risk_score_mapping": (RiskMapping("a", "equals", ""),)}, [], ["T380"]),
        ({"rule_name_override": "message"}, [], ["T380"]),
        ({"building_block_type": "default"}, [], ["T375"]),
        ({"setup": "how"}, [], []),
        ({"setup": "how " * 2000}, [], ["T376"]),
    ],
)
def test_what_is_said(meta: dict[str, Any], query: list[str], rule: list[str]) -> None:
    assert said("query", **meta) == query
    assert sorted(said("yaml", **meta)) == sorted([*query, *rule, "T381"])


def test_the_order_of_sequences() -> None:
    assert said("query", PAIR, tiebreaker_field="event.sequence", timestamp_field="event.created") == ["T337", "T341"]


def test_new_terms_end_where_the_window_ends() -> None:
    new = NewTerms(Constant(value=True), (Field("user.name", many=False),), 86_400_000)
    assert "T372" not in said("yaml", new, window=Window(540_000, 240_000, 300_000))
