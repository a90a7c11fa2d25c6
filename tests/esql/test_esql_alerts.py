"""Rules over Elastic's own alerts: refused natively, or about the platform's alerts if `--source elastic.alerts` asks."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest
from engines import kusto_parser
from golden import check_golden
from shared import corpus_rules, needs_shared

import converter
from converter.datasets.reading.load import load_table
from converter.diagnostics import Severity
from converter.proof.judges.errors import EngineUnavailable
from converter.target.artifact import Artifact, Status

GOLDEN = Path(__file__).parent / "golden"
SOURCE = "elastic.alerts"
PLATFORMS = ("splunk", "sentinel")
COUNTED = """from .alerts-security.*
| where kibana.alert.rule.name is not null and kibana.alert.risk_score > 21 and host.id is not null
    and not kibana.alert.rule.type in ("threat_match", "machine_learning")
    and not kql("kibana.alert.rule.tags: \\"Rule Type: Higher-Order Rule\\"")
| stats n = count(*), rules = count_distinct(kibana.alert.rule.name), tactics = count_distinct(kibana.alert.rule.threat.tactic.id) by host.id
| where rules >= 2 and tactics >= 3"""


def native(query: str, target: str, source: str | None = SOURCE) -> Artifact:
    text = f"[rule]\nname = 'Many tactics'\ntype = 'esql'\nlanguage = 'esql'\nfrom = 'now-1h'\nquery = '''{query}'''\n"
    return converter.convert(converter.parse_rule(text), target, source=source, inline_macros=True)


def codes(made: Artifact, severity: Severity) -> set[str]:
    return {d.code for d in made.diagnostics if d.severity is severity}


@pytest.mark.parametrize("target", PLATFORMS)
def test_error_of_a_rule_over_alerts_names_the_source_that_has_others(target: str) -> None:
    made = native(COUNTED, target, None)
    assert made.status is Status.REFUSED
    (said,) = [d for d in made.diagnostics if d.severity is Severity.ERROR]
    assert said.code == "Q044"
    assert said.hint is not None
    assert "--source elastic.alerts writes an approximate form" in said.hint


def test_error_for_a_target_without_alerts_offers_none() -> None:
    made = native('from .alerts-security.* | where kibana.alert.rule.name == "x"', "sigma", None)
    (said,) = [d for d in made.diagnostics if d.code == "Q044"]
    assert said.hint == "--fields ecs is for a store with Elastic's names"


OVER_ALERTS = {
    "kuery": "event.kind:signal and kibana.alert.rule.rule_id:x",
    "eql": 'any where kibana.alert.rule.rule_id == "x"',
}


@pytest.mark.parametrize("fields", [None, "native"])
@pytest.mark.parametrize("index", ['".alerts-security.*"', '".alerts-security.*", "logs-okta*"'])
@pytest.mark.parametrize("language", OVER_ALERTS)
@pytest.mark.parametrize("target", [*PLATFORMS, "sigma"])
def test_rules_of_other_languages_over_alerts_alone_are_told_of_the_source(
    target: str, language: str, index: str, fields: str | None
) -> None:
    kind = "eql" if language == "eql" else "query"
    head = f"name = 'x'\ntype = '{kind}'\nlanguage = '{language}'\nindex = [{index}]"
    rule = converter.parse_rule(f"[rule]\n{head}\nquery = '''{OVER_ALERTS[language]}'''\n")
    made = converter.convert(rule, target, fields)
    offered = [d.hint for d in made.diagnostics if d.code == "Q044"]
    alone = target in PLATFORMS and "okta" not in index
    assert offered == (["--source elastic.alerts writes an approximate form over the platform's own alerts"] * alone)


@pytest.mark.parametrize("target", PLATFORMS)
def test_error_of_another_source_for_alerts(target: str) -> None:
    """A place of events does not hold alerts, whatever the conditions of the rule ask."""
    query = 'from .alerts-security.*, logs-okta.system-* | where user.name == "x"'
    assert codes(native(query, target, "okta.system"), Severity.ERROR) == {"Q044"}


@pytest.mark.parametrize("target", PLATFORMS)
def test_error_of_a_rule_that_reads_events_beside_alerts(target: str) -> None:
    """Alerts alone would be a part of what the rule counts."""
    made = native('from .alerts-security.*, logs-okta.system-*, -logs-old* | where user.name == "x"', target)
    (said,) = [d for d in made.diagnostics if d.severity is Severity.ERROR]
    assert said.code == "Q044"
    assert "reads logs-okta.system-* beside" in said.message


@pytest.mark.parametrize("target", PLATFORMS)
@pytest.mark.parametrize("kind", ["kuery", "esql"])
def test_what_is_about_the_platforms_alerts_is_never_exact(target: str, kind: str) -> None:
    """No field of this condition differs; the alerts do."""
    lines = {
        "kuery": "type = 'query'\nlanguage = 'kuery'\nindex = ['.alerts-security.*']\nquery = 'event.kind: signal'",
        "esql": "type = 'esql'\nlanguage = 'esql'\nquery = 'from .alerts-security.* | where event.kind == \"signal\"'",
    }[kind]
    rule = converter.parse_rule(f"[rule]\nname = 'x'\n{lines}\n")
    made = converter.convert(rule, target, source=SOURCE)
    assert made.status is Status.APPROXIMATE
    assert codes(made, Severity.WARNING) == {"M034"}
    unasked = converter.convert(rule, target)
    assert "elastic.alerts" not in unasked.dataset
    assert "M034" not in codes(unasked, Severity.WARNING)


@pytest.mark.parametrize("target", PLATFORMS)
@pytest.mark.parametrize(
    "condition",
    [
        'kibana.alert.rule.rule_id == "94e734c0-2cda-11ef-84e1-f661ea17fbce"',
        'kql("kibana.alert.rule.tags: \\"Use Case: UEBA\\"")',
        'kibana.alert.rule.type == "machine_learning"',
        'job_id == "x"',
        'event.dataset == "okta.system"',
    ],
)
def test_error_of_what_the_platforms_alerts_do_not_say(target: str, condition: str) -> None:
    made = native(f"from .alerts-security.* | where {condition}", target)
    assert made.status is Status.REFUSED
    field = "kibana.alert.rule.tags" if condition.startswith("kql") else condition.split(maxsplit=1)[0]
    told = [d for d in made.diagnostics if d.severity is Severity.ERROR]
    assert any(field in d.message or d.code == "M012" for d in told), told


@pytest.mark.parametrize(("target", "suffix"), [("splunk", "spl"), ("sentinel", "kusto")])
def test_golden(target: str, suffix: str, update_golden: bool) -> None:
    made = native(COUNTED, target)
    assert made.status is Status.APPROXIMATE
    check_golden(GOLDEN / f"alerts.{suffix}", made.text, update=update_golden)


def _over_alerts() -> list[Path]:
    found = []
    for path in corpus_rules():
        text = path.read_text("utf-8")
        if ".alerts-security" in text and 'type = "esql"' in text:
            query = tomllib.loads(text)["rule"]["query"]
            found += [path] if ".alerts-security" in query else []
    return found


@needs_shared
def test_shared_rules_over_alerts() -> None:
    """Three more ask a language model (Q029) and the rest what only Elastic's alerts say; none is silent about either."""
    counts: Counter[tuple[str, str]] = Counter()
    queries: dict[str, str] = {}
    for path in _over_alerts():
        rule = converter.parse_rule(path.read_text("utf-8"))
        for target in PLATFORMS:
            assert {"Q044", "Q029"} & codes(converter.convert(rule, target), Severity.ERROR), path.stem
            made = converter.convert(rule, target, source=SOURCE)
            counts[target, made.status.value] += 1
            if made.status is Status.REFUSED:
                assert codes(made, Severity.ERROR) <= {"M011", "M012", "M013", "Q029", "Q044"}, path.stem
                continue
            assert made.status is Status.APPROXIMATE
            assert "M034" in codes(made, Severity.WARNING)
            if target == "sentinel":
                queries[path.stem] = made.text
    assert counts == COUNTS
    try:
        said = kusto_parser.analysed(list(queries.items()))
    except EngineUnavailable as why:
        pytest.skip(str(why))
    assert len(said) == counts["sentinel", "approximate"]
    assert not {name: found for name, (found, _) in said.items() if found}


COUNTS = {
    ("splunk", "approximate"): 8,
    ("splunk", "refused"): 7,
    ("sentinel", "approximate"): 3,
    ("sentinel", "refused"): 12,
}


def test_a_place_with_other_events_is_no_mode() -> None:
    """`instead` takes the place out of the choice; a mapping file may have one too."""
    table = load_table(
        """
dataset: d
title: T
match: {index: [logs-d*]}
platforms: {box: {a: {header: {table: A}, instead: others}, b: {header: {table: B}}}}
fields: {f: {box: exact F}}
""",
        "d.yaml",
    )
    assert [(p.name, p.offered, p.mode) for p in table.places["box"]] == [
        ("a", "", "native"),
        ("b", "native", "native"),
    ]
