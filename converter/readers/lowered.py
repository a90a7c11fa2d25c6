"""What lowering a query gives: its meaning, and everything that was found on the way.

Lowering never raises for a meaning it cannot carry: it reports an error, puts `Constant(False)` in the
place and goes on, so that one run shows every unsupported piece. Where `diagnostics` hold an error the
meaning must not be used.
"""

from __future__ import annotations

from collections.abc import Iterable

from converter.deferred import dataclass
from converter.diagnostics import Diagnostic, Severity
from converter.model.predicate import Predicate
from converter.model.rule import Detection


def refused(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether some finding is an error, so that the meaning beside it is not the rule's."""
    return any(d.severity is Severity.ERROR for d in diagnostics)


@dataclass(frozen=True, slots=True)
class Lowered:
    """The meaning of a query over single events."""

    predicate: Predicate
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class LoweredDetection:
    """The meaning of a query over events together."""

    detection: Detection
    diagnostics: tuple[Diagnostic, ...] = ()
