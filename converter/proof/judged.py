"""A judge as an engine: it runs what a rule is converted to, beside the reference."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Final, Protocol, runtime_checkable

from converter.model.rule import AnyOf, IndicatorMatch, Match, Rule
from converter.proof.alerts import Answer, expected
from converter.proof.engine import Reference
from converter.proof.judge import Judge, Verdicts
from converter.proof.staging import Scene
from converter.target.artifact import Artifact

_SINGLE: Final = (Match, AnyOf, IndicatorMatch)


@runtime_checkable
class Answering(Protocol):
    """A judge that also names the alerts of detections over several events.

    `by_event`: it names new terms by the event that they are first seen in.
    """

    by_event: bool

    def answers(self, rule: Rule, artifact: Artifact, scene: Scene) -> Mapping[str, Answer]:
        """What was found under each reading of the platform's documents. Raises CannotJudgeError."""


class Judged:
    """Runs what `convert` makes of the rule; the same rule is converted once.

    Where results name alerts and no events (a group, a moment), the events have the reference's verdict if all alerts
    are those of the reference, and the opposite if not: the scene as a whole divides them.
    """

    def __init__(self, judge: Judge, convert: Callable[[Rule, str, str], Artifact]) -> None:
        """`convert`: rule, target, field binding. It raises CannotJudgeError for an artifact not to be judged."""
        self._judge = judge
        self._convert = functools.lru_cache(maxsize=8)(convert)

    @property
    def name(self) -> str:
        """The judge's name."""
        return self._judge.name

    def run(self, rule: Rule, scene: Scene) -> Verdicts:
        """The judge's verdicts on the rule's artifact."""
        artifact = self._convert(rule, self._judge.target, self._judge.fields)
        if isinstance(self._judge, Answering) and not isinstance(rule.detection, _SINGLE):
            return _by_alerts(self._judge, rule, artifact, scene)
        return self._judge.run(rule, artifact, scene)


def _by_alerts(judge: Answering, rule: Rule, artifact: Artifact, scene: Scene) -> Verdicts:
    answers = judge.answers(rule, artifact, scene)
    wanted = expected(rule, scene, by_event=judge.by_event, without=artifact.left_out)
    agree = all(answer == wanted for answer in answers.values())
    return [verdict is agree for verdict in Reference().run(rule, scene)]
