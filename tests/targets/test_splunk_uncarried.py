"""What a rule file says beside its query: worded once for searches, and for saved searches what they make of it."""

from __future__ import annotations

from typing import Any

import pytest
from targets.splunk_cases import rule

from backends.splunk import TARGET
from converter.diagnostics import Severity
from converter.model.metadata import ExceptionList, RiskMapping, SeverityMapping, Suppression, Window
from converter.model.predicate import Constant
from converter.model.rule import Match, Sequence, Step
from converter.target import Binding, Bound, Options

ANY = Match(Constant(value=True))
PAIR = Sequence((Step(Constant(value=True)), Step(Constant(value=True))))


def said(form: str, detection: Any = ANY, mode: str = "ecs", **meta: Any) -> list[tuple[str, str]]:
    """The code and severity of each finding about the file."""
    bound = Bound.everywhere(rule(detection, **meta), Binding(mode))
    found = TARGET.emit(bound, Options(form)).diagnostics
    return [(d.code, d.severity.value) for d in found if d.code in {"T210", *(f"T22{n}" for n in range(8))} - {"T222"}]


NOTE, WARNING = Severity.NOTE.value, Severity.WARNING.value
QUIET: dict[str, Any] = {"window": Window(300_000, 0, 300_000)}


@pytest.mark.parametrize(
    ("meta", "search", "saved"),
    [
        ({}, [], []),
        ({"exceptions_list": (ExceptionList("1", "l", "", ""),)}, [("T220", NOTE)], [("T220", NOTE)]),
        ({"timestamp_override": "event.ingested"}, [], []),
        ({"timestamp_override": "event.created"}, [("T227", WARNING)], [("T227", WARNING)]),
        ({"window": Window(540_000, 0, 300_000)}, [], [("T223", NOTE)]),
        ({"alert_suppression": Suppression(("user.name",), 60_000)}, [], []),
        (
            {"alert_suppression": Suppression(("user.name",), None, "doNotSuppress")},
            [],
            [("T224", NOTE), ("T224", NOTE)],
        ),
        ({"alert_suppression": Suppression(("user name",), 60_000)}, [], [("T224", NOTE)]),
        ({"severity_mapping": (SeverityMapping("a", "equals", "b", "high"),)}, [], []),
        ({"severity_mapping": (SeverityMapping("a b|", "equals", "b", "high"),)}, [], [("T225", NOTE)]),
        ({"rule_name_override": "message"}, [], [("T225", NOTE)]),
        ({"risk_score_mapping": (RiskMapping("a", "equals", ""),)}, [], []),
        ({"max_signals": 9}, [], [("T226", NOTE)]),
        ({"note": "a guide"}, [], []),
        ({"setup": "a step"}, [], []),
        ({"setup": "a step", "building_block_type": "default"}, [], [("T225", NOTE)]),
    ],
)
def test_what_is_said(meta: dict[str, Any], search: list[tuple[str, str]], saved: list[tuple[str, str]]) -> None:
    assert said("search", **{**QUIET, **meta}) == search
    assert said("savedsearches", **{**QUIET, **meta}) == saved


def test_the_order_of_sequences() -> None:
    assert said("search", PAIR, tiebreaker_field="event.sequence", timestamp_field="event.created", **QUIET) == [
        ("T227", WARNING),
        ("T210", WARNING),
    ]


def test_mappings_name_fields_that_a_native_search_does_not_have() -> None:
    mapping = (SeverityMapping("a", "equals", "b", "high"),)
    assert said("savedsearches", mode="native", severity_mapping=mapping, **QUIET) == [("T225", NOTE)]
