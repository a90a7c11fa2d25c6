"""Pipelines in a place's own fields: conditions that are asked in its words, keys that it does not have."""

from __future__ import annotations

import pytest

import converter
from converter.fields.schema import Schema
from converter.model.pipeline import Limit, Sort
from converter.model.reduction import NeededError, without, without_column
from converter.readers.esql import lower, parse
from converter.target.artifact import Artifact

PROCESSES = 'from logs-endpoint.events.process-* | where host.os.type == "windows" and process.name == "x.exe"'


def native(query: str, target: str) -> Artifact:
    text = f"[rule]\nname = 'x'\ntype = 'esql'\nlanguage = 'esql'\nfrom = 'now-1h'\nquery = '''{query}'''\n"
    return converter.convert(converter.parse_rule(text), target, "native", bare=True, inline_macros=True)


@pytest.mark.parametrize(("target", "kept"), [("splunk", "eval s=case("), ("sentinel", "extend s = case(true, 1, 0)")])
def test_a_condition_on_a_field_that_the_place_has_in_other_words_is_asked(target: str, kept: str) -> None:
    """Every event of the place is the start of a process: `event.type` is no column of it."""
    made = native(
        f'{PROCESSES} | eval s = case(event.type == "start", 1, 0) | stats n = sum(s) by host.name | where n > 2',
        target,
    )
    assert made.status == "approximate"
    assert {d.code for d in made.diagnostics if d.severity.value == "warning"} == {"Q043"}
    assert "event.type" not in made.text
    assert kept in made.text


@pytest.mark.parametrize("target", ["splunk", "sentinel"])
def test_a_search_behind_computed_columns_is_in_the_words_of_the_place(target: str) -> None:
    made = native(
        f'{PROCESSES} | eval n = length(process.name) | where n == 9 or kql("process.parent.name: y.exe")', target
    )
    assert made.status == "exact", made.diagnostics
    assert "process.parent.name" not in made.text
    assert "y.exe" in made.text or "y\\.exe" in made.text or "y[.]exe" in made.text


@pytest.mark.parametrize("target", ["splunk", "sentinel"])
def test_error_of_a_search_that_the_place_cannot_answer(target: str) -> None:
    made = native(f'{PROCESSES} | eval n = length(process.name) | where n == 9 or kql("dns.question.name: y")', target)
    assert made.status == "refused"


METADATA = 'from logs-endpoint.events.process-* metadata _id, _ignored | where host.os.type == "windows"'


@pytest.mark.parametrize("target", ["splunk", "sentinel"])
@pytest.mark.parametrize(
    "rest", ['where _ignored == "a"', 'mv_expand _ignored | where _ignored == "a"', "stats by _id"]
)
def test_error_of_metadata_that_no_platform_has(rest: str, target: str) -> None:
    made = native(f"{METADATA} | {rest}", target)
    assert made.status == "refused"
    assert any(d.code in ("M013", "T006") for d in made.diagnostics), made.diagnostics


@pytest.mark.parametrize("target", ["splunk", "sentinel"])
@pytest.mark.parametrize(
    "rest",
    [
        "keep process.name, _id",
        'eval x = concat(_id, "a") | keep process.name, x',
        "stats n = count(*), ids = values(_id) by host.name | where n > 3",
    ],
)
def test_metadata_that_only_shows_is_left_out(rest: str, target: str) -> None:
    made = native(f'{METADATA} and process.name == "x.exe" | {rest}', target)
    assert made.status == "exact", made.diagnostics
    assert "_id" not in made.text.split("\n", 4)[-1].replace("_index_earliest", "")


@pytest.mark.parametrize("target", ["splunk", "sentinel"])
def test_a_key_of_data_streams_is_left_out_and_said(target: str) -> None:
    made = native(f"{PROCESSES} | stats n = count(*) by host.name, data_stream.namespace | where n > 2", target)
    assert made.status == "approximate"
    assert {d.code for d in made.diagnostics if d.severity.value == "warning"} == {"M013"}
    assert "namespace" not in made.text


@pytest.mark.parametrize(
    "rest",
    [
        "stats n = count(*) by data_stream.namespace | where n > 2",
        'stats n = count(*) by host.name, data_stream.namespace | where n > 2 and data_stream.namespace == "a"',
    ],
)
def test_error_of_a_key_of_data_streams_that_is_needed(rest: str) -> None:
    assert native(f"{PROCESSES} | {rest}", "splunk").status == "refused"


def test_error_of_an_order_without_its_field_before_a_limit() -> None:
    """Which rows a limit takes is decided by the order: without it they are others (rule Q45)."""
    pipeline = lower(parse("from a | eval n = length(b) | sort c, n | limit 3"), Schema([])).pipeline
    with pytest.raises(NeededError):
        without(pipeline, ["c"])
    with pytest.raises(NeededError):
        without_column(pipeline, 0, "n")
    shown = lower(parse("from a | limit 3 | sort c"), Schema([])).pipeline
    assert not [s for s in without(shown, ["c"]).stages if isinstance(s, Sort)]
    assert [s for s in without(shown, ["c"]).stages if isinstance(s, Limit)]


def test_countries_are_counted_by_name_where_the_place_has_no_codes() -> None:
    """A country is as good as its code to count by; a code that a rule asks for is not there."""
    trail = 'from logs-aws.cloudtrail-* | where event.provider == "signin.amazonaws.com"'
    count = "stats n = count_distinct(source.geo.country_iso_code) by cloud.account.id | where n >= 2"
    made = native(f"{trail} and source.geo.country_iso_code is not null | {count}", "sentinel")
    assert made.status == "approximate"
    assert {d.code for d in made.diagnostics if d.severity.value == "warning"} == {"M016"}
    assert "geo_info_from_ip_address(SourceIpAddress).country" in made.text
    refused = native(f'{trail} and source.geo.country_iso_code == "SE" | {count}', "sentinel")
    assert refused.status == "refused"
