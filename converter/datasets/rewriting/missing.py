"""A condition without counterpart: refused, dropped where that is sound to say, or kept as it is."""

from __future__ import annotations

from enum import StrEnum

from converter.datasets.codes import M011, M018, M020
from converter.datasets.rewriting.place import Site
from converter.deferred import dataclass
from converter.diagnostics import Diagnostic, Severity, Span
from converter.model.predicate import Constant, Predicate


class Unmapped(StrEnum):
    """What happens to a field without counterpart."""

    __hash__ = str.__hash__  # Enum's own hashes the name in Python, for each leaf that is asked for again

    REFUSE = "refuse"
    KEEP = "keep"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Role:
    """What a leaf is for: needed by every match, only to exclude, or one way among others."""

    negated: bool = False
    optional: bool = False

    @property
    def words(self) -> str:
        """The role, for a message."""
        if self.negated:
            return "it only excludes events"
        return "it is one alternative of an or" if self.optional else "every match needs it"

    @property
    def cost(self) -> str:
        """What leaving it out would change."""
        return (
            "the artifact then also finds the events that it excludes"
            if self.negated
            else ("the artifact then misses the events that only this alternative finds")
        )

    @property
    def required(self) -> bool:
        """Whether a match is impossible to tell without it."""
        return not self.negated and not self.optional


@dataclass(frozen=True, slots=True)
class Missing:
    """What is said of a condition without counterpart, and whether it stays under its Elastic name."""

    finding: Diagnostic
    stays: bool = False

    def kept(self, node: Predicate) -> Predicate:
        """What stands in the condition's place."""
        return node if self.stays else Constant(value=False)


def missing(site: Site, unmapped: Unmapped, path: str, what: str, span: Span | None, role: Role) -> Missing:
    """The outcome for `what` `path`, by the caller's choice and the condition's role."""
    where = f"{site.platform} {site.place.name} ({site.table.name})"
    message = f"{what} {path} has no counterpart in {where}; {role.words}"
    if unmapped is Unmapped.KEEP:
        text = f"{message}: kept under its Elastic name"
        return Missing(Diagnostic(M020, text, Severity.WARNING, span), stays=True)
    if unmapped is Unmapped.DROP and not role.required:
        effect = "more events match" if role.negated else "fewer events match"
        return Missing(Diagnostic(M018, f"{message}: dropped, {effect}", Severity.WARNING, span))
    choices = ["--fields ecs if your events keep Elastic's names", "--mapping FILE to name your own field"]
    if not role.required:
        choices.insert(0, f"--unmapped drop to leave it out ({role.cost})")
    return Missing(Diagnostic(M011, message, Severity.ERROR, span, hint="use " + ", or ".join(choices)))
