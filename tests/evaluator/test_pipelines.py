"""Pipelines in a stream: kept from run to run, they tell what whole runs of the reference over each window tell."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from shared import corpus_rule, corpus_rules, needs_shared, some_or_all

from benchmarks.events import events as stream
from converter import api
from converter.engine import Engine
from converter.engine.stateful.pipelines import PipelineTracker
from converter.engine.stateful.scheduled import ScheduledTracker
from converter.engine.stateful.shelf import Shelf
from converter.engine.stateful.tracker import Found, Item, Seen, Tracker
from converter.model.pipeline import Pipeline
from converter.model.rule import Rule
from converter.proof.example import iso
from converter.reference import clock_of, matches

Told = tuple[int, str, tuple[int, ...]]
START = 1_700_000_000_000
RULE = """\
[rule]
name = "r"
rule_id = "33333333-3333-4333-8333-333333333333"
description = "d"
author = ["a"]
license = "Apache-2.0"
severity = "low"
risk_score = 21
type = "esql"
language = "esql"
from = "{since}"
interval = "{interval}"
query = '''
from logs-*
{query}
'''
"""
QUERIES = (
    "| where user.name is not null | stats c = count(*), t = min(@timestamp) by user.name | where c > 2 and c < 7",
    "| stats c = count(*), n = count_distinct(process.name) by user.name, host.name | where n > 1 and c < 9",
    "| stats c = count(*) by user.name | sort c desc | limit 2",
    '| where process.name == "a" | stats c = count(*), t = max(@timestamp) | where c > 2 and c < 9',
    "| mv_expand user.name | eval n = length(user.name) | where n > 2 | stats c = count(*) | where c < 1",
    "| stats c = count(*) by user.name | stats n = count(*), m = max(c) | where m > 3",
    '| inline stats c = count(*) by user.name | where c > 3 and process.name == "b" | keep user.name, c',
    '| eval age = date_diff("seconds", @timestamp, now()) | where age < 250 | stats c = count(*) by user.name',
    "| mv_expand user.name | eval u = to_upper(user.name) | stats c = values(process.name) by u | where mv_count(c) > 1",
    "| sort @timestamp desc | limit 3 | stats c = count(*) by host.name",
    '| dissect process.command_line "%{verb} %{rest}" | stats c = count(*), t = min(@timestamp) by verb | where c > 4',
    '| where match(process.command_line, "run a 1") or process.name == "b" | stats c = count(*) where process.name == "b" by host.name',
    "metadata _id | stats c = count_distinct(_id) by user.name | where c > 1",
    '| mv_expand user.name | eval v = concat(user.name, process.name) | where length(v) == 3 and v > "u2" | keep v',
)


def rule(tmp_path: Path, query: str, since: str = "now-9m", interval: str = "5m") -> Rule:
    path = tmp_path / "rule.toml"
    text = query.replace("\n", " ")
    path.write_text(
        RULE.format(since=since, interval=interval, query=text).replace("logs-*\nmetadata", "logs-* metadata")
    )
    read = api.read_rule(path)
    assert not api.errors_of(read), api.errors_of(read)
    return read


def walk(count: int, seed: int, step: int) -> list[dict[str, object]]:
    dice = random.Random(seed)
    found: list[dict[str, object]] = []
    moment = START
    for _ in range(count):
        moment += dice.choice((0, dice.randrange(step), dice.randrange(step)))
        users = dice.choice((["u1"], ["u2"], ["u1", "u2"], "u3", []))
        name = dice.choice("abc")
        process = {"name": name, "command_line": f"{dice.choice(('run', 'stop'))} {name} {dice.randrange(3)}"}
        host = {"name": dice.choice(("h1", "h2"))}
        found.append({"@timestamp": iso(moment), "user": {"name": users}, "process": process, "host": host})
    return found


def told(judged: Rule, tracker: Tracker, events: list[dict[str, object]]) -> list[Told]:
    """What a tracker tells of the events that the pipeline's first filter takes, with the numbers that ids are of."""
    clock = clock_of(judged)
    found: list[Found] = []
    shelf = Shelf()
    for number, event in enumerate(events):
        time = clock.time(event)
        if time is not None and matches(tracker.wheres[0], event, time):
            found += tracker.feed(Item(Seen(number, event, shelf), time), (0,))
    found += tracker.flush()
    return sorted((one.time, repr(one.key), tuple(kept.number for kept in one.events)) for one in found)


def both(judged: Rule, events: list[dict[str, object]]) -> tuple[list[Told], list[Told]]:
    detection = judged.detection
    assert isinstance(detection, Pipeline), "it was read as something simpler"
    return told(judged, PipelineTracker(judged, detection), events), told(judged, ScheduledTracker(judged), events)


@pytest.mark.parametrize(
    ("since", "interval"), [("now-9m", "5m"), ("now-1h", "5m"), ("now-2m", "5m"), ("now-5m", "5m")]
)
@pytest.mark.parametrize("query", QUERIES)
def test_a_pipeline_kept_from_run_to_run_tells_what_whole_runs_tell(
    tmp_path: Path, query: str, since: str, interval: str
) -> None:
    judged = rule(tmp_path, query, since, interval)
    hits = 0
    for seed in range(3):
        events = walk(60, seed, 60_000 * (1 + 4 * seed))
        found, wanted = both(judged, events)
        if since == "now-2m":  # a run that no event lies in tells nothing of nothing
            found, wanted = [[one for one in told if one[2]] for told in (found, wanted)]
        assert found == wanted
        hits += len(found)
    assert hits or "where c > 4" in query or since == "now-2m"


@needs_shared
@some_or_all
def test_pipelines_of_the_corpus(everything: bool) -> None:
    """Rules x events, the events of a stream with more time between them."""
    events = [dict(event) for event in stream(400 if everything else 80)]
    for number, event in enumerate(events):
        event["@timestamp"] = iso(START + number * 20_000)
    judged = 0
    for path in corpus_rules(1 if everything else 12):
        read = corpus_rule(path)
        if read is not None and isinstance(read.detection, Pipeline) and not api.errors_of(read):
            found, wanted = both(read, events)
            assert found == wanted, read.stem
            judged += 1
    assert judged >= 5


@pytest.mark.parametrize("query", QUERIES)
def test_a_saved_run_goes_on_as_if_nothing_had_happened(tmp_path: Path, query: str) -> None:
    judged = rule(tmp_path, query)
    events = walk(60, 1, 60_000)
    engine = Engine([judged])

    def shown(alerts: list[object]) -> list[str]:
        return sorted(map(repr, alerts))

    wanted = shown([(one.numbers, one.key, one.time) for one in engine.stream(events)])
    for cut in (1, 20, 33, 59):
        first, second = engine.session(), engine.session()
        got = [alert for event in events[:cut] for alert in first.push(event)]
        second.restore(json.loads(json.dumps(first.save())))
        got += [alert for event in events[cut:] for alert in second.push(event)]
        assert shown([(one.numbers, one.key, one.time) for one in (*got, *second.finish())]) == wanted, cut


def test_what_no_row_is_left_of_is_not_kept(tmp_path: Path) -> None:
    judged = rule(
        tmp_path, "| mv_expand user.name | where length(user.name) > 2 | stats c = count(*) by user.name", "now-5d"
    )
    session = Engine([judged], lateness_ms=0).session()
    for event in walk(200, 1, 1000):
        session.push(event)
    assert session.size == 0
