"""What became of one rule of a run of `convert`, as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter.cli.exit import Exit
from converter.deferred import dataclass
from converter.diagnostics import Diagnostic
from converter.target.artifact import Artifact

if TYPE_CHECKING:
    from converter.cli.verification import Seen
    from converter.model.rule import Rule


@dataclass(frozen=True, slots=True)
class Part:
    """What one target gives: artifacts, or what is wrong and the exit code that it amounts to.

    `checked` is what reading it back came to, `trees` the two conditions where it came to a fault.
    """

    artifacts: tuple[Artifact, ...] = ()
    problems: tuple[Diagnostic, ...] = ()
    exit: Exit = Exit.CONVERTED
    checked: Seen | None = None
    trees: str = ""


@dataclass(frozen=True, slots=True)
class Converted:
    """What became of one rule. `parts`: one a target, or nothing if the rule could not be read.

    `rule` is there where a report will tell of it.
    """

    parts: tuple[Part, ...] = ()
    rule: Rule | None = None
    problems: tuple[Diagnostic, ...] = ()
    exit: Exit = Exit.CONVERTED

    @property
    def lasting(self) -> bool:
        """Whether the same program would say the same again: a fault of ours may have been the machine's."""
        return self.rule is None and Exit.INTERNAL not in (self.exit, *(part.exit for part in self.parts))
