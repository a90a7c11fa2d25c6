"""Pipelines whose columns have names that a target would give its own helpers, or that its place has already."""

from __future__ import annotations

import dataclasses

import pytest
from esql_queries import rule
from fuzz.hostile_names import NAMES

import converter
from backends.sentinel.condition.rowpart import spelled as spelled_in_kusto
from backends.splunk.condition.rowvalue import spelled as spelled_in_spl
from converter import api
from converter.proof.alerts import expected
from converter.proof.judge import CannotJudgeError
from converter.proof.judges.spl.reading import READINGS
from converter.proof.panel.sentinel import KustoJudge
from converter.proof.panel.splunk import SplJudge
from converter.proof.readback import Outcome
from converter.proof.scene import scenes
from converter.proof.staging import Scene

JUDGES: dict[str, SplJudge | KustoJudge] = {"splunk": SplJudge(READINGS[:1]), "sentinel": KustoJudge()}
SPELLED = {"splunk": spelled_in_spl, "sentinel": spelled_in_kusto}
HELPERS = """from logs-* | eval v1 = concat(user.name, "x"), Known = length(user.id), Key = length(user.id)
| eval r = replace(user.name, "a", "") | where concat(user.name, process.name) like "a*" and r is not null"""
GROUPS = """from logs-* | eval Element = to_lower(user.name), ElementIndex = 1, Sum = 7
| stats n = count(), t = count_distinct(event.type), e = values(Element), s = max(Sum) by event.category
| where n >= 1 and t > 0"""
FLAGS = """from logs-* | where event.action is not null or process.name == "a"
| eval has_event_action = length(process.name) | where has_event_action > 3"""


def judged(query: str, target: str, scene: Scene | None = None) -> int:
    """How many rows the judge of a target finds, which are the reference's."""
    read, rows = rule(query), 0
    made = converter.convert(read, target, "ecs", bare=True, inline_macros=True)
    assert made.status == "exact", made.diagnostics
    for one in [scene] if scene is not None else scenes(read.detection):
        wanted = expected(read, one, without=made.left_out)
        try:
            answers = JUDGES[target].answers(read, made, one)
        except CannotJudgeError:
            continue
        assert dict.fromkeys(answers, wanted) == answers
        rows += sum(wanted.values())
    return rows


@pytest.mark.parametrize("target", list(JUDGES))
@pytest.mark.parametrize("query", [HELPERS, GROUPS, FLAGS], ids=["helpers", "groups", "flags"])
def test_columns_of_a_rule_are_no_helpers(query: str, target: str) -> None:
    assert judged(query, target) > 0
    assert api.read_back(rule(query), target, "ecs").outcome is Outcome.EQUAL


def renamed(name: str) -> str:
    column = f"`{name.replace('`', '``')}`"
    return f"""from logs-* | rename user.name as {column} | where length({column}) > 3
    | stats n = count(*) by {column} | where n > 0"""


@pytest.mark.parametrize("target", list(JUDGES))
@pytest.mark.parametrize("name", NAMES)
def test_a_column_may_have_any_name(name: str, target: str) -> None:
    """What the platform cannot name has another name there."""
    spelled = SPELLED[target](name)
    assert judged(renamed(spelled), target) > 0
    texts = [converter.convert(rule(renamed(n)), target, "ecs", bare=True).text for n in (name, spelled)]
    assert texts[0] == texts[1]
    assert api.read_back(rule(renamed(name)), target, "ecs").outcome is Outcome.EQUAL


@pytest.mark.parametrize(("target", "one", "other"), [("splunk", "a]b", "a[b"), ("sentinel", "$left", "agg_left")])
def test_error_two_columns_that_one_name_would_stand_for(target: str, one: str, other: str) -> None:
    query = f"""from logs-* | rename user.name as `{one}`, host.name as `{other}`
    | stats n = count(*) by `{one}`, `{other}` | where n > 0"""
    made = converter.convert(rule(query), target, "ecs")
    assert made.status == "refused"
    assert f"a column named {other} beside one named {one}, which would have the same name there," in str(
        made.diagnostics
    )


SYSMON = 'from logs-windows.sysmon_operational-* | where event.code == "1" and host.os.type == "windows"'


@pytest.mark.parametrize(("target", "name"), [("splunk", "Image"), ("sentinel", "Computer"), ("sentinel", "EventData")])
def test_error_of_a_column_under_the_name_of_one_of_the_places_own(target: str, name: str) -> None:
    query = f"""{SYSMON} | eval {name} = length(process.name)
    | where process.executable like "*a" and length(process.executable) > {name} and length(host.name) > 2"""
    made = converter.convert(rule(query), target, bare=True, inline_macros=True, source="windows.sysmon.process")
    assert made.status == "refused"
    assert f"a column named {name} beside the place's own of that name" in str(made.diagnostics)


def test_a_column_under_the_name_of_one_that_nothing_reads_stays() -> None:
    query = f"{SYSMON} | eval n = length(process.name) | stats Image = count() by host.name | where Image > 3"
    made = converter.convert(rule(query), "splunk", bare=True, inline_macros=True, source="windows.sysmon.process")
    assert made.status == "exact", made.diagnostics


def test_a_column_that_only_shows_gives_way_to_the_places_own() -> None:
    query = f"{SYSMON} | eval Image = length(process.name) | where length(process.executable) > 3 | keep Image, host.id"
    made = converter.convert(rule(query), "splunk", bare=True, inline_macros=True, source="windows.sysmon.process")
    assert made.status == "exact", made.diagnostics
    assert "Image" in made.left_out
    assert "eval Image" not in made.text


def events(query: str, *some: dict[str, object]) -> Scene:
    scene = scenes(rule(query).detection)[0]
    return dataclasses.replace(scene, events=tuple({"@timestamp": "2024-06-01T11:59:59.000Z", **one} for one in some))


def test_a_text_is_no_integer_beyond_32_bits_in_splunk() -> None:
    query = "from logs-* | eval n = to_integer(user.id) | where n > 3 and length(user.name) > 0"
    some: list[dict[str, object]] = [
        {"user.id": one, "user.name": "a"} for one in ("3000000000", "7", "-3000000000", "2147483647")
    ]
    assert judged(query, "splunk", events(query, *some)) == 2


@pytest.mark.parametrize("target", list(JUDGES))
@pytest.mark.parametrize(
    "asked",
    ['to_string(source.ip) == "::1"', 'to_string(source.ip) in ("::1", "10.0.0.1")', '"::1" == source.ip::string'],
)
def test_an_address_as_text_is_an_address(asked: str, target: str) -> None:
    """TO_STRING writes an address in one way; an event may spell it in others, which platforms keep."""
    query = f"from logs-* | eval l = length(user.name) | where l > 0 and {asked}"
    some: list[dict[str, object]] = [{"source.ip": one, "user.name": "a"} for one in ("0:0:0:0:0:0:0:1", "::1", "::2")]
    assert judged(query, target, events(query, *some)) == 2


def test_a_text_that_no_address_is_written_as_stays_a_text() -> None:
    query = 'from logs-* | eval l = length(user.name) | where l > 0 and to_string(source.ip) != "0:0:0:0:0:0:0:1"'
    assert "::1" not in converter.convert(rule(query), "splunk", "ecs").text


def test_the_closing_table_has_the_columns_of_the_place() -> None:
    query = f"{SYSMON} | eval n = length(process.name) | where n > 3 | keep process.executable, n"
    made = converter.convert(rule(query), "splunk", source="windows.sysmon.process")
    assert "| eval process.executable=Image" in made.text.replace("'", "")
    assert made.text.rstrip().endswith("| table _time, process.executable, n")


def test_an_array_that_may_be_missing_is_asked_for_first() -> None:
    query = 'from logs-* | eval t = to_upper(event.type) | where mv_contains(t, "START")'
    assert "where isnotnull(t) AND isnotnull(mvfind(t," in converter.convert(rule(query), "splunk", "ecs").text
