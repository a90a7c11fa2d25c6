"""ATT&CK as Sentinel names it: the tactics of its enumeration, and the techniques of a rule."""

from __future__ import annotations

from collections.abc import Iterable

from backends.sentinel.codes import T377
from backends.sentinel.condition.finding import note
from converter.deferred import dataclass
from converter.model.metadata import Metadata
from converter.plan.attack import all_tactics
from converter.target.contract import Notebook

# Tactics of the service's enumeration (azure-mgmt-securityinsight, AttackTactic).
TACTICS = frozenset(
    {
        "Reconnaissance",
        "ResourceDevelopment",
        "InitialAccess",
        "Execution",
        "Persistence",
        "PrivilegeEscalation",
        "DefenseEvasion",
        "CredentialAccess",
        "Discovery",
        "LateralMovement",
        "Collection",
        "Exfiltration",
        "CommandAndControl",
        "Impact",
        "PreAttack",
        "ImpairProcessControl",
        "InhibitResponseFunction",
    }
)
# What ATT&CK 19 made of one tactic: https://attack.mitre.org/resources/updates/
_SPLIT = {"Stealth": "DefenseEvasion", "DefenseImpairment": "DefenseEvasion"}


@dataclass(frozen=True, slots=True)
class Attack:
    """What a rule is about: each tactic with the techniques that the rule names under it (T1055, T1055.012)."""

    under: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def tactics(self) -> tuple[str, ...]:
        """The tactics that the rule names."""
        return tuple(tactic for tactic, _ in self.under)

    @property
    def techniques(self) -> tuple[str, ...]:
        """Techniques and sub-techniques, each once."""
        return tuple(dict.fromkeys(technique for _, found in self.under for technique in found))

    @property
    def all_tactics(self) -> tuple[str, ...]:
        """With every tactic that ATT&CK has a technique under: Azure-Sentinel takes no technique without them all."""
        return tuple(dict.fromkeys((*self.tactics, *all_tactics(self.techniques))))


def attack(meta: Metadata, notes: Notebook) -> Attack:
    """The rule's own tactics and techniques. A technique whose tactic Sentinel does not know is left out."""
    under: dict[str, dict[str, None]] = {}
    for threat in meta.threat:
        written = "".join(word[:1].upper() + word[1:] for word in threat.tactic_name.split())
        name = _SPLIT.get(written, written)
        if threat.framework != "MITRE ATT&CK" or name not in TACTICS:
            notes.add(note(T377, f"{threat.framework} {threat.tactic_name} is no tactic that Sentinel knows"))
            continue
        ids = (i for t in threat.techniques for i in (t.id, *(s.id for s in t.subtechniques)))
        under.setdefault(name, {}).update(dict.fromkeys(i for i in ids if _known(i)))
    return Attack(tuple((tactic, tuple(found)) for tactic, found in under.items()))


def parents(techniques: Iterable[str]) -> tuple[str, ...]:
    """The techniques, without those that are parts of one."""
    return tuple(t for t in techniques if "." not in t)


def parts(techniques: Iterable[str]) -> tuple[str, ...]:
    """The sub-techniques."""
    return tuple(t for t in techniques if "." in t)


def _known(technique: str) -> bool:
    """Whether it is written as one; the service refuses a rule for any other text."""
    number, dot, part = technique.partition(".")
    digits = number[1:].isdecimal() and number.isascii() and len(number) == len("T1234")
    return number.startswith("T") and digits and (not dot or (part.isdecimal() and len(part) == len("123")))
