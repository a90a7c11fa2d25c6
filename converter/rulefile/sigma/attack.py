"""Sigma's tags as MITRE ATT&CK entries: `attack.execution`, `attack.t1059.001`.

https://attack.mitre.org/tactics/enterprise/; SigmaHQ/sigma-specification, specification/sigma-appendix-tags.md.
"""

from __future__ import annotations

from collections.abc import Iterable

from converter.deferred import compiled
from converter.model.metadata import Subtechnique, Technique, Threat

_TACTICS = {
    "reconnaissance": "TA0043",
    "resource-development": "TA0042",
    "initial-access": "TA0001",
    "execution": "TA0002",
    "persistence": "TA0003",
    "privilege-escalation": "TA0004",
    "stealth": "TA0005",
    "defense-evasion": "TA0005",
    "defense-impairment": "TA0112",
    "credential-access": "TA0006",
    "discovery": "TA0007",
    "lateral-movement": "TA0008",
    "collection": "TA0009",
    "command-and-control": "TA0011",
    "exfiltration": "TA0010",
    "impact": "TA0040",
}
_PREFIX = "attack."
_TECHNIQUE = compiled(r"t\d{4}(\.\d{3})?")
_SMALL = ("and", "of")


def threats(tags: Iterable[str]) -> tuple[tuple[Threat, ...], tuple[str, ...]]:
    """The entries that the tags name, and the other tags. Techniques stand under the first tactic."""
    tactics: dict[str, None] = {}
    techniques: dict[str, list[str]] = {}
    others: list[str] = []
    for tag in tags:
        word = tag.lower().removeprefix(_PREFIX).replace("_", "-")
        if not tag.lower().startswith(_PREFIX):
            others.append(tag)
        elif word in _TACTICS:
            tactics[word] = None
        elif _TECHNIQUE.fullmatch(word):
            parent, _, sub = word.partition(".")
            found = techniques.setdefault(parent, [])
            if sub:
                found.append(word)
        else:
            others.append(tag)
    made = tuple(_technique(parent, subs) for parent, subs in techniques.items())
    entries = [_threat(word, made if number == 0 else ()) for number, word in enumerate(tactics)]
    if not entries and made:
        entries = [Threat("MITRE ATT&CK", "", "", "", made)]
    return tuple(entries), tuple(others)


def _threat(word: str, techniques: tuple[Technique, ...]) -> Threat:
    tactic = _TACTICS[word]
    name = " ".join(part if part in _SMALL else part.capitalize() for part in word.split("-"))
    return Threat("MITRE ATT&CK", tactic, name, f"https://attack.mitre.org/tactics/{tactic}/", techniques)


def _technique(parent: str, subs: list[str]) -> Technique:
    found = tuple(Subtechnique(_id(one), _id(one), _page(one)) for one in subs)
    return Technique(_id(parent), _id(parent), _page(parent), found)


def _id(word: str) -> str:
    return word.upper()


def _page(word: str) -> str:
    return f"https://attack.mitre.org/techniques/{word.upper().replace('.', '/')}/"
