"""The target `python`, executed from its emitted source."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, cast

from converter.diagnostics import Severity
from converter.diagnostics.errors import EmitError
from converter.model.pipeline import Pipeline
from converter.model.rule import AnyOf, IndicatorMatch, Match, NewTerms, Rule, Sample, Threshold
from converter.proof.engine import clock_for, membership
from converter.proof.judge import CannotJudgeError
from converter.proof.staging import Scene
from converter.target import registry
from converter.target.artifact import Artifact
from converter.target.contract import Binding, Bound, Options

Found = list[Mapping[str, Iterable[object]]]
"""Alerts as the module gives them: {"key": ..., "events": [the very events]}."""


class _Matcher(Protocol):
    def feed(self, event: object) -> Found: ...

    def flush(self) -> Found: ...


class PythonJudge:
    """Runs an emitted module."""

    name = "python"
    target = "python"
    fields = "ecs"

    def run(self, rule: Rule, artifact: Artifact, scene: Scene) -> Sequence[bool]:
        """Whether each event belongs to an alert of the module."""
        return _run(rule, _module(artifact.text, artifact.filename), scene)


class PythonArtifact:
    """The same as an engine that converts by itself: events keep Elastic's names, so that nothing has to be bound."""

    name = "python"

    def run(self, rule: Rule, scene: Scene) -> Sequence[bool]:
        """Whether each event belongs to an alert of the module."""
        return _run(rule, _module(_emitted(rule), f"{rule.source.name}.py"), scene)


def _run(rule: Rule, module: Mapping[str, object], scene: Scene) -> Sequence[bool]:
    numbers = {id(event): i for i, event in enumerate(scene.events)}
    found = [alert["events"] for alert in _alerts(rule, scene, module)]
    return membership(((numbers[id(event)] for event in events) for events in found), len(scene.events))


def _alerts(rule: Rule, scene: Scene, module: Mapping[str, object]) -> Found:
    def call(name: str, *arguments: object) -> Found:
        return cast("Callable[..., Found]", module[name])(*arguments)

    clock = clock_for(rule, scene)
    match rule.detection:
        case Match() | AnyOf():
            matches = cast("Callable[..., bool]", module["matches"])
            return [{"events": [event]} for event in scene.events if matches(event, scene.now)]
        case Threshold():
            return call("groups", scene.events)
        case Sample():
            return call("samples", scene.events)
        case Pipeline():
            return call("alerts", scene.events, scene.now)
        case NewTerms():
            return call("new_terms", scene.events, clock.window, scene.now)
        case IndicatorMatch():
            return _fed(module, scene.events, scene.indicators, scene.now)
        case _:
            timed = [(at, i) for i, event in enumerate(scene.events) if (at := clock.ordinal(event)) is not None]
            return _fed(module, [scene.events[i] for _, i in sorted(timed)])


def _fed(module: Mapping[str, object], events: Iterable[object], *arguments: object) -> Found:
    """What the module's Matcher finds in a stream and at its end."""
    matcher = cast("Callable[..., _Matcher]", module["Matcher"])(*arguments)
    return [alert for event in events for alert in matcher.feed(event)] + matcher.flush()


@functools.lru_cache(maxsize=8)
def _emitted(rule: Rule) -> str:
    """The text of the module."""
    try:
        target = registry.load("python")
    except EmitError as error:
        raise CannotJudgeError(str(error)) from error
    emission = target.emit(Bound.everywhere(rule, Binding()), Options())
    for diagnostic in emission.diagnostics:
        if diagnostic.severity is Severity.ERROR:
            raise CannotJudgeError(f"refused: {diagnostic.code} {diagnostic.message}")
    return emission.text


@functools.lru_cache(maxsize=8)
def _module(text: str, name: str) -> Mapping[str, object]:
    """The names that the text defines."""
    names: dict[str, object] = {"__name__": "artifact"}
    try:
        exec(compile(text, name, "exec"), names)  # noqa: S102 - what we emitted, or a file that its user names
    except Exception as error:
        raise CannotJudgeError(f"python: {type(error).__name__}: {str(error)[:80]}") from error
    return names
