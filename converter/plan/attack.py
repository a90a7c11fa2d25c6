"""Under which tactics MITRE ATT&CK has a technique: rules name one, and readers of artifacts ask for all.

`techniques.tsv` states facts of ATT&CK (Enterprise, version 18.1), (c) The MITRE Corporation, used as its terms allow:
https://attack.mitre.org/resources/legal-and-branding/terms-of-use/
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from pathlib import Path

from converter.model.metadata import Metadata

_FILE = Path(__file__).parent / "techniques.tsv"


@functools.cache
def _table() -> Mapping[str, tuple[str, ...]]:
    lines = (line.split("\t") for line in _FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {technique: tuple(tactics.split(" ")) for technique, tactics in lines}


def tactics_of(technique: str) -> tuple[str, ...]:
    """The tactics of a technique or subtechnique (T1059.001), written like CommandAndControl; none if it is unknown."""
    return _table().get(technique) or _table().get(technique.partition(".")[0], ())


def techniques(meta: Metadata) -> tuple[str, ...]:
    """The techniques of ATT&CK that a rule names, each with its subtechniques behind it."""
    named = (one for threat in meta.threat if "ATT&CK" in threat.framework for one in threat.techniques)
    return tuple(dict.fromkeys(i for one in named for i in (one.id, *(part.id for part in one.subtechniques))))


def all_tactics(found: Iterable[str]) -> tuple[str, ...]:
    """Every tactic of some techniques, each once."""
    return tuple(dict.fromkeys(tactic for technique in found for tactic in tactics_of(technique)))
