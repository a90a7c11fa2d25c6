"""What an artifact says beside its text: the code, how much it weighs, and the words."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import run

import converter
from converter.target.artifact import Artifact

KUERY, EQL = ("query", "kuery"), ("eql", "eql")
THREAT = """
threat_index = ["ti"]
threat_query = "*:*"
threat_language = "kuery"
[[rule.threat_mapping]]
[[rule.threat_mapping.entries]]
field = "source.ip"
type = "mapping"
value = "{}"
"""
TACTIC = """
[[rule.threat]]
framework = "MITRE ATT&CK"
[rule.threat.tactic]
id = "TA0003"
name = "Persistence"
reference = "https://attack.mitre.org/tactics/TA0003/"
[[rule.threat.technique]]
id = "T1078"
name = "Valid Accounts"
reference = "https://attack.mitre.org/techniques/T1078/"
"""
PROCESS = 'index = ["logs-endpoint.events.process-*"]\n'
WINDOWS = 'host.os.type: windows and process.name: "x.exe"'
STEPS = 'sequence by host.id with maxspan=1m [process where process.name == "a"] {}[process where process.name == "b"]'


def made(target: str, kind: tuple[str, str], query: str, more: str = "", **options: str) -> Artifact:
    name = options.pop("name", "A rule")
    head = f"[rule]\nname = '{name}'\ntype = '{kind[0]}'\nlanguage = '{kind[1]}'\nquery = '''{query}'''\n"
    return converter.convert(converter.parse_rule(head + more), target, **options)  # type: ignore[arg-type]


def said(artifact: Artifact, code: str) -> list[tuple[str, str]]:
    return [(d.severity.value, d.message) for d in artifact.diagnostics if d.code == code]


LENGTH = "the length of process.name is counted in characters, by Elasticsearch in units of UTF-16"
STREAM = "streamstats keeps every earlier row, or the last 10,000 (max_stream_window): Splunk's documents say both"
RETYPED = (
    "Kusto may turn text in a dynamic column that looks like a number, a date or a GUID into that type and print it"
    " in its own spelling: the comparison rests on the spelling being kept"
)
WORDS = "words of analysed text are told apart as in ASCII text: letters beyond ASCII beside a word do not join it"


@pytest.mark.parametrize(
    ("target", "kind", "query", "code", "severity", "message"),
    [
        (
            "sigma",
            EQL,
            'process where process.name regex "a+b"',
            "T117",
            "note",
            "the end of a regular expression ($) may also stand before a final line break",
        ),
        ("sigma", EQL, "process where length(process.name) > 20", "T119", "warning", LENGTH),
        ("sigma", EQL, "process where length(process.name) >= 3", "T119", "warning", LENGTH),
        ("splunk", KUERY, 'message: "some words"', "T206", "note", WORDS),
        (
            "splunk",
            KUERY,
            'message: "some work"',
            "T203",
            "note",
            "upper and lower case are folded as in ASCII text: no value holds the Kelvin sign or the long s",
        ),
        ("splunk", EQL, STEPS.format("with runs=3 "), "T208", "note", STREAM),
        ("splunk", EQL, STEPS.format("") + ' until [process where process.name == "c"]', "T208", "note", STREAM),
        (
            "sentinel",
            KUERY,
            'tags: "007"',
            "T304",
            "note",
            RETYPED,
        ),
        ("python", EQL, STEPS.format(""), "T402", "note", "events without a time take no part"),
    ],
)
def test_a_form_says_what_it_rests_on(
    target: str, kind: tuple[str, str], query: str, code: str, severity: str, message: str
) -> None:
    assert said(made(target, kind, query, fields="ecs"), code) == [(severity, message)]


@pytest.mark.parametrize(
    ("code", "target", "query"),
    [
        ("T203", "splunk", 'message: "other"'),
        ("T206", "splunk", 'process.name: "some words"'),
        ("T208", "splunk", None),
        ("T304", "sentinel", 'tags: ("seven" or 7)'),
        ("T402", "python", 'tags: "007"'),
    ],
)
def test_nothing_is_said_where_it_does_not_matter(code: str, target: str, query: str | None) -> None:
    artifact = made(target, KUERY, query, fields="ecs") if query else made(target, EQL, STEPS.format(""), fields="ecs")
    assert artifact.status == "exact"
    assert not said(artifact, code)


@pytest.mark.parametrize(
    ("interval", "start", "words"),
    [
        ("10m", "now-2d", ["Elastic runs the rule every 10m, a custom detection every 1h", "2d, here of 4h", "4h"]),
        ("2h", "now-3h", ["Elastic runs the rule every 2h, a custom detection every 3h", "", "12h"]),
        ("2d", "now-50d", ["Elastic runs the rule every 2d, a custom detection every 1d", "50d, here of 30d", "30d"]),
        ("1h", "now-2h", ["", "", "4h"]),
    ],
)
def test_a_custom_detection_has_another_schedule(interval: str, start: str, words: list[str]) -> None:
    artifact = made(
        "sentinel",
        KUERY,
        WINDOWS,
        f'{PROCESS}interval = "{interval}"\nfrom = "{start}"\n',
        fields="native",
        format="xdr",
    )
    runs, window, lookback = words
    assert said(artifact, "T387") == [
        *([("note", runs)] if runs else []),
        *([("warning", f"the rule looks at events of the last {window}")] if window else []),
        ("note", f"every run looks back over {lookback}; the service makes one alert of those that are alike"),
    ]


def test_a_name_is_cut_off_at_its_limit() -> None:
    artifact = made("sentinel", KUERY, 'user.name: "a"', name="x" * 300, fields="ecs", format="yaml")
    assert said(artifact, "T389") == [("note", "the name has 300 characters, a rule's has 256: its end is cut off")]
    assert f"name: '{'x' * 255}\u2026'\n" in artifact.text


def test_tactics_of_a_technique_are_added() -> None:
    artifact = made("sentinel", KUERY, 'user.name: "a"', TACTIC, fields="ecs", format="yaml")
    added = "DefenseEvasion, InitialAccess, PrivilegeEscalation added for T1078"
    assert said(artifact, "T386") == [("note", added)]
    assert not said(made("sentinel", KUERY, 'user.name: "a"', fields="ecs", format="yaml"), "T386")


def test_a_search_whose_results_name_nobody_gives_no_risk() -> None:
    artifact = made("splunk", KUERY, 'event.code: "10"', fields="ecs", format="savedsearches")
    assert said(artifact, "T234") == [
        ("note", "no column of the results names a user or a system: the search gives no risk")
    ]


def test_indicators() -> None:
    threat = ("threat_match", "kuery")
    refused = made("sigma", threat, "user.name: *", THREAT.format("threat.indicator.ip"), fields="ecs")
    assert refused.status == "refused"
    no_list = "Sigma cannot compare events with a list of indicators (the platform has no way to say it)"
    assert said(refused, "T108") == [("error", no_list)]
    of_one = made("sentinel", threat, "user.name: *", THREAT.format("threat.indicator.ip"), fields="ecs")
    assert not said(of_one, "T364")
    of_several = made("sentinel", threat, "user.name: *", THREAT.format("own.addresses"), fields="ecs")
    assert said(of_several, "T364") == [
        ("note", "an indicator takes part only with exactly one value in the mapped field")
    ]


def test_fields_that_nothing_declares_are_named() -> None:
    def notes(query: str) -> list[str]:
        head = "[rule]\nname = 'x'\ntype = 'esql'\nlanguage = 'esql'\n"
        read = converter.parse_rule(f"{head}query = '''from logs-* | where {query}'''\n")
        return [d.message for d in read.notes if d.code == "Q040"]

    ending = "taken as mapped; where no index maps a column, Elasticsearch refuses the query"
    assert notes("own.a == 1") == [f"own.a is not a known field: it is {ending}"]
    assert notes('own.a == 1 and own.b == "x"') == [f"own.a, own.b are not known fields: they are {ending}"]
    assert not notes('user.name == "x"')


def test_two_files_with_one_rule_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two"):
        text = f"[rule]\nname = '{name}'\nrule_id = 'same'\ntype = 'query'\nlanguage = 'kuery'\nquery = 'a: b'\n"
        Path(f"{name}.toml").write_text(text, encoding="utf-8")
    ran = run("one.toml", "two.toml", "-t", "python", "-o", "out")
    assert ran.code == 0
    assert "two.toml:3:1: advice[F042]: the rule id same stands in one.toml too" in ran.err
