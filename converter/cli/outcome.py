"""What became of the rules of one run of `convert`."""

from __future__ import annotations

from collections import Counter
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from converter.cli.choices import Choices, Named
from converter.cli.exit import Exit
from converter.cli.inputs import Input
from converter.deferred import dataclass
from converter.diagnostics import Diagnostic
from converter.target.artifact import Artifact, Status

if TYPE_CHECKING:
    from converter.cli.verification import Seen
    from converter.model.rule import Rule


@dataclass(slots=True)
class Outcome:
    """What became of one rule: its artifacts, or why it could not be read. `rule` is there for a report."""

    input: Input
    rule: Rule | None = None
    artifacts: list[Artifact] = field(default_factory=list)
    files: dict[str, Path] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)


@dataclass(slots=True)
class Run:
    """All that happened, and the exit code it amounts to."""

    choices: Choices
    targets: tuple[Named, ...]
    outcomes: list[Outcome] = field(default_factory=list)
    exit: Exit = Exit.CONVERTED
    checked: Counter[Seen] = field(default_factory=Counter)

    def worse(self, code: Exit) -> None:
        """Remember the worst."""
        self.exit = max(self.exit, code)

    def refused(self) -> None:
        """Remember that something was refused, which is no matter of whether files are up to date."""
        compared = self.choices.output is not None and (self.choices.check or self.choices.diff)
        if self.choices.strict or not compared:
            self.worse(Exit.REFUSED)

    def counts(self) -> dict[str, dict[Status, int]]:
        """For each target, how many artifacts have each status. A rule that cannot be read is refused by all."""
        found = {t.name: dict.fromkeys(Status, 0) for t in self.targets}
        for outcome in self.outcomes:
            for artifact in outcome.artifacts:
                found[artifact.target][artifact.status] += 1
            if not outcome.artifacts:
                for counts in found.values():
                    counts[Status.REFUSED] += 1
        return found
