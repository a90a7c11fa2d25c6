"""The smallest scene that still divides two engines."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping

from converter.proof.staging import Scene

_ROUNDS = 400
"""How many smaller scenes are tried at most."""


def minimise(scene: Scene, divides: Callable[[Scene], bool]) -> Scene:
    """Leave out events, fields and array members and shorten texts, as long as the scene still `divides`."""
    left = _ROUNDS
    smaller = True
    while smaller and left > 0:
        smaller = False
        for candidate in _smaller(scene):
            left -= 1
            if divides(candidate):
                scene, smaller = candidate, True
                break
            if left <= 0:
                break
    return scene


def _smaller(scene: Scene) -> Iterator[Scene]:
    """Every scene one step smaller, the boldest steps first."""
    events = scene.events
    for size in (len(events) // 2, len(events) // 4, 1):
        if size and len(events) > 1:
            for start in range(0, len(events), size):
                rest = events[:start] + events[start + size :]
                if rest:
                    yield dataclasses.replace(scene, events=rest)
    for i in range(len(scene.indicators)):
        yield dataclasses.replace(scene, indicators=scene.indicators[:i] + scene.indicators[i + 1 :])
    for i, event in enumerate(events):
        for changed in _reduced(event):
            yield dataclasses.replace(scene, events=(*events[:i], changed, *events[i + 1 :]))


def _reduced(event: Mapping[str, object]) -> Iterator[dict[str, object]]:
    """The event without a field, or with a smaller value in one."""
    for name in event:
        yield {other: value for other, value in event.items() if other != name}
    for name, value in event.items():
        for less in _less(value):
            yield {**event, name: less}


def _less(value: object) -> Iterator[object]:
    if isinstance(value, str):
        half = len(value) // 2
        if half:
            yield from (value[half:], value[:half])
        if value:
            yield from (value[1:], value[:-1])
    elif isinstance(value, (list, tuple)):
        if len(value) == 1:
            yield value[0]
        for i in range(len(value)):
            yield [*value[:i], *value[i + 1 :]]
        for i, one in enumerate(value):
            for less in _less(one):
                yield [*value[:i], less, *value[i + 1 :]]
    elif isinstance(value, Mapping):
        yield from _reduced(value)
