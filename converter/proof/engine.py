"""Who can judge events of a rule: the reference evaluator, and whatever a caller adds."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Protocol

from converter.model.rule import NewTerms, Rule
from converter.proof.staging import Scene
from converter.reference import Clock, alerts, clock_of


class Engine(Protocol):
    """Says for each event of a scene whether it belongs to an alert of the rule."""

    @property
    def name(self) -> str:
        """The column's heading."""

    def run(self, rule: Rule, scene: Scene) -> Sequence[bool | None]:
        """One verdict an event, in order; None where there is none. Raises CannotJudgeError for the whole scene."""


def clock_for(rule: Rule, scene: Scene) -> Clock:
    """The clock that a scene runs by: its moment; the rule's window matters to new terms only."""
    clock = clock_of(rule, scene.events, scene.now)
    return clock if isinstance(rule.detection, NewTerms) else dataclasses.replace(clock, window=None)


class Reference:
    """The evaluator of the model."""

    name = "reference"

    def run(self, rule: Rule, scene: Scene) -> Sequence[bool]:
        """Whether each event belongs to an alert."""
        found = alerts(rule.detection, scene.events, clock=clock_for(rule, scene), indicators=scene.indicators)
        return membership((alert.events for alert in found), len(scene.events))


def membership(found: Iterable[Iterable[int]], count: int) -> list[bool]:
    """For each of `count` events, whether it is in one of the alerts."""
    members = {i for one in found for i in one}
    return [i in members for i in range(count)]
