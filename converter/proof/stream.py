"""Scenes of sequences and samples: order, maxspan, keys, missing events, until, and mixtures of it all."""

from __future__ import annotations

import functools
import itertools
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from converter.model import rule
from converter.model.rule import Step
from converter.model.value import Field
from converter.proof.example import NOW
from converter.proof.staging import KEYS, VARIANTS, Made, Scene, at_time, candidates, joining, without
from converter.proof.witness import matching, witnesses
from converter.reference import matches


@dataclass(frozen=True, slots=True)
class _Cast:
    """The events of a sequence: for each step an event of either key, near misses, and the time between steps."""

    steps: tuple[Step, ...]
    until: Step | None
    gap: int
    span: int

    def event(self, step: Step, choice: int = 0) -> Made:
        """An event that the step matches, with key number `choice`."""
        keys = _shared_keys(tuple(s for s in self.steps if not s.missing), choice)
        paths = (key.field.path for key in step.by)
        return {**(matching(step.where) or {}), **dict(zip(paths, keys, strict=False))}

    def line(self, choice: int = 0, start: int = 0) -> list[tuple[int, Made]]:
        """One event a positive step, in order, `gap` apart."""
        positive = [step for step in self.steps if not step.missing]
        return [(start + i * self.gap, self.event(step, choice)) for i, step in enumerate(positive)]


@functools.lru_cache(maxsize=64)
def _shared_keys(steps: tuple[Step, ...], choice: int) -> tuple[object, ...]:
    """A value for each key position with which every step still matches, as far as there is one."""
    events = [dict(matching(step.where) or {}) for step in steps]
    out: list[object] = []
    for position in range(min(len(step.by) for step in steps)):
        fields = [step.by[position].field for step in steps]
        tried: list[object] = []
        for step, field, event in zip(steps, fields, events, strict=True):
            found = candidates(step.where, field, choice)
            tried = [*tried, *found, event[field.path]] if field.path in event else [*tried, *found]
        chosen = next((one for one in tried if _suits(one, steps, fields, events)), tried[0])
        out.append(chosen)
        for event, field in zip(events, fields, strict=True):
            event[field.path] = chosen
    return tuple(out)


def _suits(value: object, steps: Iterable[Step], fields: Iterable[Field], events: Iterable[Made]) -> bool:
    parts = zip(steps, fields, events, strict=True)
    return all(matches(step.where, {**event, field.path: value}, NOW) for step, field, event in parts)


def sequence_scenes(sequence: rule.Sequence) -> Iterator[Scene]:
    """Streams on either side of every rule of sequences, one kind after the other."""
    steps = tuple(step for step in sequence.steps for _ in range(step.runs))
    span = sequence.maxspan_ms or 60_000
    cast = _Cast(steps, sequence.until, max(1, span // (2 * len(steps))), span)
    groups: list[Iterator[tuple[str, list[tuple[int, Made]]]]] = [
        _orders(cast),
        _limits(cast),
        _key_slips(cast),
        _missing_slips(cast),
        _until_slips(cast),
        _step_slips(cast),
        _mixtures(cast),
    ]
    for name, timed in itertools.chain.from_iterable(itertools.zip_longest(*groups, fillvalue=("", []))):
        if timed:
            yield _placed(name, timed)


def _placed(name: str, timed: Sequence[tuple[int, Made]]) -> Scene:
    """Events at offsets from a start shortly before now; the stream ends with an event that nothing asks for."""
    last = max(offset for offset, _ in timed)
    base = NOW - 1_000 - last
    return Scene(name, tuple(at_time(event, base + offset) for offset, event in sorted(timed, key=lambda one: one[0])))


def _orders(cast: _Cast) -> Iterator[tuple[str, list[tuple[int, Made]]]]:
    line = cast.line()
    yield "in order", line
    yield "backwards", [(line[-1 - i][0], event) for i, (_, event) in enumerate(line)]
    yield "all at once", [(0, event) for _, event in line]
    yield "first step twice", [line[0], (1, line[0][1]), *((2 + at, e) for at, e in line[1:])]
    yield "last step twice", [*line, (line[-1][0] + 1, line[-1][1])]
    yield "every step twice", [pair for at, e in line for pair in ((2 * at, e), (2 * at + 1, e))]
    yield "twice over", [*line, *((line[-1][0] + 1 + at, e) for at, e in line)]
    yield "interleaved with another key", [*line, *((at + 1, e) for at, e in cast.line(1))]
    for i in range(min(len(line), VARIANTS)):
        yield f"without step {i + 1}", [one for j, one in enumerate(line) if j != i]


def _limits(cast: _Cast) -> Iterator[tuple[str, list[tuple[int, Made]]]]:
    line = cast.line()
    if len(line) < 2:  # noqa: PLR2004
        return
    for name, last in (("just inside maxspan", cast.span), ("just over maxspan", cast.span + 1)):
        yield name, [*line[:-1], (last, line[-1][1])]
    early = (0, line[0][1])
    yield "a first event too early, then another", [early, *((cast.span + at, e) for at, e in line)]
    yield "only the first of two is within maxspan", [early, (cast.span, line[0][1]), (cast.span + 1, line[-1][1])]


def _key_slips(cast: _Cast) -> Iterator[tuple[str, list[tuple[int, Made]]]]:
    line, other = cast.line(), cast.line(1)
    positive = [step for step in cast.steps if not step.missing]
    for i in reversed(range(min(len(line), VARIANTS))):
        if not positive[i].by:
            continue
        yield f"step {i + 1} has another key", [*line[:i], (line[i][0], other[i][1]), *line[i + 1 :]]
        for key in positive[i].by:
            path = key.field.path
            yield f"step {i + 1} lacks {path}", [*line[:i], (line[i][0], without(line[i][1], path)), *line[i + 1 :]]
            value = line[i][1].get(path)
            if isinstance(value, str):
                changed = {**line[i][1], path: value.swapcase()}
                yield f"step {i + 1} has {path} in other case", [*line[:i], (line[i][0], changed), *line[i + 1 :]]
            if key.field.many and value is not None:
                both = {**line[i][1], path: [value, KEYS[key.field.kind][1]]}
                yield f"step {i + 1} has two values of {path}", [*line[:i], (line[i][0], both), *line[i + 1 :]]
    optional = [key.field.path for step in positive for key in step.by if key.optional]
    if optional:
        yield (
            "no step has the optional keys",
            [(at, {k: v for k, v in e.items() if k not in optional}) for at, e in line],
        )


def _missing_slips(cast: _Cast) -> Iterator[tuple[str, list[tuple[int, Made]]]]:
    line = cast.line()
    end = line[-1][0]
    for step in dict.fromkeys(step for step in cast.steps if step.missing):
        for name, choice in (("", 0), (" of another key", 1)):
            event = cast.event(step, choice)
            places = [
                *((at + 1, "after a step") for at, _ in line),
                (0, "with the first step"),
                (end, "with the last step"),
            ]
            places += [(cast.span, "maxspan after the first"), (cast.span + 1, "past maxspan"), (-1, "just before")]
            places += [(end - cast.span, "maxspan before the last"), (end - cast.span - 1, "before that")]
            for at, place in places:
                shift = min(at, 0)
                yield f"a missing event{name} {place}", [*((a - shift, e) for a, e in line), (at - shift, event)]


def _until_slips(cast: _Cast) -> Iterator[tuple[str, list[tuple[int, Made]]]]:
    if cast.until is None:
        return
    line = cast.line()
    for choice in (0, 1):
        event = cast.event(cast.until, choice)
        for at in (0, 1, line[-1][0] - 1, line[-1][0], line[-1][0] + 1):
            yield f"until of key {choice + 1} at {at}", [*line, (max(at, 0), event)]


def _step_slips(cast: _Cast) -> Iterator[tuple[str, list[tuple[int, Made]]]]:
    """Each step's event replaced by one of its witnesses, whether that matches or not."""
    line = cast.line()
    positive = [step for step in cast.steps if not step.missing]
    pools = [witnesses(step.where, 8 * VARIANTS)[1::VARIANTS] for step in positive]
    for events in itertools.zip_longest(*pools):
        for i, event in enumerate(events):
            if event is not None:
                changed = joining(positive[i].where, event, (key.field for key in positive[i].by), line[i][1])
                yield f"step {i + 1} replaced", [*line[:i], (line[i][0], changed), *line[i + 1 :]]


def _mixtures(cast: _Cast) -> Iterator[tuple[str, list[tuple[int, Made]]]]:
    """Longer streams of all the events in no order, always the same."""
    rng = random.Random(len(cast.steps) * 1_000_003 + cast.span)  # noqa: S311 - reproducible, no secret
    pool = [cast.event(step, choice) for step in cast.steps for choice in (0, 0, 1)]
    if cast.until is not None:
        pool.append(cast.event(cast.until))
    for number in range(16):
        at, timed = 0, []
        for _ in range(rng.randint(len(cast.steps) + 1, 2 * len(cast.steps) + 6)):
            at += rng.choice((0, 1, cast.gap // 2, cast.gap, cast.gap, cast.span // 2))
            timed.append((at, rng.choice(pool)))
        yield f"mixture {number + 1}", timed


def sample_scenes(steps: tuple[Step, ...]) -> Iterator[Scene]:
    """One event a step in any order, keys wrong and missing, one event for all steps."""
    cast = _Cast(tuple(step for step in steps for _ in range(step.runs)), None, 1_000, 60_000)
    groups = (_orders(cast), _key_slips(cast), _step_slips(cast))
    for name, timed in itertools.chain.from_iterable(itertools.zip_longest(*groups, fillvalue=("", []))):
        if timed:
            yield _placed(name, timed)
    line = cast.line()
    yield _placed("one event for every step", [(0, {k: v for _, event in line for k, v in event.items()})])
