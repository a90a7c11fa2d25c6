"""Who can judge events: the reference evaluator, the emitted Python module, and whatever a caller adds."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, cast

from converter.diagnostics import Severity
from converter.diagnostics.errors import EmitError
from converter.model.predicate import Compare
from converter.model.rule import AnyOf, IndicatorMatch, Match, NewTerms, Rule, Sample, Threshold
from converter.model.value import Now
from converter.model.walk import leaves
from converter.proof.staging import Scene
from converter.reference import Clock, alerts, clock_of
from converter.target import registry
from converter.target.contract import Binding, Bound, Options


class CannotJudgeError(Exception):
    """The engine has no verdict on this rule or scene; the text says why."""


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


class PythonArtifact:
    """The target `python`, executed from its emitted source."""

    name = "python"

    def run(self, rule: Rule, scene: Scene) -> Sequence[bool]:
        """Whether each event belongs to an alert of the module."""
        module = _module(rule)
        numbers = {id(event): i for i, event in enumerate(scene.events)}
        found = [alert["events"] for alert in self._alerts(rule, scene, module)]
        return membership(((numbers[id(event)] for event in events) for events in found), len(scene.events))

    def _alerts(self, rule: Rule, scene: Scene, module: Mapping[str, object]) -> list[Mapping[str, Iterable[object]]]:
        def call(name: str, *arguments: object) -> list[Mapping[str, Iterable[object]]]:
            return cast("Callable[..., list[Mapping[str, Iterable[object]]]]", module[name])(*arguments)

        clock = clock_for(rule, scene)
        match rule.detection:
            case Match() | AnyOf():
                matches = cast("Callable[..., bool]", module["matches"])
                return [{"events": [event]} for event in scene.events if matches(event, scene.now)]
            case Threshold():
                return call("groups", scene.events)
            case Sample():
                return call("samples", scene.events)
            case NewTerms():
                return call("new_terms", scene.events, clock.window, scene.now)
            case IndicatorMatch():
                return self._looked_up(rule.detection, scene, module)
            case _:
                timed = [(at, i) for i, event in enumerate(scene.events) if (at := clock.ordinal(event)) is not None]
                return self._fed(module, [scene.events[i] for _, i in sorted(timed)])

    def _looked_up(
        self, detection: IndicatorMatch, scene: Scene, module: Mapping[str, object]
    ) -> list[Mapping[str, Iterable[object]]]:
        takes_now = "now" in inspect.signature(cast("Callable[..., object]", module["Matcher"])).parameters
        if takes_now:
            return self._fed(module, scene.events, scene.indicators, scene.now)
        compared = (leaf.value for leaf in leaves(detection.indicators) if isinstance(leaf, Compare))
        if any(isinstance(value, Now) for value in compared):
            raise CannotJudgeError("the module looks indicators up at the present moment only")
        return self._fed(module, scene.events, scene.indicators)

    @staticmethod
    def _fed(
        module: Mapping[str, object], events: Iterable[object], *arguments: object
    ) -> list[Mapping[str, Iterable[object]]]:
        """What the module's Matcher finds in a stream and at its end."""
        matcher = cast("Callable[..., _Matcher]", module["Matcher"])(*arguments)
        return [alert for event in events for alert in matcher.feed(event)] + matcher.flush()


class _Matcher(Protocol):
    def feed(self, event: object) -> list[Mapping[str, Iterable[object]]]: ...

    def flush(self) -> list[Mapping[str, Iterable[object]]]: ...


@functools.lru_cache(maxsize=8)
def _module(rule: Rule) -> Mapping[str, object]:
    """The names of the emitted module."""
    try:
        target = registry.load("python")
    except EmitError as error:
        raise CannotJudgeError(str(error)) from error
    emission = target.emit(Bound(rule, (Binding(),)), Options())
    for diagnostic in emission.diagnostics:
        if diagnostic.severity is Severity.ERROR:
            raise CannotJudgeError(f"refused: {diagnostic.code} {diagnostic.message}")
    names: dict[str, object] = {"__name__": "artifact"}
    exec(compile(emission.text, f"{rule.source.name}.py", "exec"), names)  # noqa: S102 - what we just emitted
    return names
