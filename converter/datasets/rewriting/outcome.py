"""What rewriting gives: a term in a place's fields, its own findings, and what became of each leaf of the rule."""

from __future__ import annotations

from collections.abc import Iterable

from converter.datasets.reading.table import Counterpart, Entry
from converter.deferred import dataclass
from converter.diagnostics import Diagnostic, Severity
from converter.model.normalise import constant
from converter.model.predicate import Constant, Leaf, Predicate
from converter.model.value import Field
from converter.model.walk import leaves


@dataclass(frozen=True, slots=True)
class Ground:
    """The table entry that a leaf rests on, and its counterpart at the place."""

    entry: Entry
    part: Counterpart


@dataclass(frozen=True, slots=True)
class Emitted:
    """The leaf stands in the place's fields as `bound`."""

    bound: Predicate
    grounds: tuple[Ground, ...] = ()


@dataclass(frozen=True, slots=True)
class Implied:
    """The leaf is true (or false) of every event of the place, or decides nothing beside its siblings."""

    why: str
    grounds: tuple[Ground, ...] = ()


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The leaf has no counterpart: the finding says what that means for the artifact."""

    finding: Diagnostic
    grounds: tuple[Ground, ...] = ()


Ending = Emitted | Implied | GivenUp


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one leaf of the rule."""

    leaf: Leaf
    ending: Ending


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A term in the place's fields. `findings` and `fates` are its own: no other term's are among them."""

    predicate: Predicate
    findings: tuple[Diagnostic, ...] = ()
    fates: tuple[Fate, ...] = ()

    def decides(self, value: bool) -> bool:  # noqa: FBT001 - the truth value is what is asked for
        """Whether the term is this constant for every event of the place, with nothing lost or in doubt."""
        for finding in self.findings:
            if finding.severity is not Severity.NOTE:
                return False
        return constant(self.predicate) is value

    @property
    def refused(self) -> bool:
        """Whether a finding refuses the term."""
        return Severity.ERROR in [one.severity for one in self.findings]


@dataclass(frozen=True, slots=True)
class Keyed:
    """A field that stands alone: as a key, or in a script.

    `target` None: it has no counterpart. A Constant: it has the same value, or none (False), in every event.
    """

    target: Field | Constant | None
    findings: tuple[Diagnostic, ...] = ()
    ground: Ground | None = None


def set_aside(terms: Iterable[Predicate], why: str) -> tuple[Fate, ...]:
    """The fates of the leaves of terms that decide nothing any more."""
    return tuple(Fate(leaf, Implied(why)) for term in terms for leaf in leaves(term))
