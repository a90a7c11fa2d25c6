"""The formats: the commented search, the bare search, and stanzas for savedsearches.conf."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from golden import check_golden
from hypothesis import given, settings
from hypothesis import strategies as st
from targets.splunk_cases import emitted, rule

from backends.splunk import TARGET
from backends.splunk.condition.order import ordered
from backends.splunk.deploy.conf import stanza, value
from backends.splunk.detection.window import cron, offset
from converter.diagnostics.catalogue import lookup
from converter.model.metadata import (
    ExceptionList,
    RiskMapping,
    SeverityMapping,
    Subtechnique,
    Suppression,
    Technique,
    Threat,
    Window,
)
from converter.model.pattern import Case
from converter.model.predicate import Comparison, OneOf
from converter.model.rule import Match, NewTerms
from converter.model.value import Field
from converter.proof.judges.spl.run import run
from converter.target import Binding, Bound, Options

GOLDEN = Path(__file__).parent / "golden" / "splunk"
WHERE = OneOf(Field("a", many=False), ("x",), Case.SENSITIVE)
WHOLE: dict[str, Any] = {
    "name": "Something [odd] happened",
    "rule_id": "7fc95782-4bd1-11f0-9838-f661ea17fbcd",
    "description": "Costs $5 here.\nOn two lines.",
    "author": ("Elastic", "A. Nother"),
    "license": "Elastic License v2",
    "severity": "high",
    "risk_score": 73,
    "references": ("https://example.org/a",),
    "tags": ("Domain: Endpoint",),
    "creation_date": "2024/01/02",
    "timestamp_override": "event.ingested",
    "window": Window(540_000, 0, 300_000),
    "threat": (
        Threat(
            "MITRE ATT&CK",
            "TA0009",
            "Collection",
            "",
            (Technique("T1114", "", "", (Subtechnique("T1114.002", "", ""),)),),
        ),
        Threat("MITRE ATLAS", "AML.TA1", "Access", ""),
    ),
    "severity_mapping": (SeverityMapping("level", "equals", "bad", "critical"),),
    "risk_score_mapping": (RiskMapping("score", "equals", ""),),
    "alert_suppression": Suppression(("host.name",), 3_600_000),
}


def parsed(text: str) -> dict[str, dict[str, str]]:
    """A .conf file: stanzas, settings, and lines that go on behind a backslash."""
    found: dict[str, dict[str, str]] = {}
    head = ""
    for line in text.replace(" \\\n", "\x00").split("\n"):
        whole = line.replace("\x00", "\n")
        if whole.startswith("[") and whole.endswith("]"):
            head = whole[1:-1]
            assert head not in found
            found[head] = {}
        elif whole and not whole.startswith("#"):
            key, equals, text_of_key = whole.partition(" = ")
            assert equals, whole
            found[head][key] = text_of_key
    return found


def saved(**keys: Any) -> dict[str, dict[str, str]]:
    return parsed(emitted(WHERE, "savedsearches", **{**WHOLE, **keys}).text)


@pytest.mark.parametrize("form", ["spl", "search", "savedsearches"])
def test_text_of_each_format(form: str, update_golden: bool) -> None:
    check_golden(GOLDEN / f"format_{form}.txt", emitted(WHERE, form, **WHOLE).text, update=update_golden)


def test_default_is_the_commented_search() -> None:
    assert emitted(WHERE, "", **WHOLE).text == emitted(WHERE, "spl", **WHOLE).text
    assert set(TARGET.formats) == {"spl", "search", "savedsearches", "app", "contentctl"}


def test_formats_hold_the_same_search() -> None:
    events: list[dict[str, object]] = [{"a": "x", "level": "bad", "score": 5}, {"a": "x"}, {"a": "y"}]
    (found,) = saved().values()
    rows = run(found["search"], events)
    assert [(r["severity"], r["risk_score"]) for r in rows] == [("critical", 5), ("high", 73)]
    for form in ("spl", "search"):
        assert len(run(emitted(WHERE, form, **WHOLE).text, events)) == 2


def test_saved_search_can_be_deployed() -> None:
    ((head, found),) = saved().items()
    assert head == "Something (odd) happened - Rule"
    assert found["cron_schedule"] == "*/5 * * * *"
    assert (found["dispatch.index_earliest"], found["dispatch.index_latest"]) == ("-9m", "now")
    assert found["alert.suppress.fields"] == "host.name"
    assert found["alert.suppress.period"] == "1h"
    assert found["action.notable.param.rule_description"] == "Costs $$5 here. On two lines."
    assert found["action.notable.param.security_domain"] == "endpoint"
    annotations = json.loads(found["action.correlationsearch.annotations"])
    assert annotations["mitre_attack"] == ["T1114", "T1114.002"]
    assert ": " not in found["action.correlationsearch.annotations"].replace("Domain: Endpoint", "")
    about = json.loads(found["action.correlationsearch.metadata"])
    assert about["publish_time"] == 1_704_153_600
    assert about["detection_id"] != WHOLE["rule_id"]


def test_window_of_event_time() -> None:
    (found,) = saved(timestamp_override="").values()
    assert (found["dispatch.earliest_time"], found["dispatch.latest_time"]) == ("-9m", "now")
    assert "dispatch.index_earliest" not in found


def test_building_block_gives_no_notable_event() -> None:
    (found,) = saved(building_block_type="default").values()
    assert found["action.notable"] == "0"
    assert not [key for key in found if key.startswith("action.notable.")]


def test_name_override_and_mappings_under_native_names() -> None:
    keys = {**WHOLE, "rule_name_override": "rule.name"}
    (found,) = saved(rule_name_override="rule.name").values()
    assert found["action.notable.param.rule_title"] == "$rule.name$"
    bound = Bound(rule(Match(WHERE), **keys), (Binding("native", header={"index": "main"}),))
    emission = TARGET.emit(bound, Options("savedsearches"))
    assert {"T224", "T225"} <= {d.code for d in emission.diagnostics}
    assert "eval severity" not in emission.text


def test_new_terms_lookup_has_a_search_that_fills_it() -> None:
    detection = NewTerms(WHERE, (Field("user"),), 86_400_000)
    found = parsed(emitted(detection, "savedsearches", new_terms="lookup", **WHOLE).text)
    assert len(found) == 2
    fill, search = found.values()
    assert "outputlookup siemglot_7fc95782" in fill["search"]
    assert "dispatch.earliest_time" not in search
    commented = emitted(detection, "", new_terms="lookup", **WHOLE)
    assert "Needs the lookup" in commented.text
    assert "T209" in {d.code for d in commented.diagnostics}


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ({"exceptions_list": (ExceptionList("i", "endpoint_list", "endpoint", "agnostic"),)}, "T220"),
        ({"name": "n" * 200}, "T221"),
        ({"window": Window(540_000, 0, 420_000)}, "T222"),
        ({"alert_suppression": None}, "T223"),
        ({"alert_suppression": Suppression(("a b",), 1_000)}, "T224"),
        ({"alert_suppression": Suppression(("a",), None, "doNotSuppress")}, "T224"),
        ({"severity_mapping": (SeverityMapping("a'b", "equals", "x", "low"),)}, "T225"),
        ({"max_signals": 5}, "T226"),
        ({"timestamp_override": "other.time"}, "T227"),
    ],
)
def test_what_is_not_carried_is_said(keys: dict[str, Any], code: str) -> None:
    found = {d.code for d in emitted(WHERE, "savedsearches", **{**WHOLE, **keys}).diagnostics}
    assert code in found
    assert lookup(code) is not None


@settings(max_examples=60)
@given(st.text("a\\\n[]#=$ \"'", max_size=12), st.text("a\\\n[]#= ", max_size=12))
def test_conf_values_stay_in_their_stanza(name: str, text: str) -> None:
    written = parsed(stanza(f"h{name}", {"k": text, "other": "1"}).text)
    ((_, found),) = written.items()
    assert set(found) <= {"k", "other"}
    assert found["other"] == "1"
    if text:
        assert found["k"].replace(" ", "") == text.replace(" ", "")


def test_conf_line_that_ends_in_a_backslash() -> None:
    assert value("a\\\nb\\") == "a\\  \\\nb\\ "


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        (60_000, ("* * * * *", True)),
        (300_000, ("*/5 * * * *", True)),
        (420_000, ("*/7 * * * *", False)),
        (3_600_000, ("0 * * * *", True)),
        (10_800_000, ("0 */3 * * *", True)),
        (18_000_000, ("0 */5 * * *", False)),
        (86_400_000, ("0 0 * * *", True)),
        (172_800_000, ("0 0 */2 * *", False)),
        (30_000, ("* * * * *", False)),
    ],
)
def test_cron_of_an_interval(interval: int, expected: tuple[str, bool]) -> None:
    assert cron(interval) == expected


@pytest.mark.parametrize(
    ("ms", "text"),
    [(0, "now"), (-5, "now"), (1_500, "-2s"), (60_000, "-1m"), (5_400_000, "-90m"), (172_800_000, "-2d")],
)
def test_offset_of_a_time(ms: int, text: str) -> None:
    assert offset(ms) == text


@given(st.sampled_from(Comparison), st.text("ab\x00\ue000é", max_size=3), st.text("ab\x00\ue000é\n", max_size=4))
def test_order_of_text_is_that_of_code_points(comparison: Comparison, bound: str, text: str) -> None:
    import operator
    import re

    relation = {"==": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
    written = ordered(comparison, bound)
    pattern = re.sub(r"\\x\{(\w+)\}", lambda found: chr(int(found[1], 16)), written.text.replace("\\z", "\\Z"))
    assert bool(re.search(pattern, text, re.DOTALL)) == relation[comparison.value](text, bound)
