"""Rules that name several kinds of events, each kept in a place of its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from engines.kusto_parser import sentinel_tables
from golden import check_golden
from pairs import completed, pairs_of
from shared import SHARED, needs_shared
from sigma.collection import SigmaCollection
from sigma.rule import SigmaRule

import converter
from converter.api import catalogue
from converter.datasets.choice.bind import bind
from converter.model.normalise import normalise_detection
from converter.model.predicate import Predicate
from converter.model.rule import AnyOf, Match, Rule
from converter.model.value import Field
from converter.model.walk import fields, map_fields, map_predicates, predicates
from converter.proof.judges.kusto import run as kusto
from converter.proof.judges.sigma import sigma_matches
from converter.proof.judges.spl import run as spl
from converter.proof.scene import scenes
from converter.reference import alerts, matches
from converter.target import Binding, Bound, Options
from converter.target.registry import load

TABLES = r"""
dataset: acme.mail
title: Acme mail
family: acme
match: {index: ["logs-acme.*"], datasets: [acme.mail, acme.mail_old], os: [linux], category: [email]}
platforms:
  splunk: {mail: {header: {index: mail, sourcetype: "acme:mail"}, closed: [op]}}
  sentinel: {Mail_CL: {header: {table: Mail_CL}, columns: {Op: string, Who: string, Sent: dynamic}}}
  sigma: {mail: {header: {product: acme, service: mail}}}
fields:
  data_stream.dataset: {values: {acme.mail: true, "*": false}, splunk: implied, sentinel: implied, sigma: implied}
  event.category: {values: {email: true, "*": false}, splunk: implied, sentinel: implied, sigma: implied}
  host.os.type: {values: {linux: true, "*": false}, splunk: implied, sentinel: implied, sigma: implied}
  event.action: {splunk: exact op, sentinel: exact Op, sigma: exact op}
  event.outcome: {values: {success: true, "*": false}, splunk: implied, sentinel: implied, sigma: implied}
  user.name: {splunk: exact who, sentinel: exact Who, sigma: exact who}
  user.email: {many: true, splunk: "exact sent{}", sentinel: exact Sent, sigma: exact sent}
  file.name: {splunk: exact attached, sentinel: exact Attached, sigma: exact attached}
---
dataset: acme.door
title: Acme doors
family: acme
match: {index: ["logs-acme.*"], datasets: [acme.door], os: [windows], category: [session]}
platforms:
  splunk: {door: {header: {index: door}, closed: [kind]}}
  sentinel: {Door_CL: {header: {table: Door_CL}, columns: {Kind: int, Who: string, Sent: dynamic}}}
  sigma: {door: {header: {product: acme, service: door}}}
fields:
  data_stream.dataset: {values: {acme.door: true, "*": false}, splunk: implied, sentinel: implied, sigma: implied}
  event.category: {values: {session: true, "*": false}, splunk: implied, sentinel: implied, sigma: implied}
  host.os.type: {values: {windows: true, "*": false}, splunk: implied, sentinel: implied, sigma: implied}
  event.action: {values: {open: "1", close: "2"}, splunk: values kind, sentinel: values Kind, sigma: values kind}
  event.outcome: {values: {success: true, "*": false}, splunk: implied, sentinel: implied, sigma: implied}
  user.name: {splunk: exact badge, sentinel: exact Who, sigma: exact badge}
  user.email: {many: true, splunk: "exact sent{}", sentinel: exact Sent, sigma: exact sent}
---
dataset: acme.trace
title: Acme traces, joined from records
family: acme
match: {index: ["logs-acme.*"], datasets: [acme.trace], category: [process]}
platforms:
  splunk: {trace: {header: {index: trace, prepare: "stats values(op) as op values(who) as who by id"}}}
fields:
  data_stream.dataset: {values: {acme.trace: true, "*": false}, splunk: implied}
  event.category: {values: {process: true, "*": false}, splunk: implied}
  event.action: {splunk: exact op}
  user.name: {splunk: exact who}
"""
RULE = """
[metadata]
creation_date = "2024/01/01"
maturity = "production"
updated_date = "2024/01/01"
[rule]
author = ["t"]
description = "d"
from = "now-9m"
index = {index}
language = "kuery"
license = "Apache-2.0"
name = "Doors and mails"
risk_score = 21
rule_id = "11111111-1111-4111-8111-111111111111"
severity = "low"
timestamp_override = "event.ingested"
type = "{type}"
query = '''{query}'''
{more}
"""
BOTH = 'data_stream.dataset: ("acme.mail" or "acme.door") and event.action: open'
ROOT = f"{BOTH} and not user.name: Root"
GOLDEN = Path(__file__).parent.parent / "targets" / "golden" / "union"


@pytest.fixture(scope="module")
def mapping(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("union") / "acme.yaml"
    path.write_text(TABLES, encoding="utf-8")
    return path


def rule(query: str, kind: str = "query", more: str = "", index: str = '["logs-acme.*"]') -> Rule:
    return converter.parse_rule(RULE.format(query=query, type=kind, more=more, index=index))


def bound(mapping: Path, query: str, platform: str = "splunk", source: str | None = None) -> Bound:
    return bind(rule(query), platform, source=source, tables=catalogue(mapping))


def said(found: Bound) -> dict[str, str]:
    return {d.code: d.message for d in found.notes}


def where_bound(found: Bound) -> list[str | None]:
    return [b.dataset for b in found.bindings]


def by_column(where: Predicate) -> Predicate:
    return map_fields(where, lambda f: Field(f.way.text if f.way else f.path, f.kind, f.many))


# ---- binding


def test_each_data_set_is_bound_to_its_own_table(mapping: Path) -> None:
    found = bound(mapping, ROOT)
    assert isinstance(found.rule.detection, AnyOf)
    assert where_bound(found) == ["acme.door", "acme.mail"]
    texts = [{f.way.text for f in fields(w) if f.way} for w in predicates(found.rule.detection)]
    assert texts == [{"kind", "badge"}, {"op", "who"}]
    assert said(found) == {}


def test_source_binds_to_one(mapping: Path) -> None:
    found = bound(mapping, ROOT, source="acme.mail")
    assert isinstance(found.rule.detection, Match)
    assert where_bound(found) == ["acme.mail"]


def test_arms_of_an_or_are_told_apart(mapping: Path) -> None:
    query = (
        '(data_stream.dataset: "acme.mail" and event.action: open and file.name: a) or '
        '(data_stream.dataset: "acme.door" and event.action: close)'
    )
    found = bound(mapping, query)
    assert where_bound(found) == ["acme.door", "acme.mail"]
    door, mail = predicates(found.rule.detection)
    assert matches(by_column(door), {"kind": "2"})
    assert not matches(by_column(door), {"kind": "1", "op": "open", "attached": "a"})
    assert matches(by_column(mail), {"op": "open", "attached": "a"})


def test_data_set_without_table_is_a_warning(mapping: Path) -> None:
    found = bound(mapping, 'data_stream.dataset: ("acme.mail" or "acme.door" or "acme.gone") and event.action: open')
    assert where_bound(found) == ["acme.door", "acme.mail"]
    assert said(found)["M026"] == "the artifact lacks the events of acme.gone: no table of splunk has them"
    artifact = converter.convert(rule(BOTH.replace("acme.door", "acme.gone")), mapping=mapping)
    assert artifact.status == "approximate"
    assert artifact.dataset == "acme.mail"


def test_data_set_whose_table_lacks_a_field_is_a_warning(mapping: Path) -> None:
    found = bound(mapping, f"{BOTH} and file.name: x")
    assert isinstance(found.rule.detection, Match)
    assert where_bound(found) == ["acme.mail"]
    assert "lacks the events of acme.door: the field file.name has no counterpart" in said(found)["M026"]


def test_arm_that_never_matches_is_left_out_with_a_note(mapping: Path) -> None:
    query = (
        '(data_stream.dataset: "acme.mail" and event.action: open) or '
        '(data_stream.dataset: "acme.door" and event.outcome: failure)'
    )
    found = bound(mapping, query)
    assert where_bound(found) == ["acme.mail"]
    assert said(found)["M027"] == "no event of acme.door can match, so that the artifact does not search them"
    assert "M012" not in said(found)


def test_rule_that_no_arm_can_match_is_refused(mapping: Path) -> None:
    found = bound(mapping, f"{BOTH} and event.outcome: failure")
    assert "M012" in said(found)
    assert "M026" not in said(found)


def test_older_name_of_a_data_set_is_not_lacking(mapping: Path) -> None:
    found = bound(mapping, 'data_stream.dataset: ("acme.mail" or "acme.mail_old") and event.action: open')
    assert where_bound(found) == ["acme.mail"]
    assert "M026" not in said(found)


@pytest.mark.parametrize(
    "pin",
    ["event.category: (email or session)", "host.os.type: (linux or windows)", "host.os.type: (linux or windows) and event.category: (email or session)"],
)  # fmt: skip
def test_categories_and_systems_part_a_rule_too(mapping: Path, pin: str) -> None:
    assert sorted(map(str, where_bound(bound(mapping, f"{pin} and event.action: open")))) == ["acme.door", "acme.mail"]


def test_rules_of_several_events_stay_with_one_table(mapping: Path) -> None:
    more = '[rule.threshold]\nfield = ["user.name"]\nvalue = 3\n'
    found = bind(rule(BOTH, "threshold", more), "splunk", tables=catalogue(mapping))
    assert len(found.bindings) == 1
    assert "M024" in said(found)
    assert said(found)["M026"] == (
        "the artifact lacks the events of acme.mail: it searches acme.door/door only, and acme.mail/mail has them"
    )


@pytest.mark.parametrize("pin", ["event.category: (email or session)", "host.os.type: (linux or windows)"])
@pytest.mark.parametrize("platform", ["splunk", "sentinel"])
def test_what_one_place_lacks_is_said_of_rules_of_several_events(mapping: Path, pin: str, platform: str) -> None:
    more = '[rule.new_terms]\nfield = "new_terms_fields"\nvalue = ["user.name"]\n[[rule.new_terms.history_window_start]]\nfield = "history_window_start"\nvalue = "now-7d"\n'
    asked = rule(f"{pin} and event.action: open", "new_terms", more)
    artifact = converter.convert(asked, platform, "native", mapping=mapping)
    assert artifact.status == "approximate"
    assert [d.code for d in artifact.diagnostics if d.code == "M026"] == ["M026"]


def test_events_that_no_rest_of_the_rule_asks_for_are_not_lacking(mapping: Path) -> None:
    more = '[rule.threshold]\nfield = ["user.name"]\nvalue = 3\n'
    query = (
        '(data_stream.dataset: "acme.mail" and event.action: open) or '
        '(data_stream.dataset: "acme.door" and event.outcome: failure)'
    )
    found = bind(rule(query, "threshold", more), "splunk", tables=catalogue(mapping))
    assert where_bound(found) == ["acme.mail"]
    assert "M026" not in said(found)
    assert "M027" in said(found)


def test_more_kinds_than_are_taken_apart_are_lacking_not_forgotten(mapping: Path) -> None:
    many = " or ".join(f'"acme.gone{number}"' for number in range(30))
    found = bound(mapping, f'data_stream.dataset: ("acme.mail" or "acme.door" or {many}) and event.action: open')
    assert len(found.bindings) == 1
    messages = [d.message for d in found.notes if d.code == "M026"]
    assert messages == [
        "the rule names 32 kinds of events (acme.door, acme.gone0, acme.gone1, ...); the artifact searches acme.door/door only"
    ]


def test_what_one_place_lacks_is_said_of_pipelines(mapping: Path) -> None:
    query = (
        'FROM logs-acme.* | WHERE host.os.type IN ("linux", "windows") | STATS n = COUNT(*) BY user.name | WHERE n > 3'
    )
    text = RULE.format(query=query, type="esql", more="", index="[]").replace('"kuery"', '"esql"')
    artifact = converter.convert(
        converter.parse_rule(text.replace("index = []\n", "")), "splunk", "native", mapping=mapping
    )
    assert artifact.status == "approximate"
    assert "M026" in {d.code for d in artifact.diagnostics}


def test_place_that_needs_what_contradicts_it_is_not_chosen(tmp_path: Path) -> None:
    """Two kinds of records in one index: the better rank loses where the rule asks for the other kind."""
    table = (
        "dataset: acme.{0}\ntitle: t\nrank: {1}\nmatch: {{index: ['logs-acme.*']}}\n"
        "platforms: {{splunk: {{p: {{header: {{index: i}}, base: 'kind == \"{2}\"'}}}}}}\n"
        "fields: {{event.code: {{splunk: exact kind}}, user.name: {{splunk: exact who}}}}\n"
    )
    path = tmp_path / "own.yaml"
    path.write_text("---\n".join([table.format("first", 1, "1"), table.format("second", 2, "2")]), encoding="utf-8")
    query = 'event.code: "2" or (event.code: "3" and user.name: x)'
    artifact = converter.convert(
        rule(query), mapping=path, fields="native", format="search", bare=True, inline_macros=True
    )
    assert artifact.dataset == "acme.second"
    assert "who" not in artifact.text
    refused = converter.convert(rule('event.code: "9"'), mapping=path, fields="native")
    assert [d.code for d in refused.diagnostics if d.severity.value == "error"] == ["M012"]


# ---- artifacts

MAILS: tuple[Mapping[str, object], ...] = (
    {"op": "open", "who": "ann", "sent": ["b@x"]},
    {"op": "open", "who": "Root"},
    {"op": "read", "who": "ann"},
    {"op": "open"},
    {"op": "close", "who": "ann"},
    {"kind": "1", "badge": "ann"},
)
DOORS: tuple[Mapping[str, object], ...] = (
    {"kind": "1", "badge": "ann", "sent": ["a@x", "b@x"]},
    {"kind": "1", "badge": "Root"},
    {"kind": "2", "badge": "ann"},
    {"kind": "1"},
    {"op": "open", "who": "ann"},
)
QUERIES = {"plain": (BOTH, {0, 1, 3}, {0, 1, 3}), "where": (ROOT, {0, 3}, {0, 3}), "array": (f"{BOTH} and user.email: b@x", {0}, {0})}  # fmt: skip


@pytest.mark.parametrize("name", QUERIES)
def test_splunk_searches_all_places(mapping: Path, name: str, request: pytest.FixtureRequest) -> None:
    query, mails, doors = QUERIES[name]
    artifact = converter.convert(rule(query), "splunk", mapping=mapping, format="search", bare=True, inline_macros=True)
    assert artifact.status == "exact", artifact.diagnostics
    assert artifact.dataset == "acme.door, acme.mail"
    check_golden(GOLDEN / f"{name}.spl", artifact.text, update=request.config.getoption("--update-golden"))
    events = [{**e, "index": "mail", "sourcetype": "acme:mail", "n": i} for i, e in enumerate(MAILS)]
    events += [{**e, "index": "door", "n": 100 + i} for i, e in enumerate(DOORS)]
    for reading in spl.READINGS:
        found = spl.run(artifact.text, events, raw_json=True, reading=reading)
        assert sorted(int(str(row["n"])) for row in found) == sorted([*mails, *(100 + i for i in doors)])


def test_splunk_appends_places_that_join_records(mapping: Path, request: pytest.FixtureRequest) -> None:
    query = 'data_stream.dataset: ("acme.mail" or "acme.door" or "acme.trace") and event.action: open and not user.name: Root'
    artifact = converter.convert(rule(query), "splunk", mapping=mapping, format="search", bare=True, inline_macros=True)
    check_golden(GOLDEN / "joined.spl", artifact.text, update=request.config.getoption("--update-golden"))
    assert "T213" in {d.code for d in artifact.diagnostics}
    events: list[Mapping[str, object]] = [{"index": "trace", "id": "7", "op": "open", "who": None}]
    events += [{"index": "trace", "id": "7", "who": "ann"}, {"index": "trace", "id": "8", "op": "open", "who": "Root"}]
    events += [{**e, "index": "door", "n": i} for i, e in enumerate(DOORS)]
    found = spl.run(artifact.text, events, raw_json=True)
    assert len(found) == 3
    assert [row.get("id") for row in found if "n" not in row] == ["7"]
    alone = converter.convert(
        rule(query.replace('"acme.mail" or ', "")),
        "splunk",
        mapping=mapping,
        format="search",
        bare=True,
        inline_macros=True,
    )
    assert "multisearch" not in alone.text
    assert len(spl.run(alone.text, events, raw_json=True)) == 3


@pytest.mark.parametrize("name", QUERIES)
def test_sentinel_makes_a_union(mapping: Path, name: str, request: pytest.FixtureRequest) -> None:
    query, mails, doors = QUERIES[name]
    artifact = converter.convert(rule(query), "sentinel", mapping=mapping, format="query", bare=True)
    assert artifact.status == "exact", artifact.diagnostics
    check_golden(GOLDEN / f"{name}.kusto", artifact.text, update=request.config.getoption("--update-golden"))
    tables = {
        "Mail_CL": kusto.Table(
            {"Op": "string", "Who": "string", "Sent": "dynamic", "n": "long"},
            [{"Op": e.get("op", ""), "Who": e.get("who", ""), "Sent": e.get("sent"), "n": i} for i, e in enumerate(MAILS)],
        ),
        "Door_CL": kusto.Table(
            {"Kind": "int", "Who": "string", "Sent": "dynamic", "n": "long"},
            [
                {"Kind": int(str(e.get("kind", 0))), "Who": e.get("badge", ""), "Sent": e.get("sent"), "n": 100 + i}
                for i, e in enumerate(DOORS)
            ],
        ),
    }  # fmt: skip
    found, dissent = kusto.run_under_all(artifact.text, tables)
    assert not dissent
    assert sorted(int(str(row["n"])) for row in found) == sorted([*mails, *(100 + i for i in doors)])
    assert not any(str(column).endswith("_hit") for row in found for column in row)


def test_sentinel_takes_each_event_once_in_every_table(mapping: Path) -> None:
    more = '[rule.investigation_fields]\nfield_names = ["user.name"]\n'
    artifact = converter.convert(rule(ROOT, more=more), "sentinel", mapping=mapping, format="yaml")
    assert artifact.text.count("ingestion_time() > ago(5m)") == 2
    assert "T374" not in {d.code for d in artifact.diagnostics}
    (account,) = yaml.safe_load(artifact.text)["entityMappings"]  # both tables have the column
    assert account["fieldMappings"] == [{"identifier": "Name", "columnName": "Who"}]


@pytest.mark.parametrize("name", QUERIES)
def test_sigma_writes_one_rule_a_place(mapping: Path, name: str, request: pytest.FixtureRequest) -> None:
    query, mails, doors = QUERIES[name]
    artifact = converter.convert(rule(query), "sigma", mapping=mapping, case="exact")
    assert artifact.status == "exact", artifact.diagnostics
    check_golden(GOLDEN / f"{name}.yml", artifact.text, update=request.config.getoption("--update-golden"))
    door, mail = SigmaCollection.from_yaml(artifact.text).rules
    assert isinstance(door, SigmaRule)
    assert isinstance(mail, SigmaRule)
    assert (door.logsource.service, mail.logsource.service) == ("door", "mail")
    assert door.id != mail.id
    assert {i for i, e in enumerate(DOORS) if sigma_matches(door, e)} == doors
    assert {i for i, e in enumerate(MAILS) if sigma_matches(mail, e)} == mails


# ---- the model's node itself


def test_any_of_is_an_or_of_its_matches() -> None:
    one, other = (rule(q).detection for q in ("user.name: a", "user.name: b and not file.name: x"))
    assert isinstance(one, Match)
    assert isinstance(other, Match)
    both = AnyOf((one, other))
    events = [{"user.name": "a"}, {"user.name": "b"}, {"user.name": "b", "file.name": "x"}, {}]
    assert [a.events for a in alerts(both, events)] == [(0,), (1,)]
    assert normalise_detection(both) == both
    assert map_predicates(both, lambda p: p) == both
    (scene,) = scenes(both)
    wanted = {i for i, e in enumerate(scene.events) if matches(one.where, e) or matches(other.where, e)}
    assert {a.events[0] for a in alerts(both, scene.events)} == wanted
    assert 0 < len(wanted) < len(scene.events)
    module = load("python").emit(Bound.everywhere(_with(rule("user.name: a"), both), Binding()), Options())
    names: dict[str, object] = {"__name__": "artifact"}
    exec(module.text, names)  # noqa: S102 - what we just emitted
    assert [names["matches"](e) for e in events] == [True, True, False, False]  # type: ignore[operator]
    assert (
        bind(_with(rule("user.name: a"), both), "splunk", "ecs", tables=catalogue()).bindings == (Binding("ecs"),) * 2
    )


def _with(read: Rule, detection: AnyOf) -> Rule:
    return dataclasses.replace(read, detection=detection)


# ---- real rules and events


@needs_shared
def test_corpus_rules_over_clouds_search_every_log() -> None:
    path = next((SHARED / "corpus").rglob("initial_access_entra_id_kali365_user_agent.toml"))
    read = converter.read_rule(path)
    known = sentinel_tables()
    for target, words in (("splunk", ("multisearch", "o365_management_activity", "azure_monitor_aad")), ("sentinel", ("union", "CloudAppEvents", "AuditLogs", "SigninLogs"))):  # fmt: skip
        artifact = converter.convert(read, target)
        assert artifact.status == "exact", artifact.diagnostics
        assert all(word in artifact.text for word in words)
        assert artifact.dataset == "azure.auditlogs, azure.signinlogs, o365.audit"
    assert "CloudAppEvents" in known


@needs_shared
@pytest.mark.parametrize(
    "condition", ["event.outcome: failure", "event.outcome: success", "event.action: *", "not event.outcome: success"]
)
def test_mixed_events_of_clouds_get_the_verdicts_of_their_documents(condition: str) -> None:
    """Sign-ins of Entra ID and audit records of Microsoft 365 and Okta in one search."""
    places = {
        "azure.signinlogs": {"index": "aad", "sourcetype": "azure:monitor:aad"},
        "o365.audit": {"sourcetype": "o365:management:activity"},
        "okta.system": {"sourcetype": "OktaIM2:log"},
    }
    query = f"data_stream.dataset: ({' or '.join(places)}) and {condition}"
    index = '["logs-azure.signinlogs-*", "logs-o365.audit-*", "logs-okta.system-*"]'
    read = rule(query, index=index)
    artifact = converter.convert(read, "splunk", format="search", bare=True, inline_macros=True)
    assert artifact.status != "refused", artifact.diagnostics
    assert artifact.dataset == "azure.signinlogs, o365.audit, okta.system"
    pairs = [(name, p) for name in places for p in pairs_of(name, derived=0)]
    events = [{**p.raw, **places[name], "pair_number": i} for i, (name, p) in enumerate(pairs)]
    macros = dict.fromkeys(("azure_monitor_aad", "o365_management_activity", "okta"), "index=*")
    macros["azure_monitor_aad"] = 'sourcetype="azure:monitor:aad"'
    macros["o365_management_activity"] = 'sourcetype="o365:management:activity"'
    macros["okta"] = 'sourcetype="OktaIM2:log"'
    found = {int(str(row["pair_number"])) for row in spl.run(artifact.text, events, macros=macros, raw_json=True)}
    (where,) = predicates(read.detection)
    wanted = {i for i, (name, p) in enumerate(pairs) if matches(where, completed(p, name))}
    print(f"{len(pairs)} events of {len(places)} data sets, {len(wanted)} hits")  # noqa: T201 - what the proof rests on
    assert len(pairs) > 60
    assert found == wanted
