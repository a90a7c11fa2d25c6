"""Who says what an artifact finds: one protocol for every engine that runs emitted text.

A judge takes an artifact and a scene of events under Elastic's names, puts the events into the form that the
artifact's platform holds, and runs the text. `converter.proof.judged` makes of it an engine that `verify` sets beside
the reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

from converter.model.rule import Rule
from converter.proof.staging import Scene
from converter.target.artifact import Artifact

Verdicts: TypeAlias = Sequence[bool | None]
"""One verdict an event, in order; None for an event that the platform cannot hold or that breaks what is assumed."""


class CannotJudgeError(Exception):
    """The judge has no verdict on this rule or scene; the text says why."""


class Judge(Protocol):
    """Runs the artifacts of one target. `name` heads its column, `fields` is the binding whose artifacts it can run."""

    @property
    def name(self) -> str:
        """The column's heading."""

    @property
    def target(self) -> str:
        """Whose artifacts it runs."""

    @property
    def fields(self) -> str:
        """The field binding whose artifacts it can run."""

    def run(self, rule: Rule, artifact: Artifact, scene: Scene) -> Verdicts:
        """Whether each event is found. Raises CannotJudgeError for the whole scene."""
