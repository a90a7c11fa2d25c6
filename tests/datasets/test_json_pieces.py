"""Pieces of the text that Java makes of an object, looked for in the JSON text that it is made of."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator

import evidence
import pytest
from pairs import probe_rule, table_named
from shared import needs_shared

import converter
from converter.datasets.rewriting.values import in_json
from converter.model import pattern as patterns
from converter.model.pattern import Case, Wild, like

_PLACES = [("splunk", "cloudtrail"), ("sentinel", "AWSCloudTrail")]
_FIELD = "aws.cloudtrail.request_parameters"


def holds(json_text: str, piece: str) -> bool | None:
    """Whether JSON text holds a piece; None where it cannot say."""
    found = in_json(patterns.of(Wild.ANY_RUN, piece, Wild.ANY_RUN))
    return None if found is None else any(like(json_text, one, Case.SENSITIVE) for one in found)


@pytest.mark.parametrize(
    ("text", "piece", "expected"),
    [
        ('{"status":"Suspended"}', "tatus=Suspended", True),
        ('{"status":"Suspended"}', "status=Suspend", True),
        ('{"status":"Suspended"}', "Status=Suspended", False),
        ('{"a":{"protect":false}}', "protect=false", True),
        ('{"days":0}', "days=0", True),
        ('{"days":"07"}', "days=0", True),
        ('{"days":10}', "days=0", False),
        ('{"note":"x=y"}', "x=y", True),
        ('{"x":"a","y":"b"}', "x=b", False),
        ('{"LoggingEnabled":{}}', "LoggingEnabled", True),
        ('{"arn":"arn:aws:iam::1:role/r"}', "arn=arn:aws:iam::1:role/r", True),
        ('{"ab":{"c":1}}', "b=", True),
        ('{"ab":"c="}', "c=", True),
        ('{"ab":"c"}', "c=", False),
        ('{"a":null}', "a=nu", None),
        ('{"a":["*"]}', "a=[*]", None),
        ('{"a":"b","c":"d"}', "a=b, c", None),
    ],
)
def test_a_plain_piece_is_looked_for_as_json_writes_it(text: str, piece: str, expected: bool | None) -> None:
    assert holds(text, piece) is expected


def test_a_piece_between_other_wildcards_is_not() -> None:
    assert in_json(patterns.of("a=b", Wild.ANY_RUN)) is None
    assert in_json(patterns.of(Wild.ANY_RUN, "a", Wild.ANY_RUN, "b", Wild.ANY_RUN)) is None


def _pairs() -> Iterator[tuple[str, str]]:
    """(JSON text, Elastic's text) of the same request, of Elastic's own pipelines."""
    for pair in evidence._read("elastic_pairs.ndjson.gz"):
        if pair["dataset"] != "aws.cloudtrail" or not isinstance(pair["ecs"], dict):
            continue
        text = pair["ecs"].get("aws", {}).get("cloudtrail", {}).get("request_parameters")
        raw = pair["raw"] if isinstance(pair["raw"], dict) else json.loads(str(pair["raw"]))
        asked = raw.get("requestParameters")
        if isinstance(text, str) and isinstance(asked, dict):
            yield json.dumps(asked, separators=(",", ":"), ensure_ascii=False), text


@needs_shared
def test_elastics_own_texts_hold_the_same_pieces() -> None:
    pairs = list(_pairs())
    sign = "[A-Za-z0-9_.:/-]+"
    pieces = {p for _, text in pairs for p in re.findall(f"{sign}={sign}|{sign}", text)}
    asked = [
        (raw, text, p, found)
        for (raw, text), p in itertools.product(pairs, pieces)
        if (found := holds(raw, p)) is not None
    ]
    assert len(pieces) > 50
    assert sum(found for *_, found in asked) > 50
    wrong = [(raw, text, p) for raw, text, p, found in asked if found != (p in text)]
    assert not wrong, wrong[:3]


@pytest.mark.parametrize(("target", "place"), _PLACES)
def test_rules_ask_the_json_text_exactly(target: str, place: str) -> None:
    rule = probe_rule(table_named("aws.cloudtrail"), f"{_FIELD}: *status=Suspended*")
    exact = converter.convert(rule, target, "native", source=f"aws.cloudtrail/{place}", bare=True)
    assert str(exact.status) == "exact"
    assert "replace" not in exact.text
    other = probe_rule(table_named("aws.cloudtrail"), f"{_FIELD}: *status=*")
    wide = converter.convert(other, target, "native", source=f"aws.cloudtrail/{place}", bare=True)
    assert str(wide.status) == "approximate"
    assert "replace" not in wide.text
