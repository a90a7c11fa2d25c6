"""Events that tell a right artifact from a wrong one, made from a predicate.

For each leaf: an event that matches by way of it, then events that differ in that leaf's field only: missing, null,
empty, an array with a decoy on either side, other case, boundary values and their neighbours, lookalikes. Nothing is
claimed about them here; the evaluator gives the verdict. The same predicate always gives the same events.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping

from converter.model.predicate import Element, Holds, Predicate
from converter.model.value import Field, Kind
from converter.proof.example import NOW, any_values, examples, iso, near, script_values
from converter.proof.solve import (
    Content,
    Flat,
    Node,
    as_object,
    element_objects,
    event_of,
    fields_of,
    fill,
    nodes,
    solve,
)
from converter.reference.predicate import matches

LIMIT = 120
"""How many events a predicate gives unless asked otherwise."""

_DECOY = {
    Kind.KEYWORD: "decoy",
    Kind.TEXT: "a decoy text",
    Kind.LONG: 987_654_321,
    Kind.DOUBLE: 98765.25,
    Kind.BOOLEAN: False,
    Kind.IP: "203.0.113.77",
    Kind.DATE: "1999-12-31T23:59:59.999Z",
}


def witnesses(predicate: Predicate, limit: int = LIMIT) -> list[dict[str, object]]:
    """At most `limit` different events, those that match by way of each leaf first."""
    sources = [_of_node(predicate, path, node) for path, node in nodes(predicate)]
    found: dict[str, dict[str, object]] = {}
    for event in itertools.chain(_plain(predicate), _in_turn(sources)):
        stamped = {"@timestamp": iso(NOW - 1_000), **event}
        found.setdefault(json.dumps(stamped, sort_keys=True), stamped)
        if len(found) >= limit:
            break
    return list(found.values())


def matching(predicate: Predicate) -> dict[str, object] | None:
    """One event that matches, or None if none was found."""
    found = solve(predicate)
    return None if found is None else event_of(found)


def _plain(predicate: Predicate) -> Iterator[dict[str, object]]:
    """A matching event with dotted and with nested names, and the empty event."""
    found = matching(predicate)
    if found is not None:
        yield found
        yield nested(found)
    yield {}


def _in_turn(sources: list[Iterator[dict[str, object]]]) -> Iterator[dict[str, object]]:
    """One event of each source, then the next of each, until all are at their end."""
    while sources:
        left = []
        for source in sources:
            event = next(source, None)
            if event is not None:
                yield event
                left.append(source)
        sources = left


def nested(event: Mapping[str, object]) -> dict[str, object]:
    """The event with objects in place of dotted names."""
    out: dict[str, object] = {}
    for path, value in event.items():
        *outer, last = path.split(".")
        place: dict[str, object] = out
        for name in outer:
            inner = place.setdefault(name, {})
            if not isinstance(inner, dict):
                return dict(event)  # a name is a value and an object at once
            place = inner
        if last in place:
            return dict(event)
        place[last] = value
    return out


def _of_node(predicate: Predicate, path: tuple[int, ...], node: Node) -> Iterator[dict[str, object]]:
    """The events of one leaf: matching by way of it, then each variation of its fields."""
    base = solve(predicate, path) or solve(predicate) or {}
    yield event_of(base)
    if isinstance(node, Holds):
        # A script over several fields turns only when they change together; vary it from where it holds.
        base = {**base, **(fill([(node, True)]) or {})}
        yield event_of(base)
    streams = [(field, _contents(node, field, base)) for field in fields_of(node)]
    for field, contents in streams:
        for content in contents:
            yield {**event_of(base), **_entry(field.path, content)}
    yield from _split(base)


def _entry(path: str, content: object) -> dict[str, object]:
    """A content that is no tuple stands as it is: null, [] and [null] are said in more than one way."""
    if isinstance(content, tuple):
        return {path: content[0] if len(content) == 1 else list(content)}
    return {path: content}


def _contents(node: Node, field: Field, base: Flat) -> Iterator[object]:
    """What to put in the field in place of what `base` has."""
    if isinstance(node, Element):
        yield from _arrays(node)
        return
    value = _satisfying(node, field, base)
    yield None
    if value is not None:
        yield (value,)
        slips = list(dict.fromkeys(near(node, value))) if isinstance(value, (str, int, float)) else []
        yield from ((slip,) for slip in slips[:3])
        if field.many:
            yield (_DECOY[field.kind], value)
            yield (value, _DECOY[field.kind])
        yield from ((slip,) for slip in slips[3:])
        if not isinstance(node, Holds):
            yield from ((one,) for one in itertools.islice(examples(node), 24))
        if field.many:
            yield [None, value]
            yield (value, "")
            yield from ((_DECOY[field.kind], slip) for slip in slips[:2])
    yield []
    yield [None]
    yield (_DECOY[field.kind],)
    yield from ((one,) for one in any_values(field.kind))
    if field.kind in (Kind.LONG, Kind.DOUBLE) and value is not None:
        yield (str(value),)
    if isinstance(node, Holds):
        yield from ((one,) for one in itertools.islice(script_values(node.call), 24))


def _satisfying(node: Node, field: Field, base: Flat) -> object | None:
    """A value of the field that satisfies the leaf: the one that `base` has, or an example."""
    content: Content = base.get(field.path, ())
    candidates: Iterable[object] = () if isinstance(node, (Element, Holds)) else examples(node)
    for value in itertools.chain(content, candidates):
        if matches(node, {**event_of(base), field.path: value}, NOW):
            return value
    return content[0] if content else None


def _arrays(node: Element) -> Iterator[object]:
    """Arrays of objects: one that satisfies, with a decoy, its values spread over two objects, each leaf broken."""
    objects = list(element_objects(node))
    yield None
    for one in objects[:1]:
        names = list(one)
        yield [one]
        yield [dict.fromkeys(names, "decoy"), one]
        if len(names) > 1:
            yield [{names[0]: one[names[0]]}, {name: one[name] for name in names[1:]}]
            yield [{name: one[name]} for name in names]
    yield from ([one] for one in objects[1:])
    yield []
    yield [None]
    yield [{}]
    inner = _in_turn([_of_node(node.term, path, leaf) for path, leaf in nodes(node.term)])
    for event in inner:
        flat: Flat = {path: tuple(value) if isinstance(value, list) else (value,) for path, value in event.items()}
        yield [as_object(node, flat)]


def _split(base: Flat) -> Iterator[dict[str, object]]:
    """Fields of one parent as an array of objects, one field an object (rule K19: the pairing is lost)."""
    by_parent: dict[str, list[str]] = {}
    for path, content in base.items():
        parent, _, name = path.rpartition(".")
        if parent and name and content:
            by_parent.setdefault(parent, []).append(path)
    for parent, paths in by_parent.items():
        if len(paths) > 1:
            rest = {path: content for path, content in base.items() if path not in paths}
            parts = [{path.rpartition(".")[2]: _one(base[path])} for path in paths]
            yield {**event_of(rest), parent: parts}


def _one(content: Content) -> object:
    return content[0] if len(content) == 1 else list(content)


def judged(predicate: Predicate, events: Iterable[Mapping[str, object]]) -> list[bool]:
    """The evaluator's verdict on each event, at the moment that witnesses are made for."""
    return [matches(predicate, event, NOW) for event in events]
