"""Rules that are held for long are without what only people read, and share what they have in common."""

from __future__ import annotations

from converter import api
from converter.engine.slim import slim
from converter.model.rule import Rule

THREAT = """
[[rule.threat]]
framework = "MITRE ATT&CK"
tactic = {{ id = "{tactic}", name = "{tactic}", reference = "https://attack.mitre.org/tactics/{tactic}/" }}
technique = [{{ id = "T1059", name = "Interpreter", reference = "https://attack.mitre.org/techniques/T1059/" }}]
"""


def rule(name: str, *tactics: str) -> Rule:
    threats = "".join(THREAT.format(tactic=one) for one in tactics)
    return api.parse_rule(
        f"""[rule]
name = "{name}"
type = "query"
language = "kuery"
note = "for people"
query = "user.name: {name}"
{threats}""",
        f"{name}.toml",
    )


def test_a_slim_rule_means_the_same_and_names_the_same_tactics() -> None:
    whole = rule("a", "TA0001", "TA0002")
    held = slim(whole)
    assert (held.detection, held.meta.threat, held.meta.name) == (whole.detection, whole.meta.threat, "a")
    assert (held.meta.note, held.meta.query, held.source.text) == ("", "", "")


def test_rules_share_equal_tactics_and_techniques() -> None:
    one, other = slim(rule("a", "TA0001", "TA0002")).meta.threat, slim(rule("b", "TA0002")).meta.threat
    assert one[1] is other[0]
    assert one[0] != one[1]
    assert one[0].techniques[0] is one[1].techniques[0]
