"""Scenes of thresholds, new terms and indicators: at the limit, just below, spoilt, and arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from converter.model import rule
from converter.model.rule import IndicatorMatch, NewTerms, Threshold
from converter.proof.example import NOW
from converter.proof.staging import VARIANTS, Made, Scene, at_time, joining, keyed, value, without
from converter.proof.witness import matching, witnesses
from converter.reference import matches

_LARGEST = 2_000  # events of one scene; a threshold above is not tried


def threshold_scenes(detection: Threshold) -> Iterator[Scene]:
    """Groups of exactly the number asked for, one less, one spoilt; distinct values at their limit and below."""
    distinct = detection.distinct
    least, values = max(1, detection.at_least), distinct.at_least if distinct else 0
    count = max(least, values)
    base = matching(detection.where)
    if base is None or count > _LARGEST:
        return
    group = [keyed(detection.where, base, detection.group_by, choice) for choice in (0, 1)]

    def rows(number: int, different: int, event: Made = group[0]) -> list[Made]:
        """`number` events of a group with `different` values of the distinct field."""
        if distinct is None:
            return [event] * number
        path = distinct.field.path
        allowed = [value(detection.where, event, distinct.field, i) for i in range(max(1, min(number, different)))]
        return [{**event, path: allowed[i % len(allowed)]} for i in range(number)]

    def scene(name: str, events: Iterable[Made]) -> Scene:
        return Scene(name, tuple(at_time(event, NOW - 1_000 - i) for i, event in enumerate(events)))

    enough = rows(count, values or 1)
    yield scene("at the limit", enough)
    yield scene("one less", enough[:-1])
    yield scene("two groups", [*enough, *rows(count, values or 1, group[1])])
    yield scene("split over two groups", [*enough[: count // 2], *rows(count - count // 2, values, group[1])])
    if distinct is not None:
        yield scene("enough events, one value less", rows(count + 1, values - 1))
        yield scene("one event lacks the distinct field", [*enough[:-1], without(enough[-1], distinct.field.path)])
        if distinct.field.many and values > 1:
            both = [row[distinct.field.path] for row in rows(2, 2)]
            spread = [{**enough[0], distinct.field.path: both}, *enough[2:]]
            yield scene("one event holds two values", spread)
            yield scene("and one event more", [*spread, enough[-1]])
    for one in detection.group_by:
        yield scene(f"one event lacks {one.path}", [*enough[:-1], without(enough[-1], one.path)])
        yield scene(f"no event has {one.path}", [without(event, one.path) for event in enough])
        if one.many:
            both = [group[0].get(one.path), group[1].get(one.path)]
            yield scene(f"one event is in two groups of {one.path}", [*enough[:-1], {**enough[-1], one.path: both}])
            yield scene(
                f"the same value twice in {one.path}", [{**e, one.path: [e.get(one.path)] * 2} for e in enough[:-1]]
            )
    spoilt = [event for event in witnesses(detection.where, 40) if not matches(detection.where, event, NOW)]
    for event in spoilt[:VARIANTS]:
        other = joining(detection.where, event, detection.group_by, group[0])
        yield scene("one event does not match", [*enough[:-1], {**other, **_entry(distinct, enough[-1])}])
    for event in witnesses(detection.where, 40)[:VARIANTS]:
        other = joining(detection.where, event, detection.group_by, group[0])
        yield scene("one event is another witness", [*enough[:-1], {**other, **_entry(distinct, enough[-1])}])
    yield scene("nothing", [])


def _entry(distinct: rule.Distinct | None, event: Made) -> Made:
    return {distinct.field.path: event[distinct.field.path]} if distinct else {}


def new_terms_scenes(detection: NewTerms, window_ms: int) -> Iterator[Scene]:
    """Terms seen in the window only, before, at the edges, in arrays; fields missing; events that do not match."""
    base = matching(detection.where)
    if base is None:
        return
    start, oldest = NOW - window_ms, NOW - detection.history_ms
    old, new = (keyed(detection.where, base, detection.fields, choice) for choice in (0, 1))
    inside, before = NOW - 1_000, (start + oldest) // 2

    def scene(name: str, *timed: tuple[int, Made]) -> Scene:
        return Scene(name, tuple(at_time(event, ms) for ms, event in timed))

    yield scene("only in the window", (inside, old))
    yield scene("seen before", (before, old), (inside, old))
    yield scene("one seen before, one new", (before, old), (inside, old), (inside, new))
    yield scene("twice in the window", (inside, old), (inside - 5, old))
    for name, edge in (("history", oldest), ("window", start)):
        for step in (-1, 0, 1):
            yield scene(f"seen at {name} start {step:+d} ms", (edge + step, old), (inside, old))
            yield scene(f"seen once at {name} start {step:+d} ms", (edge + step, old))
    for one in detection.fields:
        lacking = without(old, one.path)
        yield scene(f"no {one.path}", (inside, lacking))
        yield scene(f"seen before without {one.path}", (before, lacking), (inside, old))
        mixed = {**old, one.path: new.get(one.path)}
        yield scene(f"known values in a new combination by {one.path}", (before, old), (before, new), (inside, mixed))
        if one.many:
            both = {**old, one.path: [old.get(one.path), new.get(one.path)]}
            yield scene(f"an array in {one.path} of known and new", (before, old), (inside, both))
            yield scene(f"an array in {one.path} seen before", (before, both), (inside, old), (inside, new))
        held = old.get(one.path)
        if isinstance(held, str):
            yield scene(f"{one.path} in other case", (before, {**old, one.path: held.swapcase()}), (inside, old))
    for event in witnesses(detection.where, 60)[3:60:7]:
        other = joining(detection.where, event, detection.fields, old)
        yield scene("a witness in the history", (before, other), (inside, old))
        yield scene("a witness in the window", (inside, other))


def indicator_scenes(detection: IndicatorMatch) -> Iterator[Scene]:
    """Events listed and not; fields missing on either side, several values, halves of an and."""
    base, document = matching(detection.where), matching(detection.indicators)
    if base is None or document is None:
        return
    for pairs in detection.any_of:
        fields = [pair.field for pair in pairs]
        event = keyed(detection.where, base, fields)
        other = keyed(detection.where, base, fields, 1)
        entry = {**document, **{pair.indicator.path: event.get(pair.field.path) for pair in pairs}}
        yield from _indicator_slips(detection, pairs, [event, other], entry)


def _indicator_slips(
    detection: IndicatorMatch, pairs: tuple[rule.Pair, ...], events: list[Made], entry: Made
) -> Iterator[Scene]:
    event = events[0]

    def scene(name: str, seen: Iterable[Made], *documents: Made) -> Scene:
        return Scene(name, tuple(at_time(one, NOW - 1_000 - i) for i, one in enumerate(seen)), tuple(documents))

    yield scene("one of two events is listed", events, entry)
    yield scene("nothing is listed", events)
    for pair in pairs:
        held = event.get(pair.field.path)
        yield scene(f"the indicator lacks {pair.indicator.path}", events, without(entry, pair.indicator.path))
        two = [held, events[1].get(pair.field.path)]
        yield scene("the indicator has two values", events, {**entry, pair.indicator.path: two})
        yield scene(f"the event lacks {pair.field.path}", [without(event, pair.field.path)], entry)
        if isinstance(held, str):
            yield scene("other case", [{**event, pair.field.path: held.swapcase()}], entry)
        if pair.field.many:
            yield scene("the event has two values", [{**event, pair.field.path: ["decoy", held]}], entry)
    if len(pairs) > 1:
        halves = [without(entry, pair.indicator.path) for pair in pairs]
        yield scene("two indicators hold half each", events, *halves)
    for slip in witnesses(detection.indicators, 12):
        documents = {**slip, **{pair.indicator.path: event.get(pair.field.path) for pair in pairs}}
        yield scene("another indicator document", events, documents)
    for slip in witnesses(detection.where, 24)[::3]:
        yield scene("another witness", [joining(detection.where, slip, [pair.field for pair in pairs], event)], entry)
