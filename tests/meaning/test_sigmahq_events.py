"""The real events that SigmaHQ keeps for its rules: each is found, by whoever runs the rule."""

from __future__ import annotations

from shared import some_or_all
from sigma.rule import SigmaRule
from sigmahq import Recorded, in_elastics_words, needs_sigmahq, recorded, sigma_document

from converter import api
from converter.model.metadata import LogSource
from converter.proof.judges.sigma import sigma_matches
from converter.proof.judges.spl.run import run
from converter.target.naming import Naming

NOW = 1_764_000_000
_NAMES = Naming(macros=dict.fromkeys(("sysmon", "wineventlog_security", "powershell"), "an_index"))


def _cases(*, everything: bool) -> tuple[Recorded, ...]:
    found = recorded()
    return found if everything else found[::6]


@needs_sigmahq
@some_or_all
def test_the_rule_finds_the_event_by_reference_and_pysigma(everything: bool) -> None:
    cases = _cases(everything=everything)
    missed = []
    for case in cases:
        rule = api.read_rule(case.rule)
        event = in_elastics_words(case.values, rule.meta.log_source or LogSource())
        if api.evaluate(rule, [event]) != [True]:
            missed.append(case.rule.name)
        assert sigma_matches(SigmaRule.from_dict(sigma_document(case.rule)), case.values), case.rule.name
    assert cases
    assert missed == []


@needs_sigmahq
@some_or_all
def test_the_search_finds_the_event(everything: bool) -> None:
    judged, missed = 0, []
    for case in _cases(everything=everything):
        artifact = api.convert(api.read_rule(case.rule), "splunk", naming=_NAMES, inline_macros=True)
        if not artifact.text or artifact.fields == "ecs":
            continue
        judged += 1
        if not list(run(artifact.text, [_row(case)], now=NOW)):
            missed.append(case.rule.name)
    assert judged
    assert missed == []


def _row(case: Recorded) -> dict[str, object]:
    """The event as Splunk's add-ons for Sysmon and Windows extract it."""
    values = dict(case.values)
    values["EventCode"] = values.pop("EventID")
    values["Name"] = values.pop("Provider_Name")
    for column, path in (("process_name", "Image"), ("parent_process_name", "ParentImage")):
        if path in values:
            values[column] = str(values[path]).rpartition("\\")[2]
    for digest in str(values.get("Hashes", "")).split(","):
        name, _, value = digest.partition("=")
        if value:
            values[name] = value
    return {**values, "_time": NOW - 60, "host": values["Computer"], "_raw": " ".join(map(str, values.values()))}
